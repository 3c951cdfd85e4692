"""Kestrel's dossier, released to post R2, where Elise sits; written straight into the register."""

from __future__ import annotations

import hashlib

import pytest

from fiction.ground import Ground
from fiction.story import Story, as_
from relocation.journey.facts import Lodged
from relocation.models import Application, Case, Paper, Stage
from relocation.paperwork.code import new_code

FILE = b"%PDF-1.7 sealed, and not to be read"


def put_dossier(story: Story, application: Application, version: int = 1, code: str = "") -> Paper:
    """A finished dossier in the register, as a worker leaves it."""
    with as_(story.ground["vera"]) as vera:
        paper = Paper(
            case_id=story.case_id, by=vera, kind="dossier", version=version, state="ready", about=application.pk,
            body=FILE, recipient=application.post.name, sha256=hashlib.sha256(FILE).digest(),
            code_digest=hashlib.sha256((code or new_code()).encode()).digest(),
        )  # fmt: skip
        paper.save(force_insert=True)
    return paper


def lodge(story: Story) -> Story:
    """Vera registers that the post has the dossier."""
    story.step("lodge", "vera", facts=Lodged(story.application().pk, receipt="receipt 2211"))
    return story


@pytest.fixture
def applying(referred: Case, ground: Ground) -> Story:
    """Kestrel, whose application to R2 is complete; she waits in a place of her own."""
    story = Story(ground, referred.pk).to(Stage.ACCEPTED)
    story.document()
    story.apply()
    return story


@pytest.fixture
def dossier(applying: Story) -> Paper:
    """The first version, released to R2."""
    paper = put_dossier(applying, applying.application())
    applying.release_dossier(paper)
    return paper


@pytest.fixture
def lodged(applying: Story, dossier: Paper) -> Story:
    """Released, and registered as lodged."""
    return lodge(applying)

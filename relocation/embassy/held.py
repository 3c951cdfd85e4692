"""A dossier as an officer holds it: the paper, the application that it is for, and until when access lasts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from relocation.embassy.refusals import Closed
from relocation.models import Account, Application, ApplicationState, Case, CaseGrant, Message, Paper, Part
from relocation.safety import access
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied

DECIDED = (ApplicationState.GRANTED, ApplicationState.REFUSED, ApplicationState.LAPSED)


class Turn(models.TextChoices):
    """Whose turn it is with a dossier, or how it ended."""

    NEW = "new", _("new")
    YOURS = "yours", _("waiting on you")
    REGISTERING = "registering", _("being registered by us")
    OURS = "ours", _("waiting on us")
    GRANTED = "granted", _("visa granted")
    REFUSED = "refused", _("refused")
    LAPSED = "lapsed", _("ran out unused")


TONES = {Turn.NEW: "is-note", Turn.YOURS: "is-due", Turn.GRANTED: "is-ok"}


@dataclass(frozen=True)
class Dossier:
    """One dossier in force. `ends` (UTC) is when the officer's access ends."""

    paper: Paper
    application: Application
    ends: datetime
    asked_last: bool = False

    @property
    def id(self) -> UUID:
        return self.paper.pk

    @property
    def case_id(self) -> UUID:
        return self.paper.case_id

    @property
    def turn(self) -> Turn:
        """Whose turn it is."""
        if self.application.state in DECIDED:
            return Turn(self.application.state)
        if self.application.acknowledged_at is None:
            return Turn.NEW
        if self.application.state != ApplicationState.LODGED:
            return Turn.REGISTERING
        return Turn.OURS if self.asked_last else Turn.YOURS

    @property
    def tone(self) -> str:
        """The colour of the state, beside its word."""
        return TONES.get(self.turn, "")

    @property
    def may_be_answered(self) -> bool:
        """Whether a question or a decision can be recorded."""
        return bool(self.application.state == ApplicationState.LODGED)

    @property
    def sha256(self) -> str:
        """Of the file as it left, in hexadecimal."""
        return bytes(self.paper.sha256 or b"").hex()

    @property
    def file_name(self) -> str:
        """Says whose file it is to the post and to nobody else."""
        return f"{self.application.reference}-v{self.paper.version}.pdf"


def held(by: Account) -> list[Dossier]:
    """Every dossier in force that `by` may open now, in the order in which they came."""
    grants = access.grants(by, "post.own")
    ends = dict(grants.values_list("scope", "expires_at"))
    papers = Paper.objects.filter(
        pk__in=ends, case__in=grants.values("content_object_id"), kind=Paper.Kind.DOSSIER, state=Paper.State.READY
    )
    by_paper = {application.dossier_id: application for application in _applications(by, ends)}
    found = [_dossier(paper, by_paper[paper.pk], ends[paper.pk]) for paper in papers if paper.pk in by_paper]
    return sorted(found, key=lambda dossier: dossier.application.released_at or dossier.paper.at)


def find(paper_id: UUID, *, by: Account) -> Dossier:
    """The dossier as it stands. Raises `Closed` where `by` held it once, else `Denied` where there is none."""
    all_held = held(by)
    dossier = next((one for one in all_held if one.id == paper_id), None)
    if dossier is None:
        raise _closed(paper_id, all_held, by) or Denied(paper_id, "dossier.open", by.pk)
    return dossier


def version_of(dossier: Dossier, by: Account) -> int:
    """The case's version, for the hidden field that keeps two people from overwriting each other."""
    version: int = Case.objects.visible_to(by, "post.own").values_list("version", flat=True).get(pk=dossier.case_id)
    return version


def _closed(paper_id: UUID, all_held: list[Dossier], by: Account) -> Closed | None:
    """A post's officer has at most one dossier of a case in force: the one that replaced what was held before."""
    past = CaseGrant.ever.filter(user=by, scope=paper_id, permission__codename=Role.EMBASSY).first()
    if past is None:
        return None
    newer = (one.id for one in all_held if one.case_id == past.content_object_id)
    return Closed(past.content_object_id, by.pk, next(newer, None))


def _applications(by: Account, papers: Iterable[UUID]) -> QuerySet[Application, Any]:
    """Applications of the officer's own post whose dossier is one of `papers`, with the part of whoever wrote last."""
    last = Message.objects.filter(application=OuterRef("pk")).order_by("-at").values("by__part")[:1]
    own = Application.objects.filter(post=by.post_id, dossier__in=list(papers)).exclude(state=ApplicationState.DROPPED)
    return own.annotate(last_part=Subquery(last))


def _dossier(paper: Paper, application: Any, ends: datetime) -> Dossier:
    return Dossier(paper, application, ends, asked_last=application.last_part == Part.POST)

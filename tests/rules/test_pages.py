"""Every page and every part of one can be read by the template engine, also one that no test opens, and its forms can be sent."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import TemplateSyntaxError
from django.template.loader import get_template

TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.mark.nodb
def test_every_page_can_be_read() -> None:
    broken = {}
    for path in TEMPLATES.rglob("*.html"):
        try:
            get_template(str(path.relative_to(TEMPLATES)))
        except TemplateSyntaxError as why:
            broken[path.name] = str(why)
    assert broken == {}


INCLUDED = re.compile(r"{%\s*include\s+(\S+)([^%]*?)%}")


def included() -> Iterator[tuple[str, str, str]]:
    """Page, what it includes, and what it hands over."""
    for path in TEMPLATES.rglob("*.html"):
        for found in INCLUDED.finditer(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(TEMPLATES)), found[1].strip("'\""), found[2]


def sending() -> set[str]:
    """Parts with a form that is sent, their own or that of a part of theirs; a part that is named by a variable may be any."""
    parts = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html") if "{% csrf_token %}" in path.read_text()}
    while more := {page for page, part, _rest in included() if part in parts} - parts:
        parts |= more
    return parts


@pytest.mark.nodb
def test_a_part_that_sends_a_form_is_handed_its_token() -> None:
    """`only` hands over nothing else, and the test client does not ask for the token, so that no other test would see it."""
    parts = sending()
    dead = [
        (page, part)
        for page, part, rest in included()
        if rest.strip().endswith("only") and "csrf_token=csrf_token" not in rest and (part in parts or not part.endswith(".html"))
    ]
    assert dead == []

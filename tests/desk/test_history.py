"""Whatever the ledger says of a case can be said to people, in their own language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import override

from logistics.models import Passage, Seat
from relocation.desk import history
from relocation.desk.history_words import FAMILIES, THINGS, TRIED, UNNAMED
from relocation.journey.answering import NOTES
from relocation.journey.approvals import MAY_ASK
from relocation.journey.conditions import name_of
from relocation.journey.step import STEPS
from relocation.models import Transfer
from relocation.models.case import OnCase
from relocation.safety.refusal import Refusal
from shelters.models import Stay

pytestmark = pytest.mark.nodb
ROOMS = ("relocation", "shelters", "logistics")
# Codes that are put together from a state: the states that each may end in.
STATES = {
    "stay.": Stay.State,
    "passage.": Passage.State,
    "seat.": Seat.Progress,
    "paper.": ("superseded", "revoked", "ready"),
    "transfer.": Transfer.State,
    "incident.": NOTES,
    "expense.": ("booked", "declined"),
}
LISTED = ("step.", "read.", "reveal.")  # a family speaks for all of these, or a step for itself
# Codes that a door names beforehand and passes on as `what`.
NAMED = ("approval.given", "approval.declined", "household.joined", "household.left", "reveal.identity.surname")


def programs() -> Iterator[ast.Module]:
    for room in ROOMS:
        yield from (ast.parse(path.read_text()) for path in (Path(settings.BASE_DIR) / room).rglob("*.py"))


def firsts() -> Iterator[ast.expr]:
    """The first argument of every `ledger.record`."""
    calls = (node for tree in programs() for node in ast.walk(tree) if isinstance(node, ast.Call))
    yield from (call.args[0] for call in calls if ast.unparse(call.func) == "ledger.record")


def codes() -> Iterator[str]:
    """Every code that a door writes."""
    yield from NAMED
    for first in firsts():
        if isinstance(first, ast.Constant):
            yield str(first.value)
        elif isinstance(first, ast.JoinedStr):
            yield from put_together(first)


def put_together(code: ast.JoinedStr) -> Iterator[str]:
    start = code.values[0]
    if not isinstance(start, ast.Constant):
        return  # "{verb}.{model}": see `verbs`
    prefix = str(start.value)
    if prefix in STATES:
        yield from (f"{prefix}{state}" for state in STATES[prefix])
    elif not prefix.startswith(LISTED):
        yield prefix


def verbs() -> set[str]:
    """What happened to a row, as its door says it."""
    return set(re.findall(r'_recorded\("(\w+)"', (Path(settings.BASE_DIR) / "relocation/journey/recording.py").read_text()))


def said(what: str, detail: str = "") -> str:
    entry = SimpleNamespace(what=what, detail=detail, about=uuid4())
    return history.sentence(entry, {})  # type: ignore[arg-type]


def kinds(of: type[Refusal] = Refusal) -> Iterator[str]:
    yield of.kind
    for below in of.__subclasses__():
        yield from kinds(below)


class TestEveryCodeHasWords:
    def test_of_what_doors_write(self) -> None:
        found = set(codes())
        assert len(found) > 30
        assert {code for code in found if history.pattern_of(code) is UNNAMED} == set()
        assert {verb for verb in verbs() if verb not in FAMILIES} == set()

    def test_of_what_was_refused(self) -> None:
        assert set(kinds()) - set(FAMILIES) - TRIED == set()

    def test_of_every_row_on_a_case(self) -> None:
        rows = {model._meta.model_name for model in apps.get_models() if issubclass(model, OnCase)}
        assert rows - set(THINGS) == set()

    def test_of_every_condition_and_every_question(self) -> None:
        wanted = {name_of(need) for step in STEPS.values() for need in step.needs}
        assert wanted - set(history.CONDITIONS) == set()
        assert set(MAY_ASK) - set(history.QUESTIONS) - set(STEPS) == set()

    def test_and_what_has_none_shows_no_code(self) -> None:
        assert said("surprise.from_elsewhere") == "Something was noted"


class TestEveryWordIsTranslatable:
    @pytest.mark.parametrize(
        "table", [history.SENTENCES, history.QUESTIONS, history.CONDITIONS, FAMILIES, THINGS], ids=["s", "q", "c", "f", "t"]
    )
    def test_none_is_plain_text(self, table: dict[str, object]) -> None:
        assert [code for code, words in table.items() if not isinstance(words, Promise)] == []

    def test_in_russian_no_english_is_left(self) -> None:
        with override("ru"):
            sentences = {said(code) for code in ("check_in", "stay.held", "denied.case", "case.referred")}
        assert [sentence for sentence in sentences if re.search(r"[A-Za-z]", sentence)] == []

    def test_a_row_is_called_by_its_name_and_a_field_by_its_own(self) -> None:
        assert said("record.alarmcontact") == "Recorded: an alarm contact"
        assert said("reveal.identity.given_names") == "Revealed: given names"


class TestWhatIsDoneAgainAndAgain:
    def test_stands_once_with_the_newest_time_and_how_often(self) -> None:
        noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
        looked = [history.Line("Revealed: code phrase", "Otto", noon - timedelta(minutes=m), False) for m in (0, 5, 9)]
        planned = history.Line("A passage was planned", "Vera", noon - timedelta(hours=1), False)
        folded = history._folded([*looked, planned, looked[2]])
        assert [(line.sentence, line.times) for line in folded] == [
            ("Revealed: code phrase", 3), ("A passage was planned", 1), ("Revealed: code phrase", 1),
        ]  # fmt: skip
        assert folded[0].at == noon

"""The people of a wave as its page shows them: the readiness matrix, who is ready, and what holds the others, ranked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.desk.onward import Button
from relocation.journey import readiness
from relocation.journey.readiness import Cell, Column, Mark, Sight
from relocation.journey.silence import shown_standings
from relocation.models import Case, Stage, Standing

GONE = (Stage.TRAVELLING, Stage.RESETTLED)
MOST = 6  # holds; whoever needs more looks at the matrix


@dataclass(frozen=True)
class Square:
    """One cell of the matrix with its column, and the page that mends it, for whoever may."""

    column: Column
    cell: Cell
    url: str

    @property
    def said(self) -> str:
        """The cell in words, for whoever does not see the mark."""
        return str(self.cell.reason or MARKS[self.cell.mark])

    @property
    def css(self) -> str:
        return CSS[self.cell.mark]

    @property
    def sign(self) -> str:
        return SIGNS[self.cell.mark]


SIGNS = {Mark.READY: "✓", Mark.WAITING: "…", Mark.BLOCKED: "!", Mark.NOT_NEEDED: "–", Mark.HIDDEN: "·"}
CSS = {Mark.READY: "is-ok", Mark.WAITING: "is-due", Mark.BLOCKED: "is-stop", Mark.NOT_NEEDED: "", Mark.HIDDEN: ""}


class _Marks(dict[Mark, str]):
    def __missing__(self, mark: Mark) -> str:
        words = {
            Mark.READY: _("ready"),
            Mark.WAITING: _("waiting"),
            Mark.BLOCKED: _("blocked"),
            Mark.NOT_NEEDED: _("not needed"),
            Mark.HIDDEN: _("not yours to see"),
        }
        return words[mark]


MARKS = _Marks()


@dataclass(frozen=True)
class Row:
    """One person of the wave; `shut` says why the way is not open, where it is not."""

    case: Case
    squares: list[Square]
    shut: Standing | None

    @property
    def blocks(self) -> int:
        return sum(square.cell.mark is Mark.BLOCKED for square in self.squares) + (self.shut is not None)

    @property
    def is_gone(self) -> bool:
        return self.case.stage in GONE

    @property
    def mark(self) -> Mark:
        """How the person stands as a whole."""
        if self.is_gone and self.shut is None:
            return Mark.READY
        if self.blocks:
            return Mark.BLOCKED
        return Mark.WAITING if any(square.cell.holds for square in self.squares) else Mark.READY

    @property
    def css(self) -> str:
        return CSS[self.mark]

    @property
    def said(self) -> str:
        """The row's state in a word or two."""
        if self.is_gone and self.shut is None:
            return str(self.case.get_stage_display())
        if self.shut is not None:
            return str(self.shut.label)
        if self.blocks:
            return ngettext("%(n)d block", "%(n)d blocks", self.blocks) % {"n": self.blocks}
        return _("Waiting") if self.mark is Mark.WAITING else _("Ready")


def rows(sight: Sight) -> list[Row]:
    """Everybody whom the account may see, those who are blocked most first; a household stays in one place of its kind."""
    shown, judged = shown_standings(sight.by), readiness.judged(sight)
    found = [_row(case, sight, judged, shown) for case in sight.cases]
    return sorted(found, key=lambda row: (-row.blocks, row.mark is not Mark.WAITING))


def _row(case: Case, sight: Sight, judged: Mapping[str, Mapping[UUID, Cell]], shown: Mapping[UUID, Standing]) -> Row:
    standing = shown.get(case.pk, Standing(case.standing))
    gone = case.stage in GONE
    squares = []
    for column in readiness.columns(sight.wave.purpose):
        cell = readiness.NOT_NEEDED if gone else judged[column.name].get(case.pk, readiness.HIDDEN)
        squares.append(Square(column, cell, cell.mend.url if cell.mend and sight.mends(cell, case) else ""))
    return Row(case, squares, None if standing is Standing.ACTIVE else standing)


@dataclass(frozen=True)
class Held:
    """One person in a hold: what is missing, and the page that mends it or whom to ask."""

    case: Case
    reason: Any
    button: Button | None
    who: str


@dataclass(frozen=True)
class Hold:
    """One thing that holds people of the wave."""

    title: Any
    people: list[Held]
    since: datetime | None
    waits: bool

    @property
    def first(self) -> Held:
        """Whom the button is for: the first whom the account can help itself."""
        return next((held for held in self.people if held.button), self.people[0])

    @property
    def counted(self) -> str:
        n = len(self.people)
        return ngettext("%(n)d person.", "%(n)d people.", n) % {"n": n}


def holds(found: list[Row], sight: Sight) -> list[Hold]:
    """What holds the wave: most people first, what we can do ourselves before what waits on others."""
    groups: dict[tuple[str, Mark], list[tuple[Case, Square]]] = {}
    for row in found:
        for square in row.squares:
            if square.cell.holds:
                groups.setdefault((square.column.name, square.cell.mark), []).append((row.case, square))
    ranked = sorted((_hold(mark, people, sight) for (_name, mark), people in groups.items()), key=_rank)
    return ([_shut(found)] if any(row.shut for row in found) else []) + ranked[:MOST]


def _rank(hold: Hold) -> tuple[int, bool]:
    return -len(hold.people), hold.waits


def _hold(mark: Mark, people: list[tuple[Case, Square]], sight: Sight) -> Hold:
    reasons = {str(square.cell.reason) for _case, square in people}
    title = reasons.pop() if len(reasons) == 1 else people[0][1].column.missing
    since = min((square.cell.since for _case, square in people if square.cell.since), default=None)
    return Hold(title, [_held(case, square, sight) for case, square in people], since, mark is Mark.WAITING)


def _held(case: Case, square: Square, sight: Sight) -> Held:
    cell = square.cell
    button = Button(cell.mend.label, square.url) if cell.mend and square.url else None
    return Held(case, cell.reason, button, "" if button else sight.whom_to_ask(cell, case))


def _shut(found: list[Row]) -> Hold:
    people = [_closed(row) for row in found if row.shut]
    since = min(row.case.standing_since for row in found if row.shut)
    return Hold(_("The way is not open"), people, since, False)


def _closed(row: Row) -> Held:
    assert row.shut is not None
    return Held(row.case, row.shut.label, Button(_("Open the case"), reverse("desk:case", args=[row.case.pk])), "")

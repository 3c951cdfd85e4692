"""Who of a wave is ready: columns of a matrix, each judged for all its people at once, in the words of whoever looks.

A column looks at the cases that its compartment is open in for whoever asks, and at no others. Those that only an upper room
can judge are offered there under a name (`@column("bed", ...)`) and named here; a name that nobody offers stops the start.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from relocation.journey.conditions import Link
from relocation.models import Account, Case, CaseGrant, Wave
from relocation.models.offers import Offers
from relocation.safety.access import CAPABILITIES
from relocation.safety.policy import SCOPED, Compartment, Role

# What each kind of wave needs, in the order of the matrix.
COLUMNS: dict[str, tuple[str, ...]] = {
    Wave.Purpose.EXTRACTION: ("consent", "seat", "escort", "bed", "check_in", "contacts", "agreed"),
    Wave.Purpose.DEPARTURE: ("consent", "document", "dossier", "visa", "seat", "escort", "bed", "border", "check_in", "agreed"),
}
# The step by which everybody of such a wave sets out.
SETS_OUT: dict[str, str] = {Wave.Purpose.EXTRACTION: "extract", Wave.Purpose.DEPARTURE: "depart"}


class Mark(StrEnum):
    """How one thing stands for one person."""

    READY = "ready"
    WAITING = "waiting"
    BLOCKED = "blocked"
    NOT_NEEDED = "not_needed"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Cell:
    """One person's answer in one column: why it is so, where it is mended and by whom, and since when (UTC)."""

    mark: Mark
    reason: Any = ""
    mend: Link | None = None
    by: tuple[Role, ...] = (Role.LEAD,)
    since: datetime | None = None

    @property
    def holds(self) -> bool:
        return self.mark in (Mark.BLOCKED, Mark.WAITING)


READY, NOT_NEEDED, HIDDEN = Cell(Mark.READY), Cell(Mark.NOT_NEEDED), Cell(Mark.HIDDEN)


@dataclass(frozen=True)
class Sight:
    """One account's look at the people of a wave: whom they are, and what they may know of each."""

    wave: Wave
    by: Account
    cases: Sequence[Case]
    roles: Mapping[UUID, frozenset[Role]]
    leads: Mapping[UUID, tuple[str, ...]]

    def may(self, capability: str, case: Case) -> bool:
        """As `access.may`, from the grants that are already here."""
        return bool(self.roles.get(case.pk, frozenset()) & CAPABILITIES.get(capability, frozenset()))

    def sees(self, *compartments: Compartment) -> list[Case]:
        """Those whose rows in all of these compartments are shown to the account, sealed or not."""
        rights = ("reveal", "reveal_together")
        return [c for c in self.cases if all(any(self.may(f"{one}.{r}", c) for r in rights) for one in compartments)]

    def mends(self, cell: Cell, case: Case) -> bool:
        return bool(self.roles.get(case.pk, frozenset()) & {*cell.by})

    def whom_to_ask(self, cell: Cell, case: Case) -> str:
        """Who can mend it, where the account cannot."""
        names = self.leads.get(case.pk, ()) if Role.LEAD in cell.by else ()
        if names:
            return _("%(names)s can do this.") % {"names": get_text_list([*names], _("or"))}
        return _("Ask a %(role)s of the case.") % {"role": get_text_list([str(role.label) for role in cell.by], _("or"))}


def look(wave: Wave, cases: Sequence[Case], by: Account) -> Sight:
    """What `by` may know of these people; one query."""
    grants = CaseGrant.objects.filter(content_object_id__in=[case.pk for case in cases]).select_related("permission", "user")
    roles: dict[UUID, set[Role]] = {}
    leads: dict[UUID, list[str]] = {}
    for grant in grants.order_by("granted_at"):
        if grant.user_id == by.pk and grant.role not in SCOPED:
            roles.setdefault(grant.content_object_id, set()).add(grant.role)
        if grant.role == Role.LEAD and grant.user_id != by.pk:
            leads.setdefault(grant.content_object_id, []).append(str(grant.user))
    return Sight(
        wave,
        by,
        cases,
        {case_id: frozenset(held) for case_id, held in roles.items()},
        {case_id: tuple(names) for case_id, names in leads.items()},
    )


Judge = Callable[[Sight], Mapping[UUID, Cell]]


@dataclass(frozen=True)
class Column:
    """One thing that everybody of a wave needs; `missing` says in a few words that it is not there."""

    name: str
    label: Any
    missing: Any
    judge: Judge


_columns: Offers[Column] = Offers("the matrix of a wave", (name for names in COLUMNS.values() for name in names))


def column(name: str, label: Any, missing: Any) -> Callable[[Judge], Judge]:
    """Offer a column; whom the judge leaves out, the account may not know of. It asks a constant number of queries."""

    def register(judge: Judge) -> Judge:
        _columns.add(name, Column(name, label, missing, judge))
        return judge

    return register


def columns(purpose: str) -> list[Column]:
    """The columns of a kind of wave."""
    return [_columns[name] for name in COLUMNS[purpose]]


def judged(sight: Sight) -> dict[str, Mapping[UUID, Cell]]:
    """Every column's cells by case, in the order of the matrix."""
    return {one.name: one.judge(sight) for one in columns(sight.wave.purpose)}


def at_best(cells: Iterable[Cell]) -> Cell:
    """Of several ways to the same end, the one that is furthest."""
    order = list(Mark)
    return min(cells, key=lambda cell: order.index(cell.mark))

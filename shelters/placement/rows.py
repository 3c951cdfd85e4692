"""A proposal as one account may see it: a row for each household, with reasons, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.models import Account, Case
from relocation.safety import access
from shelters.models import House, Offered, Proposal, Stay
from shelters.placement.fitness import Reason, reasons
from shelters.placement.openings import Opening, openings
from shelters.placement.proposing import SEES

REFUSED = {
    "bed_taken": gettext_lazy("There are no longer enough free beds there on these nights."),
    "house_closed": gettext_lazy("This house takes nobody any more on these nights."),
    "not_admitted": gettext_lazy("This house no longer suits."),
    "ask_first": gettext_lazy("This house is kept for women or for men. Ask first whether it suits them."),
    "not_suited": gettext_lazy("This house no longer suits."),
}


@dataclass(frozen=True)
class Row:
    """People who travel together, the house proposed for them, why, and what became of it."""

    together: UUID
    people: list[Case]
    house: House | None
    reasons: list[Reason]
    why: str
    stays: list[Stay]
    refused: str
    mine: bool

    @property
    def held(self) -> bool:
        return len(self.stays) == len(self.people)

    @property
    def lost(self) -> bool:
        """Whether a bed that was held is theirs no longer: given back, run out, or in a house that burned."""
        return any(stay.is_over or stay.ran_out for stay in self.stays)


def rows(made: Proposal, by: Account) -> list[Row]:
    """One row for each household that `by` may know the place of; the others are neither named nor counted."""
    seen = Offered.objects.filter(proposal=made, case__in=access.permitted(by, SEES))
    offers = list(seen.select_related("case", "house", "stay__bed__room").order_by("together", "case__alias"))
    mine = set(access.permitted(by, "place").filter(pk__in=[one.case_id for one in offers]).values_list("pk", flat=True))
    found = {one.house.pk: one for one in openings(made.nights.lower, made.nights.upper)} if offers else {}
    households = [list(own) for _key, own in groupby(offers, key=lambda one: one.together)]
    return sorted((_row(own, found, mine) for own in households), key=_order)


def _row(own: list[Offered], found: dict[UUID, Opening], mine: set[UUID]) -> Row:
    first, people = own[0], [one.case for one in own]
    opening = found.get(first.house_id) if first.house_id else None
    return Row(
        first.together, people, first.house,
        reasons=reasons(people, opening) if opening else [],
        why=str(Offered.Why(first.why).label) if first.why else "",
        stays=[one.stay for one in own if one.stay],
        refused=refused(first.refused) if first.refused else "",
        mine=len(own) == first.people and all(one.case_id in mine for one in own),
    )  # fmt: skip


def refused(kind: str) -> str:
    """Why something became impossible, as a sentence."""
    return str(REFUSED.get(kind) or _("It is not possible any more. Look for another place."))


def _order(row: Row) -> tuple[Any, ...]:
    """What can be accepted first, then what has no house, then what is held."""
    return row.held, row.house is None, row.house.code if row.house else "", row.people[0].alias


def gap_in_words(gap: float | None) -> str:
    """How far below the best a proposal is at most; tenths of a per cent, rounded up."""
    if gap is None:
        return ""
    if gap <= 0:
        return _("This is proven to be the best that these houses allow.")
    tenths = -int(-gap * 1000 // 1)
    return _("This is at most %(n)s %% below the best possible.") % {"n": f"{tenths / 10:.1f}"}


def to_accept(shown: Iterable[Row]) -> int:
    """How many households somebody could accept at once."""
    return sum(row.mine and row.house is not None and not row.held for row in shown)

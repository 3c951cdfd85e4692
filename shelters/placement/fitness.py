"""How well a house suits people who travel together: hard rules that nothing outweighs, and scores with reasons in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.journey.kin import NotAdmitted
from relocation.models import Account, Case
from relocation.models.languages import spoken
from relocation.models.stage import Risk
from shelters.company import must_suit
from shelters.fitting import to_ask, unsuited
from shelters.models import Bed, House
from shelters.placement.openings import Opening
from shelters.placement.wishes import asked_for

A_BED = 100  # what a place is worth in itself, so that nobody waits for a better one
URGENT = {Risk.EXTREME: 40, Risk.HIGH: 20}
# Attribute: what it adds where it is asked for and there, and what it takes where it is missing.
WISHES = {"step_free": (30, -60), "pets": (20, -50), "smoking": (5, -5)}
SPEAKS, SPEAKS_NOT, SAME_ROOM, CLOSE_FIT, ASK_FIRST = 30, -30, 15, 10, -20


@dataclass(frozen=True)
class Reason:
    """One reason in words; `good` is for, not `good` is against."""

    good: bool
    words: str


@dataclass(frozen=True)
class Fit:
    """A house for people who travel together. `score` is None where a hard rule forbids it; then `reasons` says which."""

    house: House
    beds: tuple[Bed, ...]
    score: int | None
    reasons: tuple[Reason, ...]


def fit(people: Sequence[Case], opening: Opening, nights: tuple[date, date], by: Account) -> Fit:
    """Judge one house for people who travel together; acts as the sweep of conflicts where names are compared."""
    if sentence := forbidden(people, opening, nights, by):
        return Fit(opening.house, opening.beds, None, (Reason(False, sentence),))
    judged = _judged(people, opening)
    urgent = sum(URGENT.get(Risk(case.risk), 0) for case in people)
    score = A_BED * len(people) + urgent + sum(points for points, _reason in judged)
    return Fit(opening.house, opening.beds, max(1, score), tuple(reason for _points, reason in judged))


def reasons(people: Sequence[Case], opening: Opening) -> list[Reason]:
    """What speaks for and against a house that no hard rule forbids."""
    return [reason for _points, reason in _judged(people, opening)]


def ranked(fits: Sequence[Fit]) -> list[Fit]:
    """The best first; houses that a hard rule forbids stand at the end."""
    return sorted(fits, key=lambda one: (one.score is None, -(one.score or 0), one.house.code))


def forbidden(people: Sequence[Case], opening: Opening, nights: tuple[date, date], by: Account) -> str:
    """The first hard rule that the house breaks, in words that name nobody; empty where it breaks none."""
    told = _shut(opening) or _limits(people, opening.house, nights) or _beds(people, opening)
    return told or _company(people, opening, nights, by)


def _shut(opening: Opening) -> str:
    if not opening.house.takes_people:
        return _("This house takes nobody now.")
    if not opening.vetted:
        return _("Nobody has vouched for a host of this house, or it must be renewed.")
    return ""


def _limits(people: Sequence[Case], house: House, nights: tuple[date, date]) -> str:
    if told := next((said for case in people if (said := unsuited(house, case, nights))), ""):
        return told
    largest = max(len(people), *(case.household_size for case in people))
    if house.largest_household and largest > house.largest_household:
        return _("It has no room for a household of this size.")
    if largest < house.smallest_household:
        return _("It is kept for larger households.")
    return ""


def _beds(people: Sequence[Case], opening: Opening) -> str:
    if not opening.beds:
        return _("No bed is free on all of these nights.")
    if len(opening.beds) < len(people):
        told = {"free": len(opening.beds), "n": len(people)}
        return ngettext("%(free)d of %(n)d beds is free.", "%(free)d of %(n)d beds are free.", len(opening.beds)) % told
    return ""


def _company(people: Sequence[Case], opening: Opening, nights: tuple[date, date], by: Account) -> str:
    """The same comparison as at the door; it never says of whom."""
    try:
        for case in people:
            must_suit(opening.house, case.pk, nights, by)
    except NotAdmitted:
        return _("It does not suit, for a reason that is not shown.")
    return ""


Judged = list[tuple[int, Reason]]


def _judged(people: Sequence[Case], opening: Opening) -> Judged:
    house = opening.house
    return [
        *_languages(people, house),
        *_wishes(people, house),
        *(_room(people, opening) if opening.beds else []),
        *_asks(people, house),
    ]


def _languages(people: Sequence[Case], house: House) -> Judged:
    asked = {tag for case in people for tag in case.languages}
    if not (asked and house.languages):
        return []
    if shared := sorted(asked & set(house.languages)):
        words = _("Spoken there: %(languages)s.") % {"languages": ", ".join(spoken(shared))}
        return [(SPEAKS * len(people), Reason(True, words))]
    return [(SPEAKS_NOT * len(people), Reason(False, _("Nobody there speaks a language of theirs.")))]


def _wishes(people: Sequence[Case], house: House) -> Judged:
    asked = {name for case in people for name in asked_for(case.needs)}
    found: Judged = []
    for name in sorted(asked):
        there = bool(getattr(house, name))
        found.append((WISHES[name][0 if there else 1], Reason(there, _wish(name, there))))
    return found


def _wish(name: str, there: bool) -> str:
    words = {
        "step_free": (_("Reached and lived in without steps."), _("There are steps.")),
        "pets": (_("Pets may come."), _("Pets may not come.")),
        "smoking": (_("There is a place to smoke."), _("There is no place to smoke.")),
    }
    return words[name][0 if there else 1]


def _room(people: Sequence[Case], opening: Opening) -> Judged:
    """Together in one room; and a small household does not break up what a large one needs."""
    free, size = len(opening.beds), len(people)
    found: Judged = [(round(CLOSE_FIT * size / free), Reason(True, _free(free)))]
    if size > 1 and opening.largest_room >= size:
        found.append((SAME_ROOM, Reason(True, _("All of them in one room."))))
    elif size > 1:
        found.append((0, Reason(False, _("In more than one room."))))
    return found


def _free(free: int) -> str:
    return ngettext("%(n)d bed is free.", "%(n)d beds are free.", free) % {"n": free}


def _asks(people: Sequence[Case], house: House) -> Judged:
    """What the house asks for and no record answers: somebody asks the person."""
    found: Judged = []
    if any(to_ask(house, case) for case in people):
        words = _("The house is kept for: %(whom)s. Ask first whether it suits them.") % {"whom": house.get_takes_display()}
        found.append((ASK_FIRST, Reason(False, words)))
    if house.not_for:
        words = _("Not well placed there, the house says: %(whom)s") % {"whom": house.not_for}
        found.append((0, Reason(False, words)))
    return found

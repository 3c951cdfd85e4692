"""Small numbers left out: nothing is told of fewer than five people, and nothing from which that could be subtracted.

The rule, for each currency by itself: a category is told by itself where at least `FEWEST` people had something of it. The
others are told together, and where they are alone, or fewer than `FEWEST` people between them, the smallest told one joins
them, until they are enough. Where even everything together is about fewer people, nothing of that currency is told.
(Complementary cell suppression by merging; see Hundepool et al., Statistical Disclosure Control, 2012, chapter 5.)
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

FEWEST = 5  # people
Row = tuple[int, str, str, int]  # person (a number without meaning), category, currency, minor units


@dataclass(frozen=True)
class Line:
    """One category, or several together: how many people, and how much in minor units."""

    categories: tuple[str, ...]
    people: int
    minor: int


@dataclass(frozen=True)
class Told:
    """What is told of one currency; without `lines` nothing is, since it is about too few people."""

    currency: str
    lines: tuple[Line, ...]
    people: int = 0
    minor: int = 0


Spent = Mapping[str, Mapping[int, int]]  # category -> person -> minor units


def told(rows: Iterable[Row]) -> list[Told]:
    """Each currency with what may be told of it, by the alphabet."""
    found: dict[str, dict[str, dict[int, int]]] = {}
    for person, category, currency, minor in rows:
        if minor:
            found.setdefault(currency, {}).setdefault(category, {})[person] = minor
    return [_currency(currency, found[currency]) for currency in sorted(found)]


def _currency(currency: str, spent: Spent) -> Told:
    people = {person for category in spent.values() for person in category}
    if len(people) < FEWEST:
        return Told(currency, ())
    alone, together = _parted(spent)
    lines = [_line((category,), spent) for category in sorted(alone)]
    if together:
        lines.append(_line(tuple(sorted(together)), spent))
    return Told(currency, tuple(lines), len(people), sum(line.minor for line in lines))


def _parted(spent: Spent) -> tuple[set[str], set[str]]:
    """Which categories are told by themselves, and which together."""
    small = {category for category, people in spent.items() if len(people) < FEWEST}
    alone = set(spent) - small
    while small and alone and (len(small) < 2 or len(_people(small, spent)) < FEWEST):
        least = min(alone, key=lambda category: (len(spent[category]), category))
        alone.remove(least)
        small.add(least)
    return alone, small


def _people(categories: Iterable[str], spent: Spent) -> set[int]:
    return {person for category in categories for person in spent[category]}


def _line(categories: tuple[str, ...], spent: Spent) -> Line:
    amount = sum(minor for category in categories for minor in spent[category].values())
    return Line(categories, len(_people(categories, spent)), amount)


def kept(currencies: Iterable[Told]) -> list[dict[str, Any]]:
    """As a report keeps it."""
    return [asdict(one) for one in currencies]


def read(figures: Iterable[Mapping[str, Any]]) -> list[Told]:
    """The reverse of `kept`."""
    return [
        Told(
            one["currency"],
            tuple(Line(tuple(line["categories"]), line["people"], line["minor"]) for line in one["lines"]),
            one["people"],
            one["minor"],
        )
        for one in figures
    ]

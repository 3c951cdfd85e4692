"""Who may be the same person: compared in memory, by keys, so that not all need be compared with all."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from relocation.intake.referral import Referral
from relocation.models.dates import ABOUT_YEARS, PartialDate
from relocation.models.names import fold, words

MOST_WORDS = 6
# Somebody who resembles more people than this has a name that says nothing, and nobody looks through such a list.
MOST_PARTNERS = 20
FIRST = -1  # no link before

Key = tuple[object, ...]


class Match(NamedTuple):
    """Two that may be one, by their labels, and in what they agree: `name`, `birth`, `phone`, `alias`."""

    first: str
    second: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a person can be known by again. `label`, a row's own id or a case's alias, is all that is shown."""

    label: str
    words: frozenset[str] = field(default=frozenset(), repr=False)
    birth: PartialDate | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    alias: str = field(default="", repr=False)


def likeness(label: str, *names: str, birth: PartialDate | None = None, phone: str | None = None, alias: str = "") -> Likeness:
    """The likeness of a row or a case; names in any script and order, the phone as E.164."""
    folded = frozenset(word for name in names for word in words(name))
    return Likeness(label, folded, birth, phone, fold(alias))


def of_referral(referral: Referral) -> Likeness:
    """The likeness of a row."""
    names = (referral.surname, referral.given_names, referral.patronymic)
    return likeness(referral.own_id, *names, birth=referral.birth, phone=referral.phone, alias=referral.alias)


def pairs(people: Iterable[Likeness]) -> list[Match]:
    """Those who may be one person, each pair once, the earlier first."""
    seen = Blocks()
    matches = []
    for person in people:
        matches += [Match(other.label, person.label, why) for other, why in seen.alike(person)]
        seen.add(person)
    return matches


def against(people: Iterable[Likeness], known: Iterable[Likeness]) -> list[Match]:
    """Rows that may be a person whose case is known: the row's own id, then the case's alias."""
    rows = Blocks()
    for person in people:
        rows.add(person)
    return [Match(row.label, case.label, why) for case in known for row, why in rows.alike(case)]


def alike(one: Likeness, other: Likeness) -> tuple[str, ...]:
    """In what two agree, if that makes them likely to be one person; else nothing."""
    same_name, same_birth = _same_name(one, other), _same_birth(one, other)
    same_phone = bool(one.phone) and one.phone == other.phone
    if same_phone:
        # A household may share a phone: two who differ in name and in birth are two.
        likely = same_name is not False or same_birth is not False
    elif one.words and other.words:
        likely = bool(same_name) and (same_birth is True if _one_word(one, other) else same_birth is not False)
    else:
        likely = bool(one.alias) and one.alias == other.alias and not (one.phone and other.phone) and same_birth is not False
        return ("alias",) if likely else ()
    agreed = {"name": same_name, "birth": same_birth, "phone": same_phone}
    return tuple(what for what, same in agreed.items() if same) if likely else ()


def _same_name(one: Likeness, other: Likeness) -> bool | None:
    """Whether the words of one name are among those of the other; None where a name is missing."""
    if not one.words or not other.words:
        return None
    return one.words <= other.words or other.words <= one.words


def _same_birth(one: Likeness, other: Likeness) -> bool | None:
    if one.birth is None or other.birth is None:
        return None
    if _one_word(one, other):
        return one.birth.exact is not None and one.birth == other.birth
    return one.birth.agrees(other.birth)


def _one_word(one: Likeness, other: Likeness) -> bool:
    """A given name alone says little."""
    return 1 in (len(one.words), len(other.words))


class Blocks:
    """People under the keys by which they can be found again."""

    def __init__(self) -> None:
        self._people: list[Likeness] = []
        # Under each key a chain of links, newest first: whom it stands for, and the link before.
        self._newest: dict[int, int] = {}
        self._place, self._before = array("l"), array("l")

    def add(self, person: Likeness) -> None:
        """Remembers somebody."""
        self._people.append(person)
        for key in _short({*_keys(person), *_any_year(person)}):
            self._before.append(self._newest.get(key, FIRST))
            self._newest[key] = len(self._place)
            self._place.append(len(self._people) - 1)

    def _under(self, key: int) -> Iterator[int]:
        """The places of all who were added under a key."""
        link = self._newest.get(key, FIRST)
        while link != FIRST:
            yield self._place[link]
            link = self._before[link]

    def alike(self, person: Likeness) -> Iterator[tuple[Likeness, tuple[str, ...]]]:
        """Those remembered who may be this person, in the order they were added, and why."""
        keys = {*_keys(person), *_any_year(person)} if person.birth is None else {*_keys(person), *_no_year(person)}
        partners = 0
        for place in sorted({place for key in _short(keys) for place in self._under(key)}):
            why = alike(self._people[place], person)
            if why:
                yield self._people[place], why
                partners += 1
            if partners == MOST_PARTNERS:
                return


def _short(keys: Iterable[Key]) -> Iterator[int]:
    """Keys as numbers, a third of their size: two that meet by chance cost a comparison and match nobody."""
    return map(hash, keys)


def _keys(person: Likeness) -> Iterator[Key]:
    if person.phone:
        yield "phone", person.phone
    if person.alias:
        yield "alias", person.alias
    for pair in _name_pairs(person):
        for year in _years(person.birth):
            yield "name", pair, year
    if person.birth and person.birth.exact:
        for word in person.words:
            yield "word", word, person.birth.exact


def _any_year(person: Likeness) -> Iterator[Key]:
    return (("name", pair, "any") for pair in _name_pairs(person))


def _no_year(person: Likeness) -> Iterator[Key]:
    return (("name", pair, None) for pair in _name_pairs(person))


def _name_pairs(person: Likeness) -> Iterator[tuple[str, str]]:
    return combinations(sorted(person.words)[:MOST_WORDS], 2)


def _years(birth: PartialDate | None) -> Iterable[int | None]:
    if birth is None:
        return (None,)
    room = ABOUT_YEARS if birth.about else 0
    return range(birth.year - room, birth.year + room + 1)

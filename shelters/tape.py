"""The calendar of the houses: beds as rows, nights as columns, as one account may see it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.functional import cached_property

from relocation.models import Account
from shelters.models import Bed, FreeBeds, House, Stay

NIGHTS = 14
NOT_HEARD = timedelta(days=2)
DAY = timedelta(days=1)

Taken = set[tuple[UUID, date]]  # (bed id, night)


@dataclass(frozen=True)
class Cell:
    """Nights of one bed: a stay, taken by a case that one may not open, a closed house, or one free night."""

    first: date
    nights: int = 1
    kind: str = "free"
    stay: Stay | None = None
    clash: House | None = None

    @property
    def is_weekend(self) -> bool:
        return self.first.weekday() >= 5


@dataclass(frozen=True)
class BedRow:
    bed: Bed
    cells: list[Cell]

    @property
    def told(self) -> list[Cell]:
        """What a list says about the bed: everything but free nights."""
        return [cell for cell in self.cells if cell.kind not in ("free", "shut")]


@dataclass(frozen=True)
class HouseRows:
    """One house with its beds, how many of them are free tonight, and what its host said last."""

    house: House
    rows: list[BedRow]
    free: int
    answer: FreeBeds | None

    @property
    def beds(self) -> int:
        return len(self.rows)

    @property
    def not_heard(self) -> bool:
        """The host of an open house has said nothing for two days."""
        return self.house.takes_people and (self.answer is None or self.answer.at < timezone.now() - NOT_HEARD)


@dataclass(frozen=True)
class Tape:
    """Every house for some nights."""

    days: list[date]
    houses: list[HouseRows]

    @cached_property
    def beds(self) -> int:
        return sum(house.beds for house in self.houses if house.house.takes_people)

    @cached_property
    def free(self) -> int:
        return sum(house.free for house in self.houses)

    @cached_property
    def clashes(self) -> int:
        """How many people have two beds for the same night."""
        cells = (cell for house in self.houses for row in house.rows for cell in row.cells)
        return len({cell.stay.case_id for cell in cells if cell.clash and cell.stay})

    @property
    def columns(self) -> int:
        return len(self.days) + 1


def wind(account: Account, first: date, nights: int = NIGHTS) -> Tape:
    """The calendar from `first` on, in a constant number of queries."""
    today, until = timezone.localdate(), first + nights * DAY
    taken = taken_nights(min(first, today), max(until, today + DAY))
    stays = _stays(account, first, until)
    answers, days = _last_answers(), [first + n * DAY for n in range(nights)]
    houses = []
    for house, beds in _beds_by_house():
        rows = [BedRow(bed, list(_cells(bed, days, stays, taken))) for bed in beds]
        free = sum((bed.pk, today) not in taken for bed in beds) if house.takes_people else 0
        houses.append(HouseRows(house, rows, free, answers.get(house.pk)))
    return Tape(days, houses)


def _last_answers() -> dict[UUID, FreeBeds]:
    standing = FreeBeds.objects.filter(undone_at=None).order_by("house_id", "-at").distinct("house_id")
    return {answer.house_id: answer for answer in standing}


def taken_nights(first: date, until: date) -> Taken:
    """(bed, night) for every night that is taken from `first` up to, not including, `until`; without saying by whom."""
    sql = "SELECT t.taken_bed, t.night FROM shelters_house h, harbour_taken_nights(h.id, %s, %s) t"
    with connection.cursor() as cursor:
        cursor.execute(sql, [first, until])
        return set(cursor.fetchall())


def beds_in_use(house: House) -> set[UUID]:
    """The beds of one house that somebody has tonight or tomorrow night."""
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT taken_bed FROM harbour_taken_nights(%s, %s, %s)", [house.pk, today, today + 2 * DAY])
        return {bed for (bed,) in cursor.fetchall()}


def free_beds(first: date, until: date) -> list[Bed]:
    """Beds of open houses that are free for every night from `first` up to, not including, `until`."""
    taken = {bed for bed, _night in taken_nights(first, until)}
    open_ones = Bed.objects.filter(house__is_open=True, house__compromised_at=None).select_related("room", "house")
    return [bed for bed in open_ones.order_by("house__code", "room__name", "name") if bed.pk not in taken]


def _beds_by_house() -> Iterator[tuple[House, list[Bed]]]:
    beds = Bed.objects.select_related("room", "house").order_by("house__code", "room__name", "name")
    for _pk, group in groupby(beds, key=lambda bed: bed.house_id):
        found = list(group)
        yield found[0].house, found


def _stays(account: Account, first: date, until: date) -> list[Stay]:
    shown = Stay.objects.visible_to(account).standing().between(first, until)
    return list(shown.select_related("case", "house", "bed").order_by("nights"))


def _cells(bed: Bed, days: Sequence[date], stays: Sequence[Stay], taken: Taken) -> Iterator[Cell]:
    """The row of one bed: neighbouring nights with the same answer are one cell, free nights stay single."""
    mine = [stay for stay in stays if stay.bed_id == bed.pk]
    for key, group in groupby(days, key=lambda day: _answer(bed, day, mine, taken)):
        kind, stay = key
        nights = list(group)
        if kind == "free":
            yield from (Cell(day) for day in nights)
        else:
            yield Cell(nights[0], len(nights), kind, stay, _clash(stay, stays) if stay else None)


def _answer(bed: Bed, day: date, mine: Sequence[Stay], taken: Taken) -> tuple[str, Stay | None]:
    for stay in mine:
        if stay.nights.lower <= day < stay.nights.upper:
            return ("hold" if stay.state == Stay.State.HELD else "stay"), stay
    if (bed.pk, day) in taken:
        return "taken", None
    return ("free" if bed.house.takes_people else "shut"), None


def _clash(stay: Stay, stays: Sequence[Stay]) -> House | None:
    """The other house in which the same person has a bed for one of the same nights."""
    for other in stays:
        same = other.case_id == stay.case_id and other.pk != stay.pk
        if same and other.nights.lower < stay.nights.upper and stay.nights.lower < other.nights.upper:
            found: House = other.house
            return found
    return None

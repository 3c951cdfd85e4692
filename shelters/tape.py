"""The calendar of the houses: beds as rows, nights as columns, as one account may see it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from django.utils import timezone
from django.utils.functional import cached_property

from relocation.desk.templatetags.harbour import plain_day
from relocation.models import Account
from shelters.models import Bed, FreeBeds, House, Stay
from shelters.nights import DAY, Nights, beds_in_use, free_beds, look_at, taken_nights

__all__ = ["DAY", "NIGHTS", "Tape", "beds_in_use", "free_beds", "taken_nights", "wind"]

NIGHTS = 14
NOT_HEARD = timedelta(days=2)
WEIGHT = 1150  # elements of chart and list, about; with the rest of the page a slow phone draws no more


@dataclass(frozen=True)
class Cell:
    """Nights of one bed: a stay, taken by a case that one may not open, closed nights, or one free night."""

    first: date
    nights: int = 1
    kind: str = "free"
    stay: Stay | None = None
    clash: House | None = None

    @property
    def is_weekend(self) -> bool:
        return self.first.weekday() >= 5

    @property
    def begins_week(self) -> bool:
        return self.first.weekday() == 0

    @property
    def day(self) -> str:
        """The first night in words without markup, as an attribute takes it."""
        return plain_day(self.first)

    @property
    def is_wide(self) -> bool:
        """There is room to say until when."""
        return self.nights >= 3

    @property
    def came_before(self) -> bool:
        """The stay began before what is shown."""
        return self.stay is not None and self.stay.nights.lower < self.first

    @property
    def goes_on(self) -> bool:
        """The stay ends after what is shown."""
        return self.stay is not None and self.stay.nights.upper > self.first + self.nights * DAY


@dataclass(frozen=True)
class BedRow:
    bed: Bed
    cells: list[Cell]

    @property
    def told(self) -> list[Cell]:
        """What a list says about the bed: everything but free nights."""
        return [cell for cell in self.cells if cell.kind not in ("free", "gone")]

    @property
    def next_free(self) -> date | None:
        """The first night shown on which somebody could come."""
        return next((cell.first for cell in self.cells if cell.kind == "free"), None)


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
    def weight(self) -> int:
        """How many elements it takes to draw: in the chart and in the list, one of which is shown."""
        return 16 + sum(8 + sum(2 if cell.kind == "free" else 6 for cell in row.cells) for row in self.rows)

    @property
    def not_heard(self) -> bool:
        """The host of an open house said something once, and has said nothing for two days."""
        return self.house.takes_people and self.answer is not None and self.answer.at < timezone.now() - NOT_HEARD


@dataclass(frozen=True)
class Tape:
    """Every house for some nights."""

    days: list[date]
    houses: list[HouseRows]
    nights: Nights

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
    def every_bed(self) -> list[Bed]:
        return [row.bed for house in self.houses for row in house.rows]

    @cached_property
    def pages(self) -> list[list[HouseRows]]:
        """The houses, as many on a page as a slow phone draws; a house is never torn apart."""
        pages: list[list[HouseRows]] = [[]]
        weight = 0
        for house in self.houses:
            if pages[-1] and weight + house.weight > WEIGHT:
                pages.append([])
                weight = 0
            pages[-1].append(house)
            weight += house.weight
        return pages

    @property
    def columns(self) -> int:
        return len(self.days) + 1


def wind(account: Account, first: date, nights: int = NIGHTS) -> Tape:
    """The calendar from `first` on, in a constant number of queries."""
    today, until = timezone.localdate(), first + nights * DAY
    stays, answers, found = _stays(account, first, until), _last_answers(), list(_beds_by_house())
    nights_of = look_at([bed for _house, beds in found for bed in beds], min(first, today), max(until, today + NIGHTS * DAY))
    days = [first + n * DAY for n in range(nights)]
    houses = []
    for house, beds in found:
        rows = [BedRow(bed, list(_cells(bed, days, stays, nights_of))) for bed in beds]
        free = sum(nights_of.is_free(bed, today) for bed in beds)
        houses.append(HouseRows(house, rows, free, answers.get(house.pk)))
    return Tape(days, houses, nights_of)


def _last_answers() -> dict[UUID, FreeBeds]:
    standing = FreeBeds.objects.filter(undone_at=None).order_by("house_id", "-at").distinct("house_id")
    return {answer.house_id: answer for answer in standing}


def _beds_by_house() -> Iterator[tuple[House, list[Bed]]]:
    beds = Bed.objects.select_related("room", "house").order_by("house__code", "room__name", "name")
    for _pk, group in groupby(beds, key=lambda bed: bed.house_id):
        found = list(group)
        yield found[0].house, found


def _stays(account: Account, first: date, until: date) -> list[Stay]:
    shown = Stay.objects.visible_to(account).standing().between(first, until)
    return list(shown.select_related("case", "house", "bed").order_by("nights"))


def _cells(bed: Bed, days: Sequence[date], stays: Sequence[Stay], nights_of: Nights) -> Iterator[Cell]:
    """The row of one bed: neighbouring nights with the same answer are one cell, free nights stay single."""
    mine = [stay for stay in stays if stay.bed_id == bed.pk]
    for key, group in groupby(days, key=lambda day: _answer(bed, day, mine, nights_of)):
        kind, stay = key
        nights = list(group)
        if kind == "free":
            yield from (Cell(day) for day in nights)
        else:
            yield Cell(nights[0], len(nights), kind, stay, _clash(stay, stays) if stay else None)


def _answer(bed: Bed, day: date, mine: Sequence[Stay], nights: Nights) -> tuple[str, Stay | None]:
    for stay in mine:
        if stay.nights.lower <= day < stay.nights.upper:
            return ("hold" if stay.state == Stay.State.HELD else "stay"), stay
    if (bed.pk, day) in nights.taken:
        return "taken", None
    if (bed.pk, day) in nights.closed or not bed.house.takes_people:
        return "shut", None
    return ("gone" if day < nights.today else "free"), None


def _clash(stay: Stay, stays: Sequence[Stay]) -> House | None:
    """The other house in which the same person has a bed for one of the same nights."""
    for other in stays:
        same = other.case_id == stay.case_id and other.pk != stay.pk
        if same and other.nights.lower < stay.nights.upper and stay.nights.lower < other.nights.upper:
            found: House = other.house
            return found
    return None

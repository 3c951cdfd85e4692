"""Beds needed against beds open, night by night: what a coordinator must know two weeks before it is too late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.desk.templatetags.harbour import plain_day
from shelters.models import Bed
from shelters.nights import Nights

WIDTH, THICK, HEIGHT, FOOT, ABOVE = 64, 30, 100, 24, 18  # of the chart, in its own units


@dataclass(frozen=True)
class Night:
    """One night: beds that are open, those of them that are taken, and people who still wait for one."""

    day: date
    open: int
    taken: int
    waiting: int

    @property
    def needed(self) -> int:
        return self.taken + self.waiting

    @property
    def short(self) -> int:
        return max(0, self.needed - self.open)

    @property
    def spare(self) -> int:
        return max(0, self.open - self.needed)


@dataclass(frozen=True)
class Bar:
    """A night as it is drawn: from the left, and heights from the foot."""

    night: Night
    x: int
    scale: float

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2

    @property
    def left(self) -> int:
        return self.x + (WIDTH - THICK) // 2

    @property
    def met(self) -> int:
        return round(min(self.night.needed, self.night.open) * self.scale)

    @property
    def short(self) -> int:
        return round(self.night.short * self.scale)

    @property
    def line(self) -> int:
        """How far from the top the line of open beds lies."""
        return HEIGHT - round(self.night.open * self.scale)

    @property
    def met_top(self) -> int:
        return HEIGHT - self.met

    @property
    def short_top(self) -> int:
        return self.met_top - self.short

    @property
    def short_label(self) -> int:
        """Where it is written how many beds are missing: above the bar."""
        return self.short_top - 4

    @property
    def end(self) -> int:
        return self.x + WIDTH


@dataclass(frozen=True)
class Need:
    """Fourteen nights of it."""

    nights: list[Night]

    @property
    def width(self) -> int:
        return len(self.nights) * WIDTH

    @property
    def height(self) -> int:
        return HEIGHT + FOOT

    @cached_property
    def worst(self) -> Night:
        """The night with most people too many; else the one with fewest beds to spare."""
        return max(self.nights, key=lambda night: (night.short, -night.spare))

    @property
    def headline(self) -> str:
        """One sentence before every chart."""
        short = [night for night in self.nights if night.short]
        if short:
            n = self.worst.short
            told = {"first": plain_day(short[0].day), "worst": plain_day(self.worst.day), "n": n}
            if len(short) == 1:
                return ngettext("%(n)d bed is missing on %(worst)s.", "%(n)d beds are missing on %(worst)s.", n) % told
            if self.worst is short[0]:
                return ngettext("%(n)d bed is missing from %(first)s on.", "%(n)d beds are missing from %(first)s on.", n) % told
            words = ngettext(
                "Beds are missing from %(first)s on; on %(worst)s it is %(n)d.",
                "Beds are missing from %(first)s on; on %(worst)s they are %(n)d.",
                n,
            )
            return words % told
        if not self.worst.spare:
            return _("There is a bed for everybody, and none to spare on %(day)s.") % {"day": plain_day(self.worst.day)}
        words = ngettext(
            "There is a bed for everybody; fewest are left on %(day)s: %(n)d.",
            "There is a bed for everybody; fewest are left on %(day)s: %(n)d.",
            self.worst.spare,
        )
        return words % {"day": plain_day(self.worst.day), "n": self.worst.spare}

    @property
    def bars(self) -> list[Bar]:
        most = max([1, *(max(night.open, night.needed) for night in self.nights)])
        return [Bar(night, n * WIDTH, (HEIGHT - ABOVE) / most) for n, night in enumerate(self.nights)]


def reckon(beds: Sequence[Bed], nights: Nights, days: Sequence[date], waiting: int) -> Need:
    """Count beds for each day; `waiting` people have no bed yet, and need one from tonight on.

    A bed that is taken in a house that takes nobody, or is closed, is needed elsewhere.
    """
    return Need([_night(beds, nights, day, waiting if day >= nights.today else 0) for day in days])


def _night(beds: Sequence[Bed], nights: Nights, day: date, waiting: int) -> Night:
    taken = sum((bed.pk, day) in nights.taken for bed in beds)
    return Night(day, sum(nights.is_open(bed, day) for bed in beds), taken, waiting)

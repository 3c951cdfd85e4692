"""What the houses say about a wave: whether everybody has a bed, and beds against need for the coming nights."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from relocation.desk.templatetags.harbour import plain_day
from relocation.desk.wave_panels import Short, WavePanel, wave_panel
from relocation.journey.conditions import Link
from relocation.journey.readiness import NOT_NEEDED, READY, Cell, Mark, Sight, column
from relocation.models import Case, Stage, Wave
from relocation.safety.policy import Compartment
from relocation.safety.questions import rows
from shelters.models import Stay

NIGHTS = 14
GONE = (Stage.TRAVELLING, Stage.RESETTLED, Stage.CLOSED, Stage.DECLINED)
# For each night: beds of houses that take people, less those that somebody has; numbers only.
FREE = """
  SELECT n::date, (SELECT count(*) FROM shelters_bed b JOIN shelters_house h ON h.id = b.house_id
      WHERE h.is_open AND h.compromised_at IS NULL)
    - (SELECT count(*) FROM shelters_house h, harbour_taken_nights(h.id, n::date, n::date + 1) t
      WHERE h.is_open AND h.compromised_at IS NULL)
  FROM generate_series(%s::timestamp, %s::timestamp, '1 day') n"""


@dataclass(frozen=True)
class Night:
    """One night: how many people need a bed, and how many could have one."""

    night: date
    needed: int
    open: int

    @property
    def short(self) -> int:
        return max(0, self.needed - self.open)


@column("bed", pgettext_lazy("column", "Bed"), gettext_lazy("No bed for the nights before"))
def bed(sight: Sight) -> Mapping[UUID, Cell]:
    """A bed that is confirmed or slept in; one that is only held waits for its host."""
    seen = sight.sees(Compartment.LOCATION)
    stays: dict[UUID, list[Stay]] = {}
    for stay in _standing(seen):
        stays.setdefault(stay.case_id, []).append(stay)
    return {case.pk: _bed(case, stays.get(case.pk, [])) for case in seen}


def _standing(cases: Iterable[Case]) -> Iterable[Stay]:
    there = Stay.objects.filter(case__in=list(cases), nights__endswith__gt=timezone.localdate())
    return there.standing().in_open_houses().order_by("at")


def _bed(case: Case, stays: list[Stay]) -> Cell:
    if case.stage in GONE:
        return NOT_NEEDED
    if any(stay.state != Stay.State.HELD for stay in stays):
        return READY
    if stays:
        link = Link(_("Open the stay"), "stays:stay", (stays[0].pk,))
        return Cell(Mark.WAITING, _("The bed is only held, not confirmed."), link, since=stays[0].at)
    return Cell(Mark.BLOCKED, _("No bed is held."), Link(_("Find a bed"), "stays:find", (case.pk,)), since=case.stage_since)


@wave_panel("beds")
def beds(sight: Sight) -> WavePanel | None:
    """Beds needed against beds open, night by night; for whoever may know where the people sleep."""
    seen = [case for case in sight.sees(Compartment.LOCATION) if case.stage not in GONE]
    if not seen:
        return None
    nights = _nights(sight.wave, seen)
    worst = max(night.short for night in nights)
    words = ngettext("bed short", "beds short", worst) if worst else _("beds short in the coming 14 nights")
    return WavePanel(
        "shelters/_wave_beds.html", {"nights": nights, "said": _said(nights), "chart": chart(nights)}, Short(worst, words)
    )


def _nights(wave: Wave, seen: list[Case]) -> list[Night]:
    first = timezone.localdate()
    last = first + timedelta(days=NIGHTS - 1)
    had = Counter(
        day
        for stay in _standing(seen)
        for day in _days(max(stay.nights.lower, first), min(stay.nights.upper, last + timedelta(days=1)))
    )
    free = dict(rows(FREE, first, last))
    return [Night(day, len(seen) if _needs(wave, day) else 0, had[day] + free[day]) for day in sorted(free)]


def _needs(wave: Wave, night: date) -> bool:
    """Whoever leaves the country sleeps here until then; whoever is brought out, from then on."""
    return night >= wave.leaves_on if wave.purpose == Wave.Purpose.EXTRACTION else night < wave.leaves_on


def _days(first: date, until: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((until - first).days))


def _said(nights: list[Night]) -> str:
    short = [night for night in nights if night.short]
    if not short:
        return _("Everybody could have a bed on each of these nights.")
    worst = max(night.short for night in short)
    words = ngettext("Short by up to %(n)d bed, on %(nights)s.", "Short by up to %(n)d beds, on %(nights)s.", worst)
    return words % {"n": worst, "nights": _run(short)}


def _run(short: list[Night]) -> str:
    first, last = plain_day(short[0].night), plain_day(short[-1].night)
    return first if first == last else _("nights from %(first)s to %(last)s") % {"first": first, "last": last}


# The picture, in units of its own: 14 bars of 24 on a ground of 520 by 133.
LEFT, GROUND, TALL, STEP, WIDE = 38, 175, 133, 36.5, 24


@dataclass(frozen=True)
class Bar:
    """One night as it is drawn: what is covered, what is short, and the height of what is open."""

    night: date
    x: float
    top: int
    height: int
    over_top: int
    over: int
    short: int
    labelled: bool

    @property
    def middle(self) -> float:
        return self.x + WIDE / 2


@dataclass(frozen=True)
class Chart:
    """Bars, the line of open beds, and lines to read heights by."""

    bars: list[Bar]
    line: str
    scale: list[tuple[int, int, int]]


def chart(nights: list[Night]) -> Chart:
    """The nights as a picture: heights are shares of the highest need, the line stays inside."""
    most = max([*(night.needed for night in nights), 4])
    top = -(-most * 5 // 4)

    def y(people: int) -> int:
        return GROUND - round(TALL * min(people, top) / top)

    bars = [
        Bar(one.night, LEFT + 6 + n * STEP, y(one.needed - one.short), GROUND - y(one.needed - one.short), y(one.needed),
            y(one.needed - one.short) - y(one.needed), one.short, n % 2 == 0)
        for n, one in enumerate(nights)
    ]  # fmt: skip
    line = " ".join(
        f"{LEFT + n * STEP:.1f},{y(one.open)} {LEFT + (n + 1) * STEP:.1f},{y(one.open)}" for n, one in enumerate(nights)
    )
    return Chart(bars, line, [(people, y(people), y(people) + 4) for people in sorted({0, most // 2, most})])

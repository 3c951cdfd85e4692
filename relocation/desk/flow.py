"""Where everyone is now: how many are in each phase, how many of them are blocked, who moved on, and which phase is slowest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.desk.wave_rows import Row
from relocation.journey.readiness import Mark
from relocation.journey.stages import PHASES, STEPS
from relocation.models import LedgerEntry

LATELY = timedelta(days=14)
# Days that a phase should take; the last has no end.
AIMS = (5, 7, 21, 14, 30, 4, None)
# The picture, in units of its own: a node of 64 in each 160, a person at most 20 high.
STEP, WIDE, MIDDLE, HIGHEST, FLOOR = 160, 64, 128, 168, 28


@dataclass(frozen=True)
class Stop:
    """One phase with its people, and as it is drawn."""

    label: Any
    people: int
    blocked: int
    days: int | None
    aim: int | None
    moved: int
    x: int
    height: int

    @property
    def late(self) -> bool:
        return self.days is not None and self.aim is not None and self.days > self.aim

    @property
    def top(self) -> int:
        return MIDDLE - self.height // 2

    @property
    def below(self) -> int:
        return self.top + self.height

    @property
    def under(self) -> int:
        return self.below + 17

    @property
    def middle(self) -> int:
        return self.x + WIDE // 2

    @property
    def number_at(self) -> int:
        return self.top + 20

    @property
    def over(self) -> int:
        """The height of the part that is blocked."""
        return round(self.height * self.blocked / self.people) if self.people else 0

    @property
    def over_top(self) -> int:
        return self.below - self.over

    @property
    def between(self) -> int:
        """Where the number of those who moved on into this phase stands."""
        return self.x - (STEP - WIDE) // 2


@dataclass(frozen=True)
class Flow:
    """All phases, and the sentence that says the most important of it."""

    stops: list[Stop]
    said: str

    @property
    def bands(self) -> list[tuple[str, Stop]]:
        """Between two phases a band for those who moved on, as an SVG path, and the phase it leads into."""
        return [(_band(before, after), after) for before, after in zip(self.stops, self.stops[1:], strict=False) if after.moved]


def flow(rows: Sequence[Row]) -> Flow:
    """The picture of these people; one query."""
    groups = [[row for row in rows if row.case.stage in phase.stages] for phase in PHASES]
    most, moved = max([*map(len, groups), 1]), _moved(rows)
    stops = [_stop(n, group, moved[n], most) for n, group in enumerate(groups)]
    return Flow(stops, _said(stops))


def _stop(n: int, group: list[Row], moved: int, most: int) -> Stop:
    now = timezone.now()
    days = round(median((now - row.case.stage_since).days for row in group)) if group else None
    blocked = sum(row.mark is Mark.BLOCKED for row in group)
    height = FLOOR + round((HIGHEST - FLOOR) * len(group) / most) if group else FLOOR // 2
    return Stop(PHASES[n].label, len(group), blocked, days, AIMS[n], moved, 40 + n * STEP, height)


def _moved(rows: Sequence[Row]) -> Counter[int]:
    """How often somebody came into each phase from another one lately, as the ledger says."""
    taken = LedgerEntry.objects.filter(
        case_id__in=[row.case.pk for row in rows], at__gte=timezone.now() - LATELY, what__startswith="step."
    ).values_list("what", "stage")
    return Counter(phase for what, stage in taken if (phase := _entered(what.removeprefix("step."), stage)) is not None)


def _entered(name: str, stage: str) -> int | None:
    """The phase into which a step led; None where it stayed within one."""
    step, here = STEPS.get(name), _phase_of(stage)
    if step is None or step.column != "stage" or not step.targets or here is None:
        return None
    return here if any(_phase_of(source) != here for source in step.sources) and not _all_within(step.sources, here) else None


def _all_within(stages: Sequence[str], phase: int) -> bool:
    return all(_phase_of(stage) == phase for stage in stages)


def _phase_of(stage: str) -> int | None:
    return next((n for n, phase in enumerate(PHASES) if stage in phase.stages), None)


def _said(stops: list[Stop]) -> str:
    """The headline: how many people, and which phase is slowest against its aim."""
    people = sum(stop.people for stop in stops)
    counted = ngettext("%(n)d person.", "%(n)d people.", people) % {"n": people}
    late = max((stop for stop in stops if stop.late), key=lambda stop: (stop.days or 0) / (stop.aim or 1), default=None)
    if late is None:
        return _("%(people)s Nobody waits longer than the aim.") % {"people": counted}
    words = ngettext(
        "%(people)s %(phase)s is the slowest: %(n)d day against an aim of %(aim)s.",
        "%(people)s %(phase)s is the slowest: %(n)d days against an aim of %(aim)s.",
        late.days or 0,
    )
    return words % {"people": counted, "phase": late.label, "n": late.days or 0, "aim": late.aim}


def _band(before: Stop, after: Stop) -> str:
    """A band that is thinner in the middle, from one node to the next."""
    left, right, half = before.x + WIDE, after.x, (after.x - before.x - WIDE) // 2
    waist = max(8, min(before.height, after.height) // 4)
    a, b = min(before.height, HIGHEST) // 2 - 4, min(after.height, HIGHEST) // 2 - 4
    middle, quarter = left + half, half // 2
    return (
        f"M{left} {MIDDLE - a}C{left + quarter} {MIDDLE - a} {middle - quarter} {MIDDLE - waist} {middle} {MIDDLE - waist}"
        f"S{right - quarter} {MIDDLE - b} {right} {MIDDLE - b}V{MIDDLE + b}"
        f"C{right - quarter} {MIDDLE + b} {middle + quarter} {MIDDLE + waist} {middle} {MIDDLE + waist}"
        f"S{left + quarter} {MIDDLE + a} {left} {MIDDLE + a}Z"
    )

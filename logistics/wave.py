"""What the roads say about a wave: seats and escorts of everybody, and the legs that they share."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from logistics import dispatch
from logistics.models import Leg, Seat
from relocation.desk.wave_panels import Short, WavePanel, wave_panel
from relocation.journey.conditions import Link
from relocation.journey.readiness import NOT_NEEDED, READY, Cell, Mark, Sight, column
from relocation.models import Case, Stage
from relocation.safety.policy import Compartment, Role
from relocation.safety.questions import rows

ON_THE_WAY = (Stage.TRAVELLING, Stage.RESETTLED, Stage.CLOSED)
PLANNERS = (Role.LEAD, Role.COORDINATOR)
TAKEN = "SELECT l, count(t) FROM unnest(%s::uuid[]) l LEFT JOIN LATERAL harbour_taken_seats(l) t ON true GROUP BY l"


@dataclass(frozen=True)
class Ridden:
    """One leg that people of the wave are on: how many of them, how many seats are left, and on whose case it is planned."""

    leg: Leg
    people: int
    free: int
    case: Case
    passage_id: UUID


def _seats(sight: Sight, cases: list[Case]) -> dict[UUID, list[Seat]]:
    """Seats on live passages for what the wave is for, of legs that are not over."""
    found: dict[UUID, list[Seat]] = defaultdict(list)
    ahead = Seat.objects.filter(case__in=cases, given_up_at=None, leg__arrives_at__gt=timezone.now())
    ahead = ahead.filter(passage__purpose=sight.wave.purpose, passage__state__in=dispatch.LIVE)
    for seat in ahead.select_related("leg", "passage").order_by("leg__departs_at"):
        found[seat.case_id].append(seat)
    return found


@column("seat", pgettext_lazy("column", "Seat"), gettext_lazy("No seat, or no ticket"))
def seat(sight: Sight) -> Mapping[UUID, Cell]:
    """A seat on each leg of the way; leaving the country, with its ticket."""
    seen = sight.sees(Compartment.TRAVEL)
    held = _seats(sight, seen)
    return {case.pk: _seated(case, held[case.pk], sight) for case in seen}


def _seated(case: Case, seats: list[Seat], sight: Sight) -> Cell:
    if case.stage in ON_THE_WAY:
        return NOT_NEEDED
    if not seats:
        link = Link(_("Plan a passage"), "passages:case", (case.pk,))
        return Cell(Mark.BLOCKED, _("No passage is planned."), link, PLANNERS, case.stage_since)
    if gone := next((one for one in seats if one.leg.cancelled_at), None):
        words = _("%(leg)s is cancelled. Go by a leg that stands ready, or take it out.") % {"leg": gone.leg}
        return Cell(Mark.BLOCKED, words, _open(case, gone), PLANNERS, gone.leg.cancelled_at)
    bought = sight.wave.purpose == "departure"
    if bought and (without := next((one for one in seats if one.ticketed_at is None), None)):
        words = _("%(leg)s has no ticket.") % {"leg": without.leg}
        return Cell(Mark.WAITING, words, _open(case, without), PLANNERS, without.at)
    return READY


def _open(case: Case, one: Seat) -> Link:
    return Link(_("Open the passage"), "passages:passage", (case.pk, one.passage_id))


@column("escort", pgettext_lazy("column", "Escort"), gettext_lazy("A leg without an escort"))
def escort(sight: Sight) -> Mapping[UUID, Cell]:
    """Somebody goes along on each leg, or the person travels alone by choice."""
    seen = sight.sees(Compartment.TRAVEL)
    held = _seats(sight, seen)
    return {case.pk: _escorted(case, held[case.pk]) for case in seen}


def _escorted(case: Case, seats: list[Seat]) -> Cell:
    if not seats:
        return NOT_NEEDED
    alone = next((one for one in seats if one.leg.escort_id is None and not one.passage.alone_by_choice), None)
    if alone is None:
        return READY
    return Cell(Mark.BLOCKED, _("%(leg)s has no escort.") % {"leg": alone.leg}, _open(case, alone), PLANNERS, alone.at)


@wave_panel("seats")
def seats(sight: Sight) -> WavePanel | None:
    """The legs that the wave is on, and how many people have no seat yet; for whoever may know the way."""
    seen = [case for case in sight.sees(Compartment.TRAVEL) if case.stage not in ON_THE_WAY]
    if not seen:
        return None
    held = _seats(sight, seen)
    ridden, without = _ridden(seen, held), sum(not held[case.pk] for case in seen)
    short = max(0, without - max((one.free for one in ridden), default=0))
    words = ngettext("%(n)d person has no seat yet.", "%(n)d people have no seat yet.", without) % {"n": without}
    said = words if without else _("Everybody has a seat.")
    context = {"legs": ridden, "said": said, "short": short}
    return WavePanel("logistics/_wave_seats.html", context, Short(short, ngettext("seat short", "seats short", short)))


def _ridden(seen: list[Case], held: Mapping[UUID, list[Seat]]) -> list[Ridden]:
    on: dict[UUID, list[Seat]] = defaultdict(list)
    for case in seen:
        for one in held[case.pk]:
            on[one.leg_id].append(one)
    taken = dict(rows(TAKEN, list(on)))
    cases = {case.pk: case for case in seen}
    found = [
        Ridden(riders[0].leg, len(riders), riders[0].leg.seats - taken[leg], cases[riders[0].case_id], riders[0].passage_id)
        for leg, riders in on.items()
    ]
    return sorted(found, key=lambda one: one.leg.departs_at)

"""What only the roads can judge."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.models import Passage, Seat
from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Link, Met, Unmet, offer
from relocation.models import TRAVEL_DOCUMENTS, Application, ApplicationState, Document, Paper


def _plan_link(attempt: Attempt, label: str) -> Link:
    return Link(label, "passages:case", (attempt.case.pk,))


def _seats(attempt: Attempt, purpose: Passage.Purpose) -> list[Seat]:
    """The seats of the newest passage of this purpose that was not cancelled."""
    live = Passage.objects.filter(case=attempt.case, purpose=purpose).exclude(state=Passage.State.CANCELLED).last()
    return list(live.seats.filter(given_up_at=None).select_related("leg")) if live else []


@offer("passage_planned")
def passage_planned(attempt: Attempt) -> Met | Unmet:
    """A way out of danger, with legs, and on each an escort, or alone by choice."""
    seats = _seats(attempt, Passage.Purpose.EXTRACTION)
    if not seats:
        return Unmet(
            _("No passage with legs is planned."),
            _plan_link(attempt, _("Plan a passage")),
            since=attempt.case.stage_since,
        )
    if any(seat.leg.escort_id is None and not seat.passage.alone_by_choice for seat in seats):
        return Unmet(
            _("A leg has no escort. Name one, or record that the person travels alone by choice."),
            _plan_link(attempt, _("Open the passage")),
        )
    rests_on = tuple(
        sorted(
            f"{s.leg_id} {s.leg.departs_at} {s.leg.arrives_at} {s.leg.escort_id} {s.leg.from_place} {s.leg.to_place}"
            for s in seats
        )
    )
    return Met(_("A passage of %(legs)d legs is planned.") % {"legs": len(seats)}, rests_on)


@offer("legs_ticketed")
def legs_ticketed(attempt: Attempt) -> Met | Unmet:
    """Every leg has its ticket, within the validity of visa and travel document."""
    seats = _seats(attempt, Passage.Purpose.DEPARTURE)
    if not seats:
        return Unmet(
            _("No passage out of the country is planned."),
            _plan_link(attempt, _("Plan a passage")),
            since=attempt.case.stage_since,
        )
    if without := [seat for seat in seats if seat.ticketed_at is None]:
        return Unmet(_("%(leg)s has no ticket.") % {"leg": without[0].leg}, _plan_link(attempt, _("Open the passage")))
    if outside := [seat for seat in seats if not _inside(attempt, seat)]:
        return Unmet(
            _("%(leg)s lies outside the validity of the visa or the travel document.") % {"leg": outside[0].leg},
            _plan_link(attempt, _("Open the passage")),
        )
    return Met(_("Every leg is ticketed."), tuple(sorted(f"{s.pk} {s.leg.departs_at} {s.leg.arrives_at}" for s in seats)))


def _inside(attempt: Attempt, seat: Seat) -> bool:
    """Whether a leg lies within the visa, where there is one, and within a verified travel document."""
    day = seat.leg.arrives_local.date()
    visa = Application.objects.filter(case=attempt.case, state=ApplicationState.GRANTED).first()
    if visa and not (visa.valid_from and visa.valid_until and visa.valid_from <= day <= visa.valid_until):
        return False
    return Document.objects.filter(
        case=attempt.case, kind__in=TRAVEL_DOCUMENTS, verified_at__isnull=False, expires_on__gt=day
    ).exists()


@offer("manifest_issued")
def manifest_issued(attempt: Attempt) -> Met | Unmet:
    """A manifest for each leg whose carrier needs one."""
    legs = {seat.leg_id for seat in _seats(attempt, Passage.Purpose.DEPARTURE) if seat.leg.needs_manifest}
    on_it = Q(case=attempt.case) | Q(subjects__case=attempt.case)
    issued = Paper.objects.filter(on_it, kind=Paper.Kind.MANIFEST, state=Paper.State.READY, about__in=legs)
    if legs - set(issued.values_list("about", flat=True)):
        return Unmet(
            _("A carrier needs a manifest that has not been issued."),
            Link(_("Open papers"), "desk:papers", (attempt.case.pk,)),
            since=timezone.now(),
        )
    return Met(_("Every manifest that a carrier needs is issued."), tuple(sorted(legs)))

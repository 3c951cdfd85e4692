"""What only the houses can judge, and what follows for a bed from where the person is now."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey.after import after
from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Link, Met, Unmet, looks_into, offer
from relocation.journey.facts import Sheltering
from relocation.models import LedgerEntry
from relocation.safety.policy import Compartment
from shelters import hosting
from shelters.models import Stay

# Since the last of these the person is where they are; moving house leads somewhere else.
CAME_THERE = ("step.enter", "step.shelter", "step.move_house")


def _private_place(attempt: Attempt) -> bool:
    return isinstance(attempt.facts, Sheltering) and bool(attempt.facts.private_place.strip())


def _stay(attempt: Attempt) -> Stay | None:
    """The one stay that is judged: the one where the person has arrived, else the newest that waits for them.

    It is in an open house that is not compromised, and its nights are not over.
    """
    stays = Stay.objects.filter(case=attempt.case, nights__endswith__gt=timezone.localdate()).standing().in_open_houses()
    if attempt.step.name == "move_house" and (since := _there_since(attempt)):
        stays = stays.exclude(state=Stay.State.ARRIVED, arrived_at__lte=since)
    arrived = stays.filter(state=Stay.State.ARRIVED).order_by("arrived_at").last()
    return arrived or stays.order_by("at").last()


def _there_since(attempt: Attempt) -> datetime | None:
    moves = LedgerEntry.objects.filter(case_id=attempt.case.pk, what__in=CAME_THERE).order_by("seq")
    return moves.values_list("at", flat=True).last()


@offer("bed_held")
@looks_into(Compartment.LOCATION)
def bed_held(attempt: Attempt) -> Met | Unmet:
    """Nobody is told to come before a bed waits for them, in an open house that is not compromised, or a private safe place."""
    if _private_place(attempt):
        return Met(_("A private place is recorded as safe."))
    if stay := _stay(attempt):
        rests_on = (stay.pk, stay.house_id, stay.bed_id, stay.nights.lower, stay.nights.upper)
        return Met(_("A bed is held in %(house)s.") % {"house": stay.house}, rests_on)
    return Unmet(_("No bed is held for these nights."), Link(_("Find a bed"), "stays:find", (attempt.case.pk,)))


@offer("arrival_confirmed")
@looks_into(Compartment.LOCATION)
def arrival_confirmed(attempt: Attempt) -> Met | Unmet:
    """The host saw the person arrive in the bed that is held; for a private place the lead says so."""
    stay = None if _private_place(attempt) else _stay(attempt)
    if stay and stay.state == Stay.State.ARRIVED:
        return Met(_("The host has confirmed the arrival."), (stay.pk, stay.arrived_at))
    if _private_place(attempt) and attempt.facts.arrived:
        return Met(_("The arrival at the private place is confirmed."))
    return Unmet(
        _("Nobody has confirmed that the person has arrived."),
        Link(_("Open stays"), "stays:list"),
        since=stay.expected_from if stay and stay.state == Stay.State.CONFIRMED else None,
    )


@after("shelter", "move_house")
def leave_earlier_beds(attempt: Attempt, was: str) -> None:
    """Whoever sleeps somewhere else now has left the beds before; what their hosts knew ends with it."""
    there = Stay.objects.filter(case=attempt.case, state=Stay.State.ARRIVED).order_by("-arrived_at")
    for stay in there if _private_place(attempt) else there[1:]:
        hosting.release(stay, by=attempt.by)

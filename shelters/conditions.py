"""What only the houses can judge."""

from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Link, Met, Unmet, offer
from relocation.journey.facts import Sheltering
from shelters.models import Stay


def _private_place(attempt: Attempt) -> bool:
    return isinstance(attempt.facts, Sheltering) and bool(attempt.facts.private_place.strip())


@offer("bed_held")
def bed_held(attempt: Attempt) -> Met | Unmet:
    """Nobody is told to come before a bed waits for them, in an open house that is not compromised, or a private safe place."""
    stay = Stay.objects.filter(case=attempt.case, nights__endswith__gt=timezone.localdate()).standing().in_open_houses().last()
    if stay:
        return Met(_("A bed is held in %(house)s.") % {"house": stay.house}, (stay.pk, stay.nights.lower, stay.nights.upper))
    if _private_place(attempt):
        return Met(_("A private place is recorded as safe."))
    return Unmet(
        _("No bed is held for these nights."),
        Link(_("Find a bed"), "stays:find", (attempt.case.pk,)),
        since=attempt.case.stage_since,
    )


@offer("arrival_confirmed")
def arrival_confirmed(attempt: Attempt) -> Met | Unmet:
    """The host saw the person arrive; for a private place the lead says so."""
    if stay := Stay.objects.filter(case=attempt.case, state=Stay.State.ARRIVED).in_open_houses().last():
        return Met(_("The host has confirmed the arrival."), (stay.pk,))
    if _private_place(attempt) and attempt.facts.arrived:
        return Met(_("The arrival at the private place is confirmed."))
    waiting = Stay.objects.filter(case=attempt.case, state=Stay.State.CONFIRMED).last()
    return Unmet(
        _("Nobody has confirmed that the person has arrived."),
        Link(_("Open stays"), "stays:list"),
        since=waiting.expected_from if waiting else attempt.case.stage_since,
    )

"""Holds: a seat that a carrier keeps for somebody until a moment (UTC). Without a ticket by then it is nobody's."""

from datetime import datetime

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics import dispatch
from logistics.models import Seat
from logistics.models.rules import SWEEP
from relocation.models import Account, system_account
from relocation.safety import access, ledger
from relocation.safety.actor import acting_as


def hold(seat: Seat, until: datetime | None, *, by: Account) -> Seat:
    """Note until when the carrier holds a seat; None where it no longer runs out. Raises `Denied`, `NotNow`."""
    with transaction.atomic():
        access.require(by, "travel.write", seat.case_id)
        seat = dispatch.locked(seat, by)
        if until is not None and not timezone.now() < until <= seat.leg.departs_at:
            sentence = _("A hold ends later than now, and not after the departure.")
            raise dispatch.NotNow(seat.case_id, "seat", by.pk, sentence)
        seat.held_until = until
        seat.save(update_fields=["held_until"])
        ledger.record("seat.held", seat.case_id, by=by, about=seat.pk)
        return seat


@shared_task(name="logistics.holds.sweep")
def sweep() -> int:
    """Look, by the database's clock, which holds ran out; returns how many. Doing it twice, or late, changes nothing more."""
    with acting_as(system_account(SWEEP)), transaction.atomic():
        return len(dispatch.give_back_holds(None))

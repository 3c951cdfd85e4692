"""The door of alternates: a second leg that stands ready, and the one switch to it."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics import dispatch, receiving
from logistics.company import leg_must_suit
from logistics.models import Alternate, Leg, Seat
from relocation.models import Account
from relocation.models.outbox import put
from relocation.safety import access, ledger, vault
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied


def stand_by(seat: Seat, leg: Leg, *, by: Account) -> Alternate:
    """Let a leg stand ready for a seat's own. It holds no seat before the switch. Raises `Denied`, `NotNow`, `NotAdmitted`."""
    with transaction.atomic():
        access.require(by, "travel.write", seat.case_id)
        seat, leg = dispatch.locked(seat, by), Leg.objects.select_related("escort").get(pk=leg.pk)
        dispatch.must_be(seat.passage, dispatch.LIVE, by)
        taken = Seat.objects.filter(case=seat.case_id, leg=leg, given_up_at=None)
        ready = Alternate.objects.filter(seat=seat, leg=leg, withdrawn_at=None)
        if leg.cancelled_at or leg.departs_at <= timezone.now() or taken.exists() or ready.exists():
            raise dispatch.NotNow(seat.case_id, "alternate", by.pk, _("This leg cannot stand ready here. Choose another one."))
        leg_must_suit(seat.case_id, leg, by)
        alternate = Alternate(case_id=seat.case_id, by=by, seat=seat, leg=leg)
        alternate.save(force_insert=True)
        ledger.record("alternate.ready", seat.case_id, by=by, about=alternate.pk)
        return alternate


def stand_down(alternate: Alternate, *, by: Account) -> None:
    """The leg no longer stands ready. Raises `Denied`, `NotNow`."""
    with transaction.atomic():
        access.require(by, "travel.write", alternate.case_id)
        _withdraw(_ready(alternate.pk, by))
        ledger.record("alternate.withdrawn", alternate.case_id, by=by, about=alternate.pk)


def switch(alternate: Alternate, *, by: Account, meeting_point: str = "") -> Seat:
    """Go by the other leg: its seat is taken and the old one given back, all at once or not at all.

    What the old leg's escort and receiver knew ends; the new escort and whoever received are let in where the passage is firm.
    Raises `Denied`, `NoSeat`, `NotNow`, `NotAdmitted`.
    """
    with transaction.atomic():
        access.require(by, "travel.write", alternate.case_id)
        alternate = _ready(alternate.pk, by)
        old = dispatch.locked(alternate.seat, by)
        if old.progress in dispatch.OVER:
            raise dispatch.NotNow(old.case_id, "alternate", by.pk, _("This leg is over. Plan the next one."))
        received = [grant.user for grant in access.holders(old.case_id, Role.RECEIVER).filter(scope=old.leg_id)]
        new = _seated(old, alternate.leg, meeting_point, by)
        dispatch.give_back(old, by)
        for receiver in received:
            receiving.let_in(old.passage, receiver, by=by)
        _withdraw(alternate)
        ledger.record("seat.switched", new.case_id, by=by, about=new.pk)
        Alternate.objects.filter(seat=old, withdrawn_at=None).exclude(leg=new.leg).update(seat=new)
        was = old.leg.escort_id if old.leg.escort_id != new.leg.escort_id else None
        put("leg_changed", by=by, key=f"{alternate.pk}:switched", leg=new.leg_id, was=was, case=old.case_id)
        return new


def _seated(old: Seat, leg: Leg, meeting_point: str, by: Account) -> Seat:
    """A seat on the other leg, with the phrase that escort and person know each other by."""
    phrase = vault.read(old, "code_phrase", by=by, purpose="switch")["code_phrase"] if old.code_phrase else ""
    return dispatch.take_seat(old.passage, leg, by=by, code_phrase=phrase, meeting_point=meeting_point)


def _ready(alternate_id: UUID, by: Account) -> Alternate:
    found = Alternate.objects.select_for_update(of=("self",)).filter(pk=alternate_id).select_related("seat", "leg").first()
    if found is None:
        raise Denied(alternate_id, "alternate", by.pk)
    if found.withdrawn_at is not None:
        raise dispatch.NotNow(found.case_id, "alternate", by.pk, _("This leg no longer stands ready."))
    return found


def _withdraw(alternate: Alternate) -> None:
    alternate.withdrawn_at = timezone.now()
    alternate.save(update_fields=["withdrawn_at"])

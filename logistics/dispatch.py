"""The door of the roads: plan a passage, take and ticket seats, confirm escorts, cancel; what the escort may see on the day."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.models import Leg, Passage, Seat
from relocation.models import Account, Case
from relocation.models.outbox import put
from relocation.safety import access, ledger, vault
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied, Refusal

AFTER_ARRIVAL = timedelta(hours=12)
THE_DAY = timedelta(hours=18)


class NoSeat(Refusal):
    """Every seat of the leg is taken."""

    kind = "no_seat"


def plan(case: Case, purpose: str, legs: Iterable[Leg], *, by: Account, alone_by_choice: bool = False) -> Passage:
    """Plan a way of one or more legs for one person and take a seat on each. Raises `Denied` or `NoSeat`."""
    with transaction.atomic():
        access.require(by, "travel.write", case.pk)
        passage = Passage(case=case, by=by, purpose=purpose, alone_by_choice=alone_by_choice)
        passage.save(force_insert=True)
        for leg in legs:
            take_seat(passage, leg, by=by)
        ledger.record("passage.planned", case.pk, by=by, about=passage.pk)
        return passage


def add_leg(leg: Leg, *, by: Account) -> Leg:
    """Enter a leg; it names nobody."""
    leg.by = by
    leg.save(force_insert=True)
    return leg


def take_seat(passage: Passage, leg: Leg, *, by: Account, meeting_point: str = "", code_phrase: str = "") -> Seat:
    """The lowest free seat of a leg for the passage's person; the database refuses a seat that is taken or does not exist."""
    with transaction.atomic():
        access.require(by, "travel.write", passage.case_id)
        Leg.objects.select_for_update().get(pk=leg.pk)
        free = sorted(set(range(1, leg.seats + 1)) - _taken(leg.pk))
        if not free:
            raise NoSeat(passage.case_id, "seat", by.pk, _("Every seat of this leg is taken. Choose another leg."))
        seat = Seat(case_id=passage.case_id, by=by, passage=passage, leg=leg, number=free[0])
        seat.meeting_point, seat.code_phrase = meeting_point, code_phrase
        seat.save(force_insert=True)
        return seat


def _taken(leg_id: UUID) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT harbour_taken_seats(%s)", [leg_id])
        return {row[0] for row in cursor.fetchall()}


def ticket(seat: Seat, reference: str, *, by: Account) -> Seat:
    """Note the ticket of a seat."""
    with transaction.atomic():
        access.require(by, "travel.write", seat.case_id)
        seat.ticket, seat.ticketed_at = reference, timezone.now()
        seat.save(update_fields=["ticket", "ticketed_at"])
        ledger.record("seat.ticketed", seat.case_id, by=by, about=seat.pk)
        return seat


def confirm(passage: Passage, *, by: Account) -> Passage:
    """Make a passage firm; each leg's escort gets to know that leg and no other, until it has ended."""
    with transaction.atomic():
        access.require(by, "travel.write", passage.case_id)
        _state(passage, Passage.State.CONFIRMED, by)
        for seat in passage.seats.filter(given_up_at=None).select_related("leg__escort"):
            if seat.leg.escort:
                until = seat.leg.arrives_at + AFTER_ARRIVAL
                access.admit(seat.leg.escort, Role.ESCORT, passage.case_id, by=by, reason="leg", until=until, scope=seat.leg_id)
        put("passage_changed", by=by, key=f"{passage.pk}:confirmed", passage=passage.pk, case=passage.case_id)
        return passage


def cancel(passage: Passage, *, by: Account) -> Passage:
    """Give every seat of a passage back; what the escorts knew ends with it."""
    with transaction.atomic():
        access.require(by, "travel.write", passage.case_id)
        _state(passage, Passage.State.CANCELLED, by)
        for seat in passage.seats.select_related("leg__escort"):
            if seat.leg.escort and access.may(seat.leg.escort, "travel.own", passage.case_id, scope=seat.leg_id):
                access.dismiss(seat.leg.escort, Role.ESCORT, passage.case_id, by=by, scope=seat.leg_id)
        passage.seats.update(given_up_at=timezone.now())
        return passage


def _state(passage: Passage, state: Passage.State, by: Account) -> None:
    passage.state = state
    passage.save(update_fields=["state"])
    ledger.record(f"passage.{state}", passage.case_id, by=by, about=passage.pk)


def progress(seat_id: UUID, state: str, *, by: Account) -> Seat:
    """The escort says: met, handed over, or did not come. Raises `Denied` for another leg's escort."""
    with transaction.atomic():
        seat = Seat.objects.select_for_update().filter(pk=seat_id).first()
        if seat is None:
            raise Denied(seat_id, "seat", by.pk)
        if not access.may(by, "travel.own", seat.case_id, scope=seat.leg_id):
            access.require(by, "travel.write", seat.case_id)
        seat.progress = Seat.Progress(state)
        seat.save(update_fields=["progress"])
        ledger.record(f"seat.{state}", seat.case_id, by=by, about=seat.pk)
        put("seat_changed", by=by, key=f"{seat.pk}:{state}:{timezone.now().timestamp()}", seat=seat.pk, case=seat.case_id)
        return seat


def is_the_day(leg: Leg) -> bool:
    """Whether the escort may open where to meet: from 18 hours before departure until 12 hours after arrival."""
    return leg.departs_at - THE_DAY <= timezone.now() <= leg.arrives_at + AFTER_ARRIVAL


def meeting_point(seat: Seat, *, by: Account) -> str:
    """Where to meet, for the leg's escort, on the day, in the ledger. Raises `Denied` before and after."""
    if not is_the_day(seat.leg):
        raise Denied(seat.case_id, "meeting_point.not_the_day", by.pk)
    return vault.reveal_own(seat, "meeting_point", scope=seat.leg_id, by=by)

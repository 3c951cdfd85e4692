"""The door of the roads: plan a passage, take and ticket seats, confirm escorts, cancel; what the escort may see on the day."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Func, IntegerField, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.company import leg_must_suit, seat_still_suits, vehicle_must_suit
from logistics.models import Leg, Passage, Seat
from relocation.journey.wrong import Near, something_is_wrong
from relocation.models import Account, Case, Stage
from relocation.models.outbox import put
from relocation.safety import access, ledger, vault
from relocation.safety.policy import Role
from relocation.safety.questions import answers
from relocation.safety.refusal import Denied, Refusal

AFTER_ARRIVAL = timedelta(hours=12)
THE_DAY = timedelta(hours=18)
LIVE = (Passage.State.PLANNED, Passage.State.CONFIRMED)
OVER = (Seat.Progress.HANDED_OVER, Seat.Progress.MISSED)


class NoSeat(Refusal):
    """Every seat of the leg is taken, or the person already has one."""

    kind = "no_seat"


class NotNow(Refusal):
    """The passage has gone on, or somebody else has to do this."""

    kind = "not_now"


class TakenSeats(Func):
    """How many seats of a leg are taken, by whomever: a number only."""

    template = "(SELECT count(*) FROM harbour_taken_seats(%(expressions)s))"
    output_field = IntegerField()


def plan(case: Case, purpose: str, legs: Iterable[Leg], *, by: Account, **told: Any) -> Passage:
    """Plan a way of one or more legs for one person and take a seat on each. Raises `Denied` or `NoSeat`.

    `told` is what else is known of it: alone by choice, whether a permission to leave is needed, what others are told.
    """
    with transaction.atomic():
        access.require(by, "travel.write", case.pk)
        passage = Passage(case=case, by=by, purpose=purpose, **told)
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


def take_seat(
    passage: Passage, leg: Leg, *, by: Account, meeting_point: str = "", code_phrase: str = "", vehicle: str = ""
) -> Seat:
    """The lowest free seat of a leg for the passage's person; the database refuses a seat that is taken or does not exist.

    On a passage that is firm already, the leg's escort is let in at once. Raises `Denied`, `NoSeat`, `NotNow` or `NotAdmitted`.
    """
    with transaction.atomic():
        access.require(by, "travel.write", passage.case_id)
        if meeting_point:
            access.require(by, "location.write", passage.case_id)
        must_be(passage, LIVE, by)
        leg = Leg.objects.select_for_update(of=("self",)).select_related("escort").get(pk=leg.pk)
        _still_goes(passage.case_id, leg, by)
        leg_must_suit(passage.case_id, leg, by)
        vehicle_must_suit(passage.case_id, vehicle, by)
        seat = Seat(case_id=passage.case_id, by=by, passage=passage, leg=leg, number=_free_number(passage, leg, by))
        seat.meeting_point, seat.code_phrase, seat.vehicle = meeting_point, code_phrase, vehicle
        seat.save(force_insert=True)
        ledger.record("seat.taken", seat.case_id, by=by, about=seat.pk)
        if passage.state == Passage.State.CONFIRMED:
            let_escort_in(seat, by)
        return seat


def _still_goes(case_id: UUID, leg: Leg, by: Account) -> None:
    if leg.cancelled_at is not None:
        raise NotNow(case_id, "seat", by.pk, _("This leg is cancelled. Choose another one."))


def _free_number(passage: Passage, leg: Leg, by: Account) -> int:
    if Seat.objects.filter(case_id=passage.case_id, leg=leg, given_up_at=None).exists():
        raise NoSeat(passage.case_id, "seat", by.pk, _("This person already has a seat on this leg."))
    give_back_holds(leg.pk)
    free = sorted(set(range(1, leg.seats + 1)) - taken(leg.pk))
    if not free:
        raise NoSeat(passage.case_id, "seat", by.pk, _("Every seat of this leg is taken. Choose another leg."))
    return free[0]


def open_legs(passage: Passage, *, by: Account) -> QuerySet[Leg]:
    """Legs still to come that `by` entered or has somebody on, with a free seat, and not yet on this person's way."""
    seen = Seat.objects.filter(case__in=access.permitted(by, "travel.read")).values("leg")
    own = Seat.objects.filter(case_id=passage.case_id, given_up_at=None).values("leg")
    going = Leg.objects.filter(departs_at__gt=timezone.now(), cancelled_at=None)
    ahead = going.filter(Q(by=by) | Q(pk__in=seen)).exclude(pk__in=own)
    return ahead.annotate(in_use=TakenSeats("pk")).filter(in_use__lt=F("seats"))


def taken(leg_id: UUID) -> set[int]:
    """The numbers of the seats of a leg that are taken, by whomever."""
    return set(answers("SELECT harbour_taken_seats(%s)", leg_id))


def give_back_holds(leg_id: UUID | None) -> list[UUID]:
    """What a carrier no longer holds is free: on one leg for whoever wants it, on all (None) for the sweep alone. The seats."""
    return answers("SELECT harbour_holds_over(%s)", leg_id)


def locked(seat: Seat, by: Account) -> Seat:
    """The seat as it is now, locked. Raises `NotNow` where it was given back meanwhile, or its hold ran out."""
    found = Seat.objects.select_for_update(of=("self",)).select_related("leg", "passage").filter(pk=seat.pk, given_up_at=None)
    if (now := found.first()) is None:
        sentence = _("This seat was given back, or its hold ran out. Take a seat again.")
        raise NotNow(seat.case_id, "seat", by.pk, sentence)
    return now


def ticket(seat: Seat, reference: str, *, by: Account) -> Seat:
    """Note the ticket of a seat; from then on no hold runs out. Raises `Denied`, `NotNow`."""
    with transaction.atomic():
        access.require(by, "travel.write", seat.case_id)
        seat = locked(seat, by)
        seat.ticket, seat.ticketed_at = reference, timezone.now()
        seat.save(update_fields=["ticket", "ticketed_at"])
        ledger.record("seat.ticketed", seat.case_id, by=by, about=seat.pk)
        return seat


def confirm(passage: Passage, *, by: Account) -> Passage:
    """Make a passage firm; each leg's escort knows that leg and no other, until it has ended.

    Raises `Denied`, `NotNow`, or `NotAdmitted` where somebody on a leg does not suit the person any more.
    """
    with transaction.atomic():
        access.require(by, "travel.write", passage.case_id)
        must_be(passage, (Passage.State.PLANNED,), by)
        _state(passage, Passage.State.CONFIRMED, by)
        for seat in passage.seats.filter(given_up_at=None).select_related("leg__escort"):
            seat_still_suits(seat, by)
            let_escort_in(seat, by)
        put("passage_changed", by=by, key=f"{passage.pk}:confirmed", passage=passage.pk, case=passage.case_id)
        return passage


def cancel(passage: Passage, *, by: Account) -> Passage:
    """Give every seat of a passage back; what the escorts knew ends with it. Raises `Denied`, `NotNow`."""
    with transaction.atomic():
        access.require(by, "travel.write", passage.case_id)
        must_be(passage, LIVE, by)
        _state(passage, Passage.State.CANCELLED, by)
        for seat in passage.seats.filter(given_up_at=None):
            give_back(seat, by)
        return passage


def finish(passage: Passage, *, by: Account) -> Passage:
    """Say that a way is over; seats on legs that nobody will travel any more are given back. Raises `Denied`, `NotNow`."""
    with transaction.atomic():
        access.require(by, "travel.write", passage.case_id)
        must_be(passage, LIVE, by)
        _state(passage, Passage.State.DONE, by)
        for seat in passage.seats.filter(given_up_at=None, progress=Seat.Progress.WAITING, leg__departs_at__gt=timezone.now()):
            give_back(seat, by)
        return passage


def has_begun(passage: Passage) -> bool:
    """Whether one of its legs has departed, or an escort has met the person."""
    seats = passage.seats.filter(given_up_at=None)
    return seats.filter(Q(leg__departs_at__lte=timezone.now()) | ~Q(progress=Seat.Progress.WAITING)).exists()


def give_up(seat: Seat, *, by: Account) -> None:
    """Take one leg out of a passage; what its escort knew ends with it. Raises `Denied`, `NotNow`."""
    with transaction.atomic():
        access.require(by, "travel.write", seat.case_id)
        must_be(seat.passage, LIVE, by)
        give_back(seat, by)


def give_back(seat: Seat, by: Account) -> None:
    """The seat is free, and what its escort and receiver knew ends."""
    for role in _of_a_leg(seat, by):
        for grant in access.holders(seat.case_id, role).filter(scope=seat.leg_id).select_related("user"):
            must_admit(seat.case_id, by)
            access.dismiss(grant.user, role, seat.case_id, by=by, scope=seat.leg_id)
    seat.given_up_at = timezone.now()
    seat.save(update_fields=["given_up_at"])
    ledger.record("seat.given_up", seat.case_id, by=by, about=seat.pk)


def _of_a_leg(seat: Seat, by: Account) -> tuple[Role, ...]:
    """Whose access ends with the seat; whoever has arrived, by whichever way, is still received."""
    arrived = access.permitted(by, "travel.write").filter(pk=seat.case_id, stage=Stage.RESETTLED).exists()
    return (Role.ESCORT,) if arrived else (Role.ESCORT, Role.RECEIVER)


def let_escort_in(seat: Seat, by: Account) -> None:
    """Until the leg has ended; for one that has ended there is nothing left to know."""
    until = seat.leg.arrives_at + AFTER_ARRIVAL
    if seat.leg.escort and until > timezone.now():
        must_admit(seat.case_id, by)
        access.admit(seat.leg.escort, Role.ESCORT, seat.case_id, by=by, reason="leg", until=until, scope=seat.leg_id)


def must_admit(case_id: UUID, by: Account) -> None:
    """Raise `NotNow` unless `by` lets escorts in and out."""
    if not access.may(by, "admit.escort", case_id):
        raise NotNow(case_id, "escort", by.pk, _("Only the case lead lets an escort in or out. Ask the lead to do this."))


def must_be(passage: Passage, states: Iterable[str], by: Account) -> None:
    """Lock the passage and look at its state afresh."""
    locked = Passage.objects.select_for_update().filter(pk=passage.pk)
    passage.state = locked.values_list("state", flat=True).get()
    if passage.state not in states:
        sentence = _("This passage is already %(state)s.") % {"state": Passage.State(passage.state).label}
        raise NotNow(passage.case_id, "passage", by.pk, sentence)


def _state(passage: Passage, state: Passage.State, by: Account) -> None:
    passage.state = state
    passage.save(update_fields=["state"])
    ledger.record(f"passage.{state}", passage.case_id, by=by, about=passage.pk)


def progress(seat_id: UUID, state: str, *, by: Account) -> Seat:
    """The escort says: met, handed over, or did not come. Raises `Denied` for another leg's escort."""
    with transaction.atomic():
        seat = Seat.objects.select_for_update(of=("self",)).filter(pk=seat_id).first()
        if seat is None:
            raise Denied(seat_id, "seat", by.pk)
        if not access.may(by, "travel.own", seat.case_id, scope=seat.leg_id):
            access.require(by, "travel.write", seat.case_id)
        seat.progress = Seat.Progress(state)
        seat.save(update_fields=["progress"])
        ledger.record(f"seat.{state}", seat.case_id, by=by, about=seat.pk)
        put(
            "seat_changed",
            by=by,
            key=f"{seat.pk}:{state}:{timezone.now().timestamp()}",
            seat=seat.pk,
            case=seat.case_id,
        )
        return seat


def opens_at(leg: Leg) -> datetime:
    """From when (UTC) the escort may open where to meet: 18 hours before departure."""
    return leg.departs_at - THE_DAY


def is_the_day(leg: Leg) -> bool:
    """Whether the escort may open where to meet: from 18 hours before departure until 12 hours after arrival."""
    return opens_at(leg) <= timezone.now() <= leg.arrives_at + AFTER_ARRIVAL


def meeting_point(seat: Seat, *, by: Account) -> str:
    """Where to meet, for the leg's escort, on the day, in the ledger. Raises `Denied` before and after."""
    if not is_the_day(seat.leg):
        raise Denied(seat.case_id, "meeting_point.not_the_day", by.pk)
    return vault.reveal_own(seat, "meeting_point", scope=seat.leg_id, by=by)


def alarm(seat: Seat, words: str, *, by: Account, held: bool = False) -> bool:
    """Something is wrong on the way; False where an alarm of minutes ago took it in. Raises `Denied` for another leg's escort."""
    return something_is_wrong(Near("travel.own", seat.case_id, seat.leg_id), words, by=by, held=held)

"""The door of the houses: hold, confirm, release a bed; arrived or not here."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.models import Account, Case
from relocation.models.outbox import put
from relocation.safety import access, ledger
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied, Refusal
from shelters.company import must_suit
from shelters.fitting import BedTaken, HouseClosed, NotSuited, last_word, must_take, vetted_hosts
from shelters.models import Bed, FreeBeds, House, Keeper, Stay

__all__ = ["BedTaken", "HouseClosed", "NotSuited", "arrived", "confirm", "hold", "not_here", "release", "say_free", "undo_free"]

HOLD_FOR = timedelta(hours=24)
EXPECTED = (Stay.State.CONFIRMED, Stay.State.ARRIVED, Stay.State.NOT_HERE)
RUNNING = (Stay.State.HELD, *EXPECTED)


def hold(
    bed: Bed,
    case: Case,
    nights: tuple[date, date],
    *,
    window: tuple[datetime, datetime],
    by: Account,
    until: datetime | None = None,
) -> Stay:
    """Keep `bed` for `case` from the first night up to the day of leaving; the hold ends at `until` (UTC, default in 24 hours).

    Raises `Denied`, `HouseClosed`, `NotSuited`, `NotAdmitted`, or `BedTaken`: the database has the last word.
    """
    with transaction.atomic():
        house = House.objects.select_for_update().get(pk=bed.house_id)
        access.require(by, "place", case.pk)
        must_take(house, bed, case, nights, "stay.hold", by)
        must_suit(house, case.pk, nights, by)
        free_expired(bed)
        stay = Stay(
            case=case, by=by, house=house, bed=bed, nights=DateRange(*nights), held_until=until or timezone.now() + HOLD_FOR,
            expected_from=window[0], expected_until=window[1],
        )  # fmt: skip
        with last_word(case.pk, "stay.hold", by):
            stay.save(force_insert=True)
        ledger.record("stay.held", case.pk, by=by, about=stay.pk)
        return stay


def free_expired(bed: Bed) -> None:
    """A hold that ran out is released when somebody wants the bed, whoever held it (see `stay_rules`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT harbour_give_back(%s)", [bed.pk])


def confirm(stay: Stay, *, by: Account) -> Stay:
    """Make a hold firm and let the hosts of the house know the alias, the window and the needs.

    Raises as `hold` does: whatever has changed since is looked at again.
    """
    with transaction.atomic():
        stay = locked(stay.pk, by)
        access.require(by, "place", stay.case_id)
        _must_not_have_run_out(stay, by)
        nights = (stay.nights.lower, stay.nights.upper)
        if stay.state == Stay.State.HELD:
            must_take(stay.house, stay.bed, stay.case, nights, "stay.confirm", by)
            must_suit(stay.house, stay.case_id, nights, by, "stay.confirm")
        with last_word(stay.case_id, "stay.confirm", by):
            turn(stay, Stay.State.CONFIRMED, by, from_states=(Stay.State.HELD,))
        tell_hosts(stay, by)
        return stay


def _must_not_have_run_out(stay: Stay, by: Account) -> None:
    if stay.state == Stay.State.HELD and not Stay.objects.standing().filter(pk=stay.pk).exists():
        raise Refusal(
            stay.case_id, "stay.confirm", by.pk, _("This hold has run out. Look for a bed again; it may still be free.")
        )


def tell_hosts(stay: Stay, by: Account) -> None:
    """Let the vetted hosts of the house know of a stay, until the day after its last night."""
    midnight = datetime.combine(stay.nights.upper, datetime.min.time(), tzinfo=timezone.get_current_timezone())
    for host in vetted_hosts(stay.house):
        access.admit(host, Role.HOST, stay.case_id, by=by, reason="stay", until=midnight + timedelta(days=1), scope=stay.pk)


def tell_no_host(stay: Stay, by: Account) -> None:
    """What the hosts knew of a stay ends now."""
    for grant in access.holders(stay.case_id, Role.HOST).filter(scope=stay.pk).select_related("user"):
        access.dismiss(grant.user, Role.HOST, stay.case_id, by=by, scope=stay.pk)


def release(stay: Stay, *, by: Account) -> None:
    """Give the bed back, or note that the person has left; what the hosts knew ends with it."""
    with transaction.atomic():
        stay = locked(stay.pk, by)
        access.require(by, "place", stay.case_id)
        end(stay, by)


def end(stay: Stay, by: Account) -> None:
    """The person has left, or does not come: the bed is free, and no host knows of it any more."""
    was_there = stay.state == Stay.State.ARRIVED
    turn(stay, Stay.State.LEFT if was_there else Stay.State.RELEASED, by, from_states=RUNNING)
    tell_no_host(stay, by)


def arrived(stay_id: UUID, *, by: Account) -> Stay:
    """The host, or the lead, says that the person is there."""
    return _at_the_door(stay_id, Stay.State.ARRIVED, by)


def not_here(stay_id: UUID, *, by: Account) -> Stay:
    """The host says that the person has not come; the lead is told."""
    return _at_the_door(stay_id, Stay.State.NOT_HERE, by)


def _at_the_door(stay_id: UUID, state: Stay.State, by: Account) -> Stay:
    with transaction.atomic():
        stay = locked(stay_id, by)
        if not (access.may(by, "location.own", stay.case_id, scope=stay.pk) or access.may(by, "place", stay.case_id)):
            raise Denied(stay.case_id, "stay.door", by.pk)
        stay.arrived_at = timezone.now() if state == Stay.State.ARRIVED else None
        taken = _("The bed was given to somebody else meanwhile. Please call the coordinator.")
        with last_word(stay.case_id, "stay.door", by, taken):
            turn(stay, state, by, from_states=EXPECTED)
        return stay


def locked(stay_id: UUID, by: Account) -> Stay:
    """The stay, fresh and locked. Raises `Denied` where there is none for this account."""
    stay = Stay.objects.select_for_update().filter(pk=stay_id).first()
    if stay is None:
        raise Denied(stay_id, "stay", by.pk)
    return stay


def turn(stay: Stay, state: Stay.State, by: Account, from_states: tuple[Stay.State, ...]) -> None:
    """Change the state, write it down and tell the lead. Raises `Refusal` from any other state."""
    if stay.state not in from_states:
        raise Refusal(
            stay.case_id,
            f"stay.{state}",
            by.pk,
            _("This stay is already: %(state)s.") % {"state": Stay.State(stay.state).label},
        )
    stay.state = state
    stay.save(update_fields=["state", "arrived_at"])
    ledger.record(f"stay.{state}", stay.case_id, by=by, about=stay.pk)
    put("stay_changed", by=by, key=f"{stay.pk}:{state}:{timezone.now().timestamp()}", stay=stay.pk, case=stay.case_id)


def say_free(house: House, beds: int, *, by: Account) -> FreeBeds:
    """The host says how many beds are free tonight. Raises `Denied` for whoever does not keep this house."""
    _require_keeper(house, by)
    with transaction.atomic():
        answer = FreeBeds(house=house, beds=beds, by=by)
        answer.save()
        ledger.record("house.free", house.pk, by=by, detail=str(beds))
        return answer


def undo_free(house: House, *, by: Account) -> Any:
    """Take the last answer back; returns the one that counts again, or None."""
    _require_keeper(house, by)
    with transaction.atomic():
        last = house.answers.filter(undone_at=None).first()
        if last:
            FreeBeds.objects.filter(pk=last.pk).update(undone_at=timezone.now())
            ledger.record("house.free_undone", house.pk, by=by)
        return house.answers.filter(undone_at=None).first()


def _require_keeper(house: House, by: Account) -> None:
    if not Keeper.objects.filter(house=house, account=by).exists():
        raise Denied(house.pk, "house.free", by.pk)

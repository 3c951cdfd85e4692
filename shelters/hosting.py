"""The door of the houses: hold, confirm, release a bed; arrived or not here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.models import Account, Case
from relocation.models.outbox import put
from relocation.safety import access, ledger
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied, Refusal
from shelters.company import must_suit
from shelters.models import Bed, FreeBeds, House, Keeper, Stay

HOLD_FOR = timedelta(hours=24)
EXPECTED = (Stay.State.CONFIRMED, Stay.State.ARRIVED, Stay.State.NOT_HERE)
RUNNING = (Stay.State.HELD, *EXPECTED)


class BedTaken(Refusal):
    """Somebody else has the bed for one of these nights."""

    kind = "bed_taken"


class HouseClosed(Refusal):
    """The house takes nobody now."""

    kind = "house_closed"


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

    Raises `Denied`, `HouseClosed`, `NotAdmitted`, or `BedTaken`: the database's constraint has the last word.
    """
    with transaction.atomic():
        house = House.objects.select_for_update().get(pk=bed.house_id)
        access.require(by, "place", case.pk)
        _require_open(house, case.pk, "stay.hold", by)
        must_suit(house, case.pk, nights, by)
        _free_expired(bed)
        stay = Stay(
            case=case, by=by, house=house, bed=bed, nights=DateRange(*nights), held_until=until or timezone.now() + HOLD_FOR,
            expected_from=window[0], expected_until=window[1],
        )  # fmt: skip
        taken = _("This bed is taken for one of these nights. Choose another bed or other nights.")
        with _last_word(stay, "stay.hold", by, taken):
            stay.save(force_insert=True)
        ledger.record("stay.held", case.pk, by=by, about=stay.pk)
        return stay


def _require_open(house: House, case_id: UUID, what: str, by: Account) -> None:
    if not house.takes_people:
        raise HouseClosed(case_id, what, by.pk, _("This house takes nobody now. Choose another one."))


def _free_expired(bed: Bed) -> None:
    """A hold that ran out is released when somebody wants the bed, whoever held it (see `GIVE_BACK`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT harbour_give_back(%s)", [bed.pk])


@contextmanager
def _last_word(stay: Stay, what: str, by: Account, sentence: str) -> Iterator[None]:
    """The database's constraint decides whether the bed is free for these nights."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "one_stay_per_bed_and_night" not in str(error):
            raise
        raise BedTaken(stay.case_id, what, by.pk, sentence) from None


def confirm(stay: Stay, *, by: Account) -> Stay:
    """Make a hold firm and let the hosts of the house know the alias, the window and the needs."""
    with transaction.atomic():
        stay = _locked(stay.pk, by)
        access.require(by, "place", stay.case_id)
        _require_open(stay.house, stay.case_id, "stay.confirm", by)
        _move(stay, Stay.State.CONFIRMED, by, from_states=(Stay.State.HELD,))
        ends = datetime.combine(stay.nights.upper, datetime.min.time(), tzinfo=timezone.get_current_timezone()) + timedelta(
            days=1
        )
        for keeper in Keeper.objects.filter(house_id=stay.house_id).select_related("account"):
            access.admit(keeper.account, Role.HOST, stay.case_id, by=by, reason="stay", until=ends, scope=stay.pk)
        return stay


def release(stay: Stay, *, by: Account) -> None:
    """Give the bed back, or note that the person has left; what the hosts knew ends with it."""
    with transaction.atomic():
        stay = _locked(stay.pk, by)
        access.require(by, "place", stay.case_id)
        was_there = stay.state == Stay.State.ARRIVED
        _move(stay, Stay.State.LEFT if was_there else Stay.State.RELEASED, by, from_states=RUNNING)
        for grant in access.holders(stay.case_id, Role.HOST).filter(scope=stay.pk).select_related("user"):
            access.dismiss(grant.user, Role.HOST, stay.case_id, by=by, scope=stay.pk)


def arrived(stay_id: UUID, *, by: Account) -> Stay:
    """The host, or the lead, says that the person is there."""
    return _at_the_door(stay_id, Stay.State.ARRIVED, by)


def not_here(stay_id: UUID, *, by: Account) -> Stay:
    """The host says that the person has not come; the lead is told."""
    return _at_the_door(stay_id, Stay.State.NOT_HERE, by)


def _at_the_door(stay_id: UUID, state: Stay.State, by: Account) -> Stay:
    with transaction.atomic():
        stay = _locked(stay_id, by)
        if not (access.may(by, "location.own", stay.case_id, scope=stay.pk) or access.may(by, "place", stay.case_id)):
            raise Denied(stay.case_id, "stay.door", by.pk)
        stay.arrived_at = timezone.now() if state == Stay.State.ARRIVED else None
        taken = _("The bed was given to somebody else meanwhile. Please call the coordinator.")
        with _last_word(stay, "stay.door", by, taken):
            _move(stay, state, by, from_states=EXPECTED)
        return stay


def _locked(stay_id: UUID, by: Account) -> Stay:
    stay = Stay.objects.select_for_update().filter(pk=stay_id).first()
    if stay is None:
        raise Denied(stay_id, "stay", by.pk)
    return stay


def _move(stay: Stay, state: Stay.State, by: Account, from_states: tuple[Stay.State, ...]) -> None:
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

"""The door between two beds: one stay ends where the next begins; and a stay that goes on for longer, or ends sooner."""

from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.models import Account
from relocation.models.outbox import put
from relocation.safety import access, ledger
from relocation.safety.refusal import Refusal
from shelters.company import must_suit
from shelters.fitting import last_word, must_take
from shelters.hosting import HOLD_FOR, end, free_expired, locked, tell_hosts, tell_no_host
from shelters.models import Bed, House, Stay

FIRM = (Stay.State.CONFIRMED, Stay.State.ARRIVED)
MOVES = (Stay.State.HELD, Stay.State.CONFIRMED, Stay.State.ARRIVED, Stay.State.NOT_HERE)


def move(stay: Stay, bed: Bed, *, window: tuple[datetime, datetime], by: Account, until: date | None = None) -> Stay:
    """From tonight the person has `bed`, up to the same day of leaving or `until`; the window (UTC) says when they come there.

    In one transaction the old stay ends and its hosts know nothing any more, and the new one begins, as firm as the old one was.
    Raises `Denied`, `HouseClosed`, `NotSuited`, `NotAdmitted`, `BedTaken`, or `Refusal` where there is nothing to move.
    """
    with transaction.atomic():
        access.require(by, "place", stay.case_id)
        house = _lock_houses(stay, bed)
        old = locked(stay.pk, by)
        nights = _nights_from_now(old, bed, until, by)
        must_take(house, bed, old.case, nights, "stay.move", by)
        must_suit(house, old.case_id, nights, by, "stay.move")
        free_expired(bed)
        firm = old.state in FIRM
        end(old, by)
        return _begin(_after(old, house, bed, nights, window, by), firm, by)


def _lock_houses(stay: Stay, bed: Bed) -> House:
    """Both houses, in an order that two moves have in common; returns the new one, fresh."""
    both = House.objects.select_for_update().filter(pk__in=[stay.house_id, bed.house_id]).order_by("pk")
    return {house.pk: house for house in both}[bed.house_id]


def _nights_from_now(old: Stay, bed: Bed, until: date | None, by: Account) -> tuple[date, date]:
    """From tonight, or the first night where that is later. Raises `Refusal` for a stay that is over, or for the same bed."""
    first, leave = max(old.nights.lower, timezone.localdate()), until or old.nights.upper
    if old.state not in MOVES or leave <= first:
        raise Refusal(old.case_id, "stay.move", by.pk, _("This stay is over. Hold a bed instead."))
    if bed.pk == old.bed_id:
        raise Refusal(old.case_id, "stay.move", by.pk, _("This is the bed they have. Choose another one."))
    return first, leave


def _after(old: Stay, house: House, bed: Bed, nights: tuple[date, date], window: tuple[datetime, datetime], by: Account) -> Stay:
    return Stay(
        case=old.case, by=by, house=house, bed=bed, nights=DateRange(*nights), follows=old,
        held_until=timezone.now() + HOLD_FOR, expected_from=window[0], expected_until=window[1],
    )  # fmt: skip


def _begin(stay: Stay, firm: bool, by: Account) -> Stay:
    """Save the new stay: confirmed, so that its hosts know of it, where the old one was as firm; else held."""
    stay.state = Stay.State.CONFIRMED if firm else Stay.State.HELD
    with last_word(stay.case_id, "stay.move", by):
        stay.save(force_insert=True)
    ledger.record("stay.moved", stay.case_id, by=by, about=stay.pk)
    put("stay_changed", by=by, key=f"{stay.pk}:moved", stay=stay.pk, case=stay.case_id)
    if firm:
        tell_hosts(stay, by)
    return stay


def extend(stay: Stay, until: date, *, by: Account) -> Stay:
    """Stay up to, not including, another day of leaving; its hosts know of it as long as it lasts.

    A longer stay is looked at as a new one is. Raises `Denied`, `HouseClosed`, `NotSuited`, `NotAdmitted`, `BedTaken`, or
    `Refusal` for a day that cannot be.
    """
    with transaction.atomic():
        access.require(by, "place", stay.case_id)
        house = _lock_houses(stay, stay.bed)
        stay = locked(stay.pk, by)
        _must_be_a_day(stay, until, by)
        if until > stay.nights.upper:
            nights = (stay.nights.lower, until)
            must_take(house, stay.bed, stay.case, nights, "stay.extend", by)
            must_suit(house, stay.case_id, nights, by, "stay.extend")
            free_expired(stay.bed)
        return _until(stay, until, by)


def _must_be_a_day(stay: Stay, until: date, by: Account) -> None:
    lasts = Stay.objects.standing().filter(pk=stay.pk).exists()
    if not lasts:
        raise Refusal(stay.case_id, "stay.extend", by.pk, _("This stay is over. Hold a bed instead."))
    if until <= max(stay.nights.lower, timezone.localdate()):
        raise Refusal(stay.case_id, "stay.extend", by.pk, _("The day of leaving comes after tonight. Choose a later day."))


def _until(stay: Stay, until: date, by: Account) -> Stay:
    stay.nights = DateRange(stay.nights.lower, until)
    with last_word(stay.case_id, "stay.extend", by):
        stay.save(update_fields=["nights"])
    ledger.record("stay.extended", stay.case_id, by=by, about=stay.pk)
    put("stay_changed", by=by, key=f"{stay.pk}:until:{timezone.now().timestamp()}", stay=stay.pk, case=stay.case_id)
    if stay.state in FIRM:
        tell_no_host(stay, by)
        tell_hosts(stay, by)
    return stay


def greet(stay: Stay, greeting: str, reply: str, *, by: Account) -> None:
    """Agree on what whoever comes says and what the host answers; the host reads it, the lead hands it on. Raises `Denied`."""
    with transaction.atomic():
        stay = locked(stay.pk, by)
        access.require(by, "place", stay.case_id)
        stay.greeting, stay.reply = greeting, reply
        stay.save(update_fields=["greeting", "reply"])
        ledger.record("stay.greeting", stay.case_id, by=by, about=stay.pk)

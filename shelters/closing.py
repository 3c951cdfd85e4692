"""The door of closed nights: a house, a room or a bed takes nobody new; whoever is expected there must be moved by the lead."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from relocation.models import Account, Part
from relocation.models.outbox import put
from relocation.safety import ledger
from relocation.safety.refusal import Denied, Refusal
from shelters.models import Bed, Closure, House, Keeper, Room, Stay

LONGEST = 180  # nights


class NotClosed(Refusal):
    """The nights are closed already, or are no nights."""

    kind = "not_closed"


def close(
    house: House,
    nights: tuple[date, date],
    *,
    by: Account,
    why: str = Closure.Why.OTHER,
    part: Room | Bed | None = None,
    note: str = "",
) -> Closure:
    """Close from the first night up to, not including, the day of opening. A host's word is never refused for whom it concerns.

    Raises `Denied` for whoever neither keeps the house nor works at its organisation's desk, `NotClosed` for what cannot be.
    """
    with transaction.atomic():
        house = at_home(house.pk, by, "house.close")
        _must_be_nights(house, nights, by)
        closure = Closure(house=house, by=by, nights=DateRange(*nights), why=why, note=note)
        closure.room, closure.bed = (part if isinstance(part, Room) else None), (part if isinstance(part, Bed) else None)
        if _is_closed(closure, nights):
            raise NotClosed(house.pk, "house.close", by.pk, _("These nights are closed already."))
        closure.save(force_insert=True)
        ledger.record("house.closed", house.pk, by=by, about=closure.pk, detail=f"{nights[0]} {nights[1]} {why}")
        put("house_changed", by=by, key=str(closure.pk), house=house.pk)
        return closure


def open_again(closure: Closure, *, by: Account) -> None:
    """Take a closure back. Twice does nothing more. Raises `Denied` as `close` does."""
    with transaction.atomic():
        house = at_home(closure.house_id, by, "house.open")
        if Closure.objects.standing().filter(pk=closure.pk, house=house).update(opened_at=Now(), opened_by=by):
            ledger.record("house.opened", house.pk, by=by, about=closure.pk)


def ahead(house: House, today: date) -> QuerySet[Closure]:
    """Closures of the house that are not over yet."""
    return Closure.objects.standing().filter(house=house, nights__endswith__gt=today).select_related("room", "bed__room")


def stays_on(closure: Closure) -> int:
    """How many people have a bed there on the closed nights, as far as the acting account may know."""
    nights = (closure.nights.lower, closure.nights.upper)
    stays = Stay.objects.filter(house=closure.house_id).standing().between(*nights).select_related("bed")
    return sum(closure.shuts(stay.bed) for stay in stays)


def at_home(house_id: UUID, by: Account, what: str) -> House:
    """The house, locked, for its hosts and for the desk of its own organisation. Raises `Denied` for everybody else."""
    house = House.objects.select_for_update().filter(pk=house_id).first()
    if house is None or not (works_for(by, house) or Keeper.objects.filter(house=house, account=by).exists()):
        raise Denied(house_id, what, by.pk)
    return house


def works_for(account: Account, house: House) -> bool:
    """Whether somebody works at the desk of the house's organisation."""
    return account.is_active and account.part == Part.DESK and account.organisation_id == house.organisation_id


def _must_be_nights(house: House, nights: tuple[date, date], by: Account) -> None:
    if not 0 < (nights[1] - nights[0]).days <= LONGEST:
        sentence = _("Close the house for one night at least, and for half a year at most.")
        raise NotClosed(house.pk, "house.close", by.pk, sentence)


def _is_closed(wanted: Closure, nights: tuple[date, date]) -> bool:
    """Whether one closure of the same part holds all of these nights."""
    same = Closure.objects.standing().filter(house=wanted.house, room=wanted.room, bed=wanted.bed)
    return same.filter(nights__contains=DateRange(*nights)).exists()

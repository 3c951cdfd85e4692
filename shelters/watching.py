"""The door of sightings: what was seen near a house, told in two taps, and open until somebody has looked into it."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import ngettext

from relocation.models import Account
from relocation.models.outbox import put
from relocation.models.plates import is_plate, same_plate
from relocation.safety import ledger, vault
from relocation.safety.refusal import Denied
from shelters.closing import at_home, works_for
from shelters.models import House, Sighting

SEALED = ("words", "vehicle", "plate")


def report(house: House, what: str, *, by: Account, said: Mapping[str, str], seen_at: datetime | None = None) -> Sighting:
    """Write down what was seen and what is said of it (see `SEALED`), and tell who leads somebody there. Raises `Denied`."""
    with transaction.atomic():
        house = at_home(house.pk, by, "house.sighting")
        sighting = Sighting(house=house, by=by, what=what, **{name: said.get(name, "") for name in SEALED})
        if seen_at:
            sighting.seen_at = seen_at
        sighting.save(force_insert=True)
        ledger.record("house.sighting", house.pk, by=by, about=sighting.pk, detail=what)
        put("house_changed", by=by, key=str(sighting.pk), house=house.pk)
        if any(said.get(name) for name in SEALED):
            put("car_seen", by=by, key=str(sighting.pk), sighting=sighting.pk)
        return sighting


def settle(sighting: Sighting, *, by: Account, reason: str = "") -> None:
    """Somebody at the desk has looked into it, and says what it was. Twice does nothing more. Raises `Denied`."""
    with transaction.atomic():
        house = _of_desk(sighting.house_id, by, "house.sighting_settled")
        if Sighting.objects.filter(pk=sighting.pk, settled_at=None).update(settled_at=Now(), settled_by=by):
            ledger.record("house.sighting_settled", house.pk, by=by, about=sighting.pk, reason=reason)


def opened(sighting: Sighting, *, by: Account) -> dict[str, str]:
    """What was seen, in words. Raises `Denied` for whoever is not at the desk of the house's organisation."""
    house = sighting.house
    return vault.read_of_place(sighting, *SEALED, by=by, known_to=lambda _house: works_for(by, house), purpose="sighting")


def known_again(sighting: Sighting, plate: str) -> str:
    """A sentence where the same number plate was seen before, as far as the acting account may know; else nothing."""
    times = seen_before(sighting, plate)
    words = ngettext(
        "This number plate was seen %(n)d time before. Tell the people on call.",
        "This number plate was seen %(n)d times before. Tell the people on call.",
        times,
    )
    return words % {"n": times} if times else ""


def seen_before(sighting: Sighting, plate: str) -> int:
    """How often the same number plate was seen near any house before, compared in the vault; spaces and case say nothing."""
    if not is_plate(plate):
        return 0
    earlier = Sighting.objects.exclude(pk=sighting.pk).filter(plate__isnull=False, seen_at__lte=sighting.seen_at)
    return sum(vault.ask(partial(same_plate, plate), (one, "plate")) for one in earlier)


def _of_desk(house_id: UUID, by: Account, what: str) -> House:
    house = House.objects.filter(pk=house_id).first()
    if house is None or not works_for(by, house):
        raise Denied(house_id, what, by.pk)
    return house

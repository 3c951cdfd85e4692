"""The door of an alarm for a house in which nobody stays: no case answers for it, so it stands with what was seen there."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from relocation.journey.alarms import TAPPED_AGAIN
from relocation.models import Account
from relocation.models.outbox import put
from relocation.safety import ledger
from relocation.safety.refusal import Denied
from shelters import watching
from shelters.closing import at_home
from shelters.models import House, Sighting

What = Sighting.What
WELL = "house.all_is_well"


@dataclass(frozen=True)
class Raised:
    """The newest alarm that somebody raised for a house and nobody has looked into; `well`: they took it back."""

    alarm: Sighting
    well: Sighting | None


def raised(house: House, by: Account) -> Raised | None:
    """The own alarm for a house that is open, if there is one."""
    mine = Sighting.objects.filter(house=house, by=by)
    alarm = mine.filter(what=What.ALARM, settled_at=None).order_by("at").last()
    return Raised(alarm, mine.filter(what=What.WELL, at__gt=alarm.at).first()) if alarm else None


def raise_alarm(house: House, words: str, *, by: Account) -> bool:
    """Write it down with the house and wake whoever is on call. False for a second tap within minutes: its words are added.

    Raises `Denied`.
    """
    with transaction.atomic():
        house = at_home(house.pk, by, "house.sighting")
        before = raised(house, by)
        sighting = watching.report(house, What.ALARM, by=by, said={"words": words})
        if before and not before.well and before.alarm.at > timezone.now() - TAPPED_AGAIN:
            return False
        put("tell_danger", by=by, key=f"house:{sighting.pk}", about=by.pk)
        return True


def take_back(house: House, *, by: Account) -> None:
    """Whoever raised it says that all is well, and the people on call are told. Raises `Denied` where nothing is open.

    It stays open: somebody at the desk makes sure first, since such a word may be forced.
    """
    with transaction.atomic():
        house = at_home(house.pk, by, WELL)
        found = raised(house, by)
        if found is None or found.well:
            raise Denied(house.pk, WELL, by.pk)
        Sighting(house=house, by=by, what=What.WELL).save(force_insert=True)
        ledger.record(WELL, house.pk, by=by, about=found.alarm.pk)
        put("tell_danger", by=by, key=f"house:{found.alarm.pk}:well", about=by.pk)

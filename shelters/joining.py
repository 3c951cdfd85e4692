"""Where a host who is invited belongs: to a house, known to the access custodian by its code."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from relocation.journey.joining import PLACES, Place
from relocation.models import Account, Part
from shelters.models import House, Keeper
from shelters.pursued import look_at_host


def houses() -> list[tuple[str, str]]:
    """Every house that the acting account may name."""
    return [(str(house.pk), house.code) for house in House.objects.only("id", "code")]


def settle(account: Account, house: str) -> None:
    """Let the new host keep this house. Raises `ValidationError` where there is none such."""
    found = House.objects.filter(pk=house).only("id").first() if house else None
    if found is None:
        raise ValidationError(_("Choose the house that this host keeps."))
    Keeper.objects.create(house=found, account=account)
    look_at_host(found, account)


PLACES.add(Part.HOUSE, Place(houses, settle))

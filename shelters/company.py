"""Who a person would meet in a house: its hosts and whoever else sleeps there on these nights."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from relocation.journey import kin, pursuit
from relocation.journey.kin import NotAdmitted
from relocation.models import Account
from relocation.models.pursuit import CONFLICTS
from relocation.safety.actor import acting_as
from relocation.safety.questions import answers
from shelters.models import House, Keeper


def must_suit(house: House, case_id: UUID, nights: tuple[date, date], by: Account, what: str = "stay.hold") -> None:
    """Nobody is placed with a pursuer's kin, or with whom the person bars. Raises `NotAdmitted`, which names nobody."""
    pursuit.must_be_clear(case_id, what, by)
    hosts, places = hosts_and_places(house)
    others = others_there(house, case_id, nights)
    if not (kin.may_come(case_id, hosts, places) and kin.may_share_a_roof(case_id, others)):
        sentence = _("This house does not suit this person. Choose another one.")
        raise NotAdmitted(case_id, what, by.pk, sentence)


def hosts_and_places(house: House) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """The hosts of a house, and the house and its organisation, by id: what a person may bar there."""
    keepers = Keeper.objects.filter(house=house).select_related("account")
    hosts = {keeper.account_id: keeper.account.name for keeper in keepers}
    return hosts, {house.pk: house.code, house.organisation_id: house.organisation.name}


def others_there(house: House, case_id: UUID, nights: tuple[date, date]) -> Collection[UUID]:
    """The other cases in the house on these nights, as the sweep that compares names may know them."""
    with acting_as(CONFLICTS):
        return answers("SELECT harbour_others_there(%s, %s, %s, %s)", house.pk, case_id, *nights)

"""Beds, and stays of Kestrel in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from fiction.ground import Ground
from relocation.journey.referring import assign, refer
from relocation.models import Account, Case, Consent
from relocation.safety.actor import acting_as
from shelters import hosting
from shelters.models import Bed, House, Keeper, Stay
from tests.cast import referral

Places = Callable[..., Stay]


def tonight(nights: int = 14):
    """From tonight for some nights."""
    return timezone.localdate(), timezone.localdate() + timedelta(days=nights)


def this_evening():
    """The usual window, today from six to nine in Moscow."""
    six = datetime.now(ZoneInfo("Europe/Moscow")).replace(hour=18, minute=0, second=0, microsecond=0)
    return six, six + timedelta(hours=3)


@pytest.fixture
def alder(ground: Ground) -> House:
    """Hanna's house of five beds."""
    return ground.houses["Alder"]


@pytest.fixture
def birch(ground: Ground) -> House:
    """A house of four beds that Hanna does not keep."""
    return ground.houses["Birch"]


@pytest.fixture
def bed(alder: House, vera: Account) -> Bed:
    """The first bed in Alder."""
    with acting_as(vera.pk):
        return Bed.objects.select_related("house").filter(house=alder).order_by("name")[0]


@pytest.fixture
def place(kestrel: Case, bed: Bed, vera: Account) -> Places:
    """Vera holds a bed; Kestrel's, Alder's first, tonight for two weeks, unless something else is said."""

    def hold(case: Case | None = None, **said) -> Stay:
        nights, window, by = said.pop("nights", tonight()), said.pop("window", this_evening()), said.pop("by", vera)
        with acting_as(by.pk):
            return hosting.hold(said.pop("bed", bed), case or kestrel, nights, window=window, by=by, **said)

    return hold


@pytest.fixture
def held(place: Places) -> Stay:
    """A bed in Alder, held for Kestrel."""
    return place()


@pytest.fixture
def confirmed(held: Stay, vera: Account) -> Stay:
    """A bed in Alder, confirmed: Hanna knows of it."""
    with acting_as(vera.pk):
        return hosting.confirm(held, by=vera)


@pytest.fixture
def heron(charlie: Account) -> Case:
    """Another case, of another organisation, led by nobody whom Vera knows: Charlie's."""
    with acting_as(charlie.pk):
        return refer(referral(alias="Heron", surname="Другова", phone="+79990000001"), by=charlie)


@pytest.fixture
def heron_led(heron: Case, charlie: Account, nina: Account) -> Case:
    """Heron, led by Nina."""
    with acting_as(charlie.pk):
        today = timezone.localdate()
        agreed = Consent(case=heron, by=charlie, purpose="partner", organisation=nina.organisation, given_on=today)
        agreed.expires_on = today + timedelta(days=90)
        agreed.save(force_insert=True)
        assign(heron.pk, nina, by=charlie, reason="has room")
    with acting_as(nina.pk):
        return Case.objects.visible_to(nina, "place").get(pk=heron.pk)


@pytest.fixture
def quentin(birch: House, vera: Account) -> Account:
    """The host of Birch."""
    account = Account.objects.create(username="quentin", name="Quentin Roe", part="house", organisation=vera.organisation)
    with acting_as(vera.pk):
        Keeper.objects.create(house=birch, account=account)
    return account

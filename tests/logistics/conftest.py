"""Ways of Kestrel, legs, and Otto who escorts on one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zlib import crc32

import pytest
from django.utils import timezone

from logistics import dispatch
from logistics.models import Leg, Passage, Seat
from relocation.journey.referring import assign, refer
from relocation.models import Account, Case, CheckInPlan
from relocation.safety.actor import acting_as
from tests.cast import referral

MEET, PHRASE = "под часами у второго пути", "the kettle is blue"


def leg(departs: datetime | None = None, **said) -> Leg:
    """A car ride from Alder to Point C, in six hours, unless something else is said."""
    start = departs or timezone.now() + timedelta(hours=6)
    usual = {
        "mode": Leg.Mode.CAR,
        "from_place": "Alder",
        "to_place": "Point C",
        "departs_at": start,
        "arrives_at": start + timedelta(hours=3),
    }
    return Leg(**(usual | said))


@pytest.fixture
def ride(vera: Account, otto: Account) -> Leg:
    """Otto drives, today."""
    with acting_as(vera.pk):
        return dispatch.add_leg(leg(escort=otto, seats=3), by=vera)


@pytest.fixture
def way(kestrel: Case, ride: Leg, vera: Account) -> Passage:
    """Kestrel's planned way out of danger, with one seat."""
    with acting_as(vera.pk):
        passage = dispatch.plan(kestrel, Passage.Purpose.EXTRACTION, [], by=vera)
        dispatch.take_seat(passage, ride, by=vera, meeting_point=MEET, code_phrase=PHRASE)
    return passage


@pytest.fixture
def seat(way: Passage, vera: Account) -> Seat:
    """Kestrel's seat with Otto; the passage is confirmed, so that Otto knows of it."""
    with acting_as(vera.pk):
        dispatch.confirm(way, by=vera)
        return way.seats.select_related("leg", "case").get()


@pytest.fixture
def oskar(vera: Account) -> Account:
    """Another escort."""
    return Account.objects.create(username="oskar", name="Oskar Lunde", part="road", organisation=vera.organisation)


@pytest.fixture
def another(mara: Account, vera: Account) -> Callable[[str], Case]:
    """More cases that Vera leads."""

    def make(alias: str) -> Case:
        with acting_as(mara.pk):
            born = refer(referral(alias=alias, surname=f"{alias}ова", phone=f"+7999{crc32(alias.encode()) % 10**7:07}"), by=mara)
            assign(born.pk, vera, by=mara, reason="has room")
        with acting_as(vera.pk):
            return Case.objects.visible_to(vera).get(pk=born.pk)

    return make


@pytest.fixture
def plan(kestrel: Case, vera: Account) -> CheckInPlan:
    """Kestrel is heard from once a day, with an hour of grace; due since half an hour."""
    return plan_for(kestrel, vera)


def plan_for(case: Case, by: Account, since: timedelta = timedelta(minutes=30)) -> CheckInPlan:
    """A plan whose first check-in has been due for `since`."""
    with acting_as(by.pk):
        plan = CheckInPlan(case=case, by=by, starts_at=timezone.now() - since, every_hours=24, grace_minutes=60)
        plan.codeword, plan.duress_word = "blackcurrant", "rowanberry"
        plan.save(force_insert=True)
    return plan

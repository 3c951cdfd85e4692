"""Pursuers and houses: a car that is seen near one, a name that is noted after somebody was placed, a host who comes later."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.utils import timezone

from relocation.journey import kin, pursuit, recording
from relocation.models import Account, Identity, Outbox, Pursuer, Vehicle
from relocation.models.outbox import job
from relocation.models.pursuit import CONFLICTS
from relocation.safety.actor import acting_as
from relocation.safety.questions import answer, answers
from shelters.barred import houses_of
from shelters.company import hosts_and_places, others_there
from shelters.models import House, Sighting
from shelters.watching import SEALED

FOR_EVER = date(2200, 1, 1)


@job("car_seen")
def car_seen(row: Outbox) -> None:
    """Compare what was seen with what every pursuer drives. Whoever saw it is told nothing, whatever comes of it."""
    with acting_as(CONFLICTS):
        for sighting in Sighting.objects.filter(pk=row.ids["sighting"]):
            _wake(sighting, pursuit.driven())


@recording.when_written(Vehicle)
def look_at_sightings(vehicle: Vehicle, by: Account) -> None:
    """A car that is noted only now may have been seen already, while nobody has looked into it yet."""
    with acting_as(CONFLICTS):
        for sighting in Sighting.objects.filter(settled_at=None):
            _wake(sighting, [vehicle])


def _wake(sighting: Sighting, vehicles: Iterable[Vehicle]) -> None:
    """Wake the leads and the people on call of every case whose pursuers drive what was seen; acts as the sweep."""
    hunted = {vehicle.case_id for vehicle in vehicles if pursuit.is_told_of(vehicle, sighting, *SEALED)}
    for case_id in sorted(hunted):
        answer("SELECT harbour_pursuer_seen(%s, %s)", case_id, sighting.pk)


@recording.when_written(Pursuer)
def look_at_stays(pursuer: Pursuer, by: Account) -> None:
    """Leave the lead a task where a host, or somebody else in the house, may be who was noted now."""
    for house in _houses_of(pursuer.case_id):
        hosts, _places = hosts_and_places(house)
        if kin.is_near(pursuer, hosts, _others(house, pursuer.case_id)):
            pursuit.ask_to_look(pursuer.case_id)


@recording.when_written(Identity)
def look_at_others_there(identity: Identity, by: Account) -> None:
    """A name that is noted only now, or mended, may be one that somebody in the same house fears: their lead looks."""
    for house in _houses_of(identity.case_id):
        pursuit.ask_to_look(*kin.who_fears(identity.case_id, _others(house, identity.case_id)))


def look_at_host(house: House, host: Account) -> None:
    """Leave a task for the lead of everybody in the house to whom somebody who comes to keep it may not come."""
    feared = [case_id for case_id in _cases_in(house) if not kin.may_come(case_id, {host.pk: host.name}, {})]
    pursuit.ask_to_look(*feared)


def _houses_of(case_id: UUID) -> Iterable[House]:
    return House.objects.filter(pk__in=houses_of(case_id)).select_related("organisation")


def _others(house: House, case_id: UUID) -> list[UUID]:
    return list(others_there(house, case_id, (timezone.localdate(), FOR_EVER)))


def _cases_in(house: House) -> list[UUID]:
    with acting_as(CONFLICTS):
        return answers("SELECT harbour_cases_in(%s)", house.pk)

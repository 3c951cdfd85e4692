"""Pursuers and legs: who is noted after a seat was taken is compared with the escort, the others aboard and the vehicle."""

from uuid import UUID

from logistics.company import others_aboard
from logistics.models import Seat
from relocation.journey import kin, pursuit, recording
from relocation.models import Account, Identity, Pursuer, Vehicle
from relocation.models.pursuit import CONFLICTS
from relocation.safety.actor import acting_as
from relocation.safety.questions import rows


@recording.when_written(Pursuer)
def look_at_legs(pursuer: Pursuer, by: Account) -> None:
    """Leave the lead a task where an escort, or somebody else on a leg, may be who was noted now."""
    for leg_id, escort_id, name in _legs_of(pursuer.case_id):
        escort = {escort_id: name} if escort_id else {}
        if kin.is_near(pursuer, escort, others_aboard(leg_id, pursuer.case_id)):
            pursuit.ask_to_look(pursuer.case_id)


@recording.when_written(Identity)
def look_at_others_aboard(identity: Identity, by: Account) -> None:
    """A name that is noted only now, or mended, may be one that somebody on the same leg fears: their lead looks."""
    for leg_id, *_escort in _legs_of(identity.case_id):
        pursuit.ask_to_look(*kin.who_fears(identity.case_id, others_aboard(leg_id, identity.case_id)))


@recording.when_written(Vehicle)
def look_at_vehicles(vehicle: Vehicle, by: Account) -> None:
    """Leave the lead a task where a leg of theirs is driven with the plate that was noted now."""
    legs = [leg_id for leg_id, *_escort in _legs_of(vehicle.case_id)]
    with acting_as(CONFLICTS):
        seats = Seat.objects.filter(leg__in=legs, case=vehicle.case_id, given_up_at=None, vehicle__isnull=False)
        driven = any(pursuit.is_told_of(vehicle, seat, "vehicle") for seat in seats)
    if driven:
        pursuit.ask_to_look(vehicle.case_id)


def _legs_of(case_id: UUID) -> list[tuple[UUID, UUID | None, str]]:
    """Legs still to end, with their escorts, as the sweep that compares names may know them."""
    with acting_as(CONFLICTS):
        return [(leg, escort, name) for leg, escort, name in rows("SELECT * FROM harbour_legs_of(%s)", case_id)]

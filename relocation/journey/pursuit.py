"""Who hunts the person, compared with what stands and what was seen. Yes or no; nobody learns who it is, or whose.

Plates, numbers and names are sealed: they are compared in the vault, as the account of the sweep of conflicts, for whoever
asks. What is compared when a row is kept on the case itself is in `pursued`; the houses and the roads have their own.
"""

from functools import partial
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from relocation.journey import kin
from relocation.journey.kin import NotAdmitted, asked
from relocation.models import Account, Vehicle
from relocation.models.plates import tells_of_plate
from relocation.models.pursuit import CONFLICTS
from relocation.safety.actor import acting_as
from relocation.safety.questions import answer


def must_be_clear(case_id: UUID, what: str, by: Account) -> None:
    """Nobody whom somebody close to a pursuer has sent is placed or brought anywhere. Raises `NotAdmitted`, naming nobody."""
    if kin.comes_from_a_pursuer(case_id):
        sentence = _(
            "Somebody on the case bears the name of a pursuer. Ask the person whether they vouch for them, or reassign the case."
        )
        raise NotAdmitted(case_id, what, by.pk, sentence)


def may_ride(case_id: UUID, words: str) -> bool:
    """Whether what is said of a vehicle holds no plate that the person's pursuers drive."""
    if not words.strip():
        return True
    with acting_as(CONFLICTS):
        return not any(asked(partial(_told_of, words), (one, "plate")) for one in driven(case_id))


def rides(case_id: UUID, row: Model, *names: str) -> bool:
    """Whether a sealed field that describes a vehicle holds a plate that the person's pursuers drive."""
    with acting_as(CONFLICTS):
        return any(is_told_of(vehicle, row, *names) for vehicle in driven(case_id))


def driven(*case_ids: UUID) -> QuerySet[Vehicle]:
    """What pursuers drive: those of these cases, or of all; acts as the sweep."""
    found = Vehicle.objects.filter(plate__isnull=False, ended_at=None)
    return found.filter(case__in=case_ids) if case_ids else found


def is_told_of(vehicle: Vehicle, row: Model, *names: str) -> bool:
    """Whether one of these sealed fields holds the plate of this vehicle; acts as the sweep."""
    return any(asked(tells_of_plate, (vehicle, "plate"), (row, name)) for name in names if getattr(row, name) is not None)


def ask_to_look(*case_ids: UUID) -> None:
    """Leave the lead of each case one task of looking at who is around the person, unless it stands already."""
    if not case_ids:
        return
    with acting_as(CONFLICTS):
        for case_id in sorted(case_ids):
            answer("SELECT harbour_second_look(%s)", case_id)


def _told_of(words: str, plate: str) -> bool:
    return tells_of_plate(plate, words)

"""Whom a person would meet on a leg besides its escort, and in which car: whoever else has a seat on it."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext as _

from logistics.models import Leg, Seat
from relocation.journey import kin, pursuit
from relocation.journey.kin import NotAdmitted
from relocation.models import Account
from relocation.models.pursuit import CONFLICTS
from relocation.safety.actor import acting_as
from relocation.safety.questions import answers


def escort_must_suit(case_id: UUID, leg: Leg, by: Account) -> None:
    """Nobody travels with an escort whom they bar, or with a pursuer's kin. Raises `NotAdmitted`, which names nobody."""
    if leg.escort and not kin.may_come(case_id, {leg.escort.pk: leg.escort.name}, {}):
        raise _not_suited(case_id, by)


def leg_must_suit(case_id: UUID, leg: Leg, by: Account) -> None:
    """Nobody travels with a pursuer's kin or with whom either bars: the escort, or whoever else is aboard. Raises as above."""
    pursuit.must_be_clear(case_id, "seat", by)
    escort_must_suit(case_id, leg, by)
    if not kin.may_share_a_roof(case_id, others_aboard(leg.pk, case_id)):
        raise _not_suited(case_id, by)


def vehicle_must_suit(case_id: UUID, vehicle: str, by: Account) -> None:
    """Nobody is driven in a car that their pursuers drive. Raises `NotAdmitted`, which names nobody."""
    if not pursuit.may_ride(case_id, vehicle):
        raise _not_suited(case_id, by)


def seat_still_suits(seat: Seat, by: Account) -> None:
    """Whoever was noted since the seat was taken is looked at again. Raises `NotAdmitted`, which names nobody."""
    leg_must_suit(seat.case_id, seat.leg, by)
    if pursuit.rides(seat.case_id, seat, "vehicle"):
        raise _not_suited(seat.case_id, by)


def _not_suited(case_id: UUID, by: Account) -> NotAdmitted:
    """The one refusal, whatever the reason."""
    return NotAdmitted(case_id, "seat", by.pk, _("This leg does not suit this person. Choose another one."))


def others_aboard(leg_id: UUID, case_id: UUID) -> Collection[UUID]:
    """The other cases on the leg, but for the person's own household, as the sweep that compares names may know them."""
    with acting_as(CONFLICTS):
        return answers("SELECT harbour_others_aboard(%s, %s)", leg_id, case_id)

"""Houses with rooms and beds, who keeps them, what is known of them, and who stays there from when to when."""

from shelters.models.answer import FreeBeds
from shelters.models.burn import Burn, Knower, Touched
from shelters.models.closure import Closure
from shelters.models.house import Bed, House, Room
from shelters.models.inspection import Inspection
from shelters.models.keeper import Keeper, Vetting
from shelters.models.proposal import Offered, Proposal, Seeker
from shelters.models.sighting import Sighting
from shelters.models.stay import Stay, StayQuerySet

__all__ = [
    "Bed",
    "Burn",
    "Closure",
    "FreeBeds",
    "House",
    "Inspection",
    "Keeper",
    "Knower",
    "Offered",
    "Proposal",
    "Room",
    "Seeker",
    "Sighting",
    "Stay",
    "StayQuerySet",
    "Touched",
    "Vetting",
]

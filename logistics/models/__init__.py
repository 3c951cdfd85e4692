"""The records of the roads."""

from logistics.models.alternate import Alternate
from logistics.models.change import Change, Seen
from logistics.models.road import CheckIn, Leg, Passage, Seat
from logistics.models.rung import Rung

__all__ = ["Alternate", "Change", "CheckIn", "Leg", "Passage", "Rung", "Seat", "Seen"]

"""A second leg that stands ready for a leg of somebody's way."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from logistics.models.road import Leg, Seat
from relocation.models import OnCase
from relocation.safety.policy import Compartment, known

TRAVEL = Compartment.TRAVEL


class Alternate(OnCase):
    """If the seat's own leg fails, the person goes by this one. It holds no seat before the switch, so that nobody has two."""

    seat = known(TRAVEL, models.ForeignKey(Seat, models.CASCADE, related_name="alternates"))
    leg = known(TRAVEL, models.ForeignKey(Leg, models.PROTECT, related_name="+"))
    withdrawn_at = known(TRAVEL, models.DateTimeField(null=True, blank=True))

    class Meta(OnCase.Meta):
        constraints: ClassVar[Any] = [
            models.UniqueConstraint(fields=["seat", "leg"], condition=Q(withdrawn_at=None), name="one_alternate_once")
        ]

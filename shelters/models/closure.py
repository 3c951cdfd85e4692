"""Nights on which a house, a room or a bed takes nobody new."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from relocation.models import Account
from relocation.safety.policy import Compartment
from relocation.safety.sealed import Sealed
from relocation.safety.walls import ACTOR
from shelters.models.house import Bed, House, Room
from shelters.models.walls import keeps, own_desk, staff_or_host

OURS = f"{own_desk('shelters_closure.house_id')} OR {keeps('shelters_closure.house_id')}"


class ClosureQuerySet(models.QuerySet["Closure"]):
    """Closures, in the words of the house."""

    def standing(self) -> "ClosureQuerySet":
        return self.filter(opened_at=None)

    def between(self, first: date, until: date) -> "ClosureQuerySet":
        """Closures of a night from `first` up to, not including, `until`."""
        return self.filter(nights__overlap=(first, until))


class Closure(models.Model):
    """A house, or one room or bed of it, is closed for some nights. Whoever has a bed there already must be moved."""

    class Why(models.TextChoices):
        GUESTS = "guests", _("Visitors of our own")
        REPAIRS = "repairs", _("Repairs")
        ILLNESS = "illness", _("Somebody is ill")
        REST = "rest", _("A rest")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    house = models.ForeignKey(House, models.CASCADE, related_name="closures")
    room = models.ForeignKey(Room, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("room"))
    bed = models.ForeignKey(Bed, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("bed"))
    nights = DateRangeField(help_text="from the first closed night up to, not including, the day of opening")
    why = models.CharField(_("why"), max_length=10, choices=Why, default=Why.OTHER)
    note = Sealed(_("anything else"), compartment=Compartment.LOCATION, keyed_by="house_id")
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="taken back")
    opened_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)

    objects = ClosureQuerySet.as_manager()

    # Every desk sees which nights are closed; the own one and the hosts say so.
    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": staff_or_host("shelters_closure.house_id")["SELECT"],
        "INSERT": f"by_id = {ACTOR} AND ({OURS})",
        "UPDATE": OURS,
        "DELETE": "false",
    }

    class Meta:
        default_permissions = ()
        ordering: ClassVar[Any] = ["nights"]
        constraints = [
            models.CheckConstraint(condition=models.Q(room=None) | models.Q(bed=None), name="a_room_or_a_bed_closes"),
            models.CheckConstraint(condition=models.Q(nights__isempty=False), name="a_closure_has_a_night"),
        ]

    def __str__(self) -> str:
        return f"closure {self.pk}"

    def shuts(self, bed: Bed) -> bool:
        """Whether it is about this bed of its house."""
        return self.bed_id in (None, bed.pk) and self.room_id in (None, bed.room_id)

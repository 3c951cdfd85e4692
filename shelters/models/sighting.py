"""What was seen near a house: a car that waits, somebody who asks. Houses were found after it had gone on for two days."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from relocation.models import Account
from relocation.safety.policy import Compartment
from relocation.safety.sealed import Sealed
from relocation.safety.walls import ACTOR
from shelters.models import sighting_rules
from shelters.models.house import House
from shelters.models.walls import keeps, own_desk

OURS = f"{own_desk('shelters_sighting.house_id')} OR {keeps('shelters_sighting.house_id')}"


class Sighting(models.Model):
    """Something was seen near a house, by its host or told to a desk; open until somebody has looked into it."""

    class What(models.TextChoices):
        CAR = "car", _("A car waits")
        WATCHED = "watched", _("Somebody watches")
        ASKED = "asked", _("Somebody asked questions")
        DOOR = "door", _("Somebody was at the door")
        OTHER = "other", _("Something else")
        ALARM = "alarm", _("Alarm raised")
        WELL = "well", _("Whoever raised the alarm says that all is well")

    SEEN = (What.CAR, What.WATCHED, What.ASKED, What.DOOR, What.OTHER)  # what is said by hand; the others go by the alarm's door

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    house = models.ForeignKey(House, models.CASCADE, related_name="sightings")
    what = models.CharField(_("what was seen"), max_length=8, choices=What)
    seen_at = models.DateTimeField(_("seen at"), db_default=Now())
    words = Sealed(_("in words"), compartment=Compartment.LOCATION, keyed_by="house_id")
    vehicle = Sealed(_("vehicle: make, colour"), compartment=Compartment.LOCATION, keyed_by="house_id")
    plate = Sealed(_("number plate"), compartment=Compartment.LOCATION, keyed_by="house_id")
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)

    wall_rules = {
        "SELECT": f"{OURS} OR harbour_sweeps('conflicts')",
        "INSERT": f"by_id = {ACTOR} AND ({OURS})",
        "UPDATE": own_desk("shelters_sighting.house_id"),
        "DELETE": "false",
    }
    wall_statements = sighting_rules.STATEMENTS

    class Meta:
        default_permissions = ()
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"sighting {self.pk}"

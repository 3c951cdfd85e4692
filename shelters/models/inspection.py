"""Looks at a house: whether it is still safe to send somebody there."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from relocation.models import Account
from relocation.safety.policy import Compartment
from relocation.safety.sealed import Sealed
from relocation.safety.walls import ACTOR
from shelters.models.house import House
from shelters.models.walls import own_desk


class Inspection(models.Model):
    """Somebody looked at the house on a day, found something, and said when it is to be looked at again."""

    class Result(models.TextChoices):
        GOOD = "good", _("Fit for people to stay")
        MEND = "mend", _("Something must be mended")
        UNFIT = "unfit", _("Nobody should be sent there")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    house = models.ForeignKey(House, models.CASCADE, related_name="inspections")
    on = models.DateField(_("looked at on"))
    result = models.CharField(_("result"), max_length=6, choices=Result)
    finding = Sealed(_("what was found"), compartment=Compartment.LOCATION, keyed_by="house_id")
    next_due = models.DateField(_("look again by"))
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)

    wall_rules = {
        "SELECT": own_desk("shelters_inspection.house_id"),
        "INSERT": f"by_id = {ACTOR} AND {own_desk('shelters_inspection.house_id')}",
        "UPDATE": "false",
        "DELETE": "false",
    }

    class Meta:
        default_permissions = ()
        ordering = ["-on", "-at"]
        constraints = [models.CheckConstraint(condition=models.Q(next_due__gt=models.F("on")), name="looked_at_again_later")]

    def __str__(self) -> str:
        return f"inspection {self.pk}"

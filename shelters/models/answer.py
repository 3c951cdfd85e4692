"""What the host says about beds that are free tonight."""

from django.db import models
from django.db.models.functions import Now

from relocation.models import Account
from relocation.safety.walls import ACTOR
from shelters.models.house import House
from shelters.models.walls import keeps, staff_or_host


class FreeBeds(models.Model):
    """How many beds the host says are free tonight; the newest answer counts, the one before is what undo restores."""

    house = models.ForeignKey(House, models.CASCADE, related_name="answers")
    beds = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    wall_rules = staff_or_host("shelters_freebeds.house_id") | {
        "INSERT": f"by_id = {ACTOR} AND {keeps('shelters_freebeds.house_id')}"
    }

    class Meta:
        default_permissions = ()
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.beds} free"

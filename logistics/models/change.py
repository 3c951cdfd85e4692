"""What changed on a leg, and who has seen it."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from logistics.models.road import Leg
from relocation.models import Account
from relocation.safety.walls import ACTOR


def _sees(table: str) -> str:
    """SQL: whoever sees the leg, as the leg's own wall says."""
    return f"EXISTS (SELECT 1 FROM logistics_leg l WHERE l.id = {table}.leg_id)"


class Change(models.Model):
    """One thing about a leg that is no longer as it was, for everybody whom the leg concerns. It names no passenger."""

    class What(models.TextChoices):
        DEPARTS = "departs_at", _("departure")
        ARRIVES = "arrives_at", _("arrival")
        START = "from_place", _("where it begins")
        END = "to_place", _("where it ends")
        CARRIED = "carrier", _("how one travels")
        ESCORT = "escort", _("escort")
        CROSSING = "crossing", _("border")
        CANCELLED = "cancelled", _("cancelled")

    leg = models.ForeignKey(Leg, models.CASCADE, related_name="changes")
    what = models.CharField(max_length=10, choices=What)
    was = models.CharField(max_length=100, blank=True, help_text="as it stood: a code, or a moment in ISO 8601 (UTC)")
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")

    wall_rules = {
        "SELECT": _sees("logistics_change"),
        "INSERT": f"by_id = {ACTOR} AND {_sees('logistics_change')}",
        "UPDATE": "false",
        "DELETE": "false",
    }

    class Meta:
        default_permissions = ()
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.what} {self.pk}"


class Seen(models.Model):
    """Until when (UTC) somebody has seen what changed on a leg."""

    leg = models.ForeignKey(Leg, models.CASCADE, related_name="seen")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now())

    wall_rules = {
        "SELECT": _sees("logistics_seen"),
        "INSERT": f"account_id = {ACTOR} AND {_sees('logistics_seen')}",
        "UPDATE": f"account_id = {ACTOR}",
        "DELETE": "false",
    }

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["leg", "account"], name="seen_once")]

    def __str__(self) -> str:
        return f"seen {self.pk}"

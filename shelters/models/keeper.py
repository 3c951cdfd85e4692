"""The hosts of a house, and who vouched for them."""

import uuid
from datetime import UTC, datetime

from django.db import models
from django.db.models.functions import Now, TruncDate
from django.utils.translation import gettext_lazy as _

from relocation.models import Account
from relocation.safety.policy import Compartment
from relocation.safety.sealed import Sealed
from relocation.safety.walls import ACTOR
from shelters.models import host_rules
from shelters.models.house import House
from shelters.models.walls import own_desk


class Keeper(models.Model):
    """A host of a house."""

    house = models.ForeignKey(House, models.CASCADE, related_name="keepers")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")

    wall_rules = {
        "SELECT": f"harbour_part('desk') OR account_id = {ACTOR} OR harbour_office('custodian')",
        "INSERT": f"harbour_part('desk') OR (harbour_office('custodian') AND account_id <> {ACTOR})",
        "UPDATE": "false",
        "DELETE": "harbour_part('desk')",
    }

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["house", "account"], name="one_keeper_once")]

    def __str__(self) -> str:
        return f"keeper {self.pk}"


class VettingQuerySet(models.QuerySet["Vetting"]):
    """Vettings, in the words of the house."""

    def standing(self) -> "VettingQuerySet":
        """Those that count today (UTC): neither taken back nor run out."""
        return self.filter(withdrawn_at=None, renew_by__gte=TruncDate(Now(), tzinfo=UTC))


class Vetting(models.Model):
    """Somebody made sure of a host, in person or by others who know them; it counts until it is to be renewed."""

    class How(models.TextChoices):
        VISIT = "visit", _("Visited at home")
        REFERENCES = "references", _("Asked two people who know them")
        KNOWN = "known", _("Known to us for years")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    house = models.ForeignKey(House, models.CASCADE, related_name="vettings")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("host"))
    how = models.CharField(_("how"), max_length=12, choices=How)
    note = Sealed(_("what was found"), compartment=Compartment.LOCATION, keyed_by="house_id")
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)
    renew_by = models.DateField(_("to be renewed by"))
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VettingQuerySet.as_manager()

    # Every desk may rely on it; the own one vouches, and nobody for themselves.
    wall_rules = {
        "SELECT": f"harbour_part('desk') OR account_id = {ACTOR}",
        "INSERT": f"by_id = {ACTOR} AND account_id <> {ACTOR} AND {own_desk('shelters_vetting.house_id')}",
        "UPDATE": own_desk("shelters_vetting.house_id"),
        "DELETE": "false",
    }
    wall_statements = host_rules.STATEMENTS

    class Meta:
        default_permissions = ()
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"vetting {self.pk}"

    @property
    def stands(self) -> bool:
        """Whether it counts today."""
        return self.withdrawn_at is None and self.renew_by >= datetime.now(tz=UTC).date()

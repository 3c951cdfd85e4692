"""A referral file between its preview and the import: kept sealed for its owner, for an hour."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relocation.models.organisation import Organisation
from relocation.safety.policy import Compartment
from relocation.safety.sealed import Sealed
from relocation.safety.walls import ACTOR

CONTACTS = Compartment.CONTACTS
KEPT_FOR = timedelta(hours=1)

OWN = f"owner_id = {ACTOR}"
OWN_OR_LATE = f"{OWN} OR (harbour_sweeps('retention') AND expires_at < now())"


def an_hour_from_now() -> Any:
    """When a file that is kept now expires (UTC)."""
    return timezone.now() + KEPT_FOR


class ReferralFile(models.Model):
    """One uploaded file under its organisation's key; it hangs on no case, and only its owner's rows are seen."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for confirmation")
        ORDERED = "ordered", _("being imported")
        IMPORTED = "imported", _("imported")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.ForeignKey("relocation.Account", models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(default=an_hour_from_now)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    confirmed_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0, help_text="rows to be imported")
    done = models.PositiveIntegerField(default=0, help_text="rows looked at so far")
    already = models.PositiveIntegerField(default=0, help_text="rows that were cases before")
    added = ArrayField(models.UUIDField(), default=list, help_text="cases that the import opened")
    name = Sealed(compartment=CONTACTS, keyed_by="organisation_id")
    body = Sealed(compartment=CONTACTS, keyed_by="organisation_id")
    findings = Sealed(compartment=CONTACTS, keyed_by="organisation_id")
    left_out = Sealed(compartment=CONTACTS, keyed_by="organisation_id")

    wall_rules = {"SELECT": OWN_OR_LATE, "INSERT": OWN, "UPDATE": OWN, "DELETE": OWN_OR_LATE}

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"referral file {self.pk}"


def forget_expired() -> int:
    """Remove expired files: the acting account's own, or all in the retention sweep. Returns how many."""
    return ReferralFile.objects.filter(expires_at__lt=Now()).delete()[0]

"""Somebody looked at a grant and kept it: what the monthly review of access leaves behind."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from relocation.safety.access import CaseGrant


class GrantReview(models.Model):
    """One look at one grant. Only `harbour_keep` writes it, for whoever answers for the case, and never about oneself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grant = models.ForeignKey(CaseGrant, models.CASCADE, related_name="reviews")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    wall_rules = {"SELECT": "false"}

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["grant", "-at"], name="grant_looked_at")]

    def __str__(self) -> str:
        return f"review {self.pk}"

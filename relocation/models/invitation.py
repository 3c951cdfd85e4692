"""Invitations: a link that lets one person in once, within three days. Only a hash of it is kept."""

import hashlib
import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from relocation.models.account import Account
from relocation.safety.walls import ACTOR


class Invitation(models.Model):
    """Who was invited by whom, until when, and when they came."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.CASCADE, related_name="invitations")
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", help_text="nobody: the operator")
    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    # The custodian invites; the door alone reads a link and uses it up. Operators invite as the owner.
    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": "harbour_office('custodian') OR harbour_sweeps('door')",
        "INSERT": f"harbour_office('custodian') AND by_id = {ACTOR} AND account_id <> {ACTOR} AND used_at IS NULL",
        "UPDATE": "harbour_sweeps('door') OR harbour_office('custodian')",
        "DELETE": "false",
    }

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"invitation {self.pk}"


def digest_of(token: str) -> str:
    """What is kept of a link."""
    return hashlib.sha256(token.encode()).hexdigest()

"""A calendar feed: a secret address by which a calendar reads what somebody has to do. Only its digest is kept (SHA-256)."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from relocation.models.account import Account
from relocation.safety.triggers import HEAD
from relocation.safety.walls import ACTOR

OWN = f"account_id = {ACTOR}"
# Whoever knows the secret learns whose feed it is, as long as the account is open; whoever does not learns nothing.
FEED = f"""CREATE OR REPLACE FUNCTION harbour_feed(d bytea) RETURNS uuid LANGUAGE sql STABLE {HEAD}
  SELECT f.account_id FROM relocation_feed f JOIN relocation_account a ON a.id = f.account_id
  WHERE f.digest = d AND f.revoked_at IS NULL AND a.is_active AND NOT EXISTS (SELECT FROM relocation_lock l
    WHERE l.lifted_at IS NULL AND (l.scope = 'everything' OR (l.scope = 'account' AND l.subject_id = a.id))) $$"""  # noqa: S608  names of our own


class Feed(models.Model):
    """One secret address of one account; it opens until it is revoked or another takes its place."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.CASCADE, related_name="feeds")
    digest = models.BinaryField(unique=True, help_text="of the secret")
    at = models.DateTimeField(db_default=Now(), editable=False)
    read_on = models.DateField(null=True, help_text="the last day on which a calendar read it (UTC)")
    revoked_at = models.DateTimeField(null=True)

    wall_rules: ClassVar[dict[str, str]] = {"SELECT": OWN, "INSERT": OWN, "UPDATE": OWN, "DELETE": "false"}
    wall_statements: ClassVar[tuple[str, ...]] = (FEED,)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["account"], condition=Q(revoked_at=None), name="one_feed_each")]

    def __str__(self) -> str:
        return f"feed {self.pk}"

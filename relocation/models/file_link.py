"""A link to one file: opened once, by one person, in one session, within five minutes."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from relocation.safety.walls import ACTOR, APP

LASTS = timedelta(minutes=5)

OWN = f"owner_id = {ACTOR}"
OWN_OR_LATE = f"{OWN} OR (harbour_sweeps('retention') AND expires_at < now())"


class FileLink(models.Model):
    """What a link opens, and for whom. Of the link itself and of the session only hashes are kept (SHA-256)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.ForeignKey("relocation.Account", models.CASCADE, related_name="+")
    digest = models.BinaryField(unique=True, help_text="of the link's secret")
    session = models.BinaryField(help_text="of the session's key")
    kind = models.CharField(max_length=20)
    about = models.UUIDField(help_text="the scan, paper or file that it opens")
    version = models.BinaryField(help_text="of the file as it was when the link was made")
    at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)

    wall_rules = {"SELECT": OWN_OR_LATE, "INSERT": f"{OWN} AND spent_at IS NULL", "UPDATE": OWN, "DELETE": OWN_OR_LATE}
    # The database itself lets a link be spent and nothing else: once, in time, and for good.
    wall_statements = (
        f"REVOKE UPDATE ON relocation_filelink FROM {APP}; GRANT UPDATE (spent_at) ON relocation_filelink TO {APP}",
        f"CREATE POLICY once ON relocation_filelink AS RESTRICTIVE FOR UPDATE TO {APP} "
        "USING (spent_at IS NULL AND expires_at > statement_timestamp()) WITH CHECK (spent_at IS NOT NULL)",
    )

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(name="link_lasts", condition=Q(expires_at__lte=F("at") + LASTS))]
        indexes = [models.Index(fields=["expires_at"], name="link_ends")]

    def __str__(self) -> str:
        return f"link {self.pk}"


def spend(digest: bytes, session: bytes, *, owner: uuid.UUID) -> bool:
    """Use a link up, in one conditional statement: of many who try, one may. False where it opens nothing (any more)."""
    live = FileLink.objects.filter(digest=digest, session=session, owner=owner, spent_at=None, expires_at__gt=Now())
    return live.update(spent_at=Now()) == 1


def forget_late() -> int:
    """Remove links whose time has run out: the acting account's own, or all in the retention sweep. Returns how many."""
    return FileLink.objects.filter(expires_at__lt=Now()).delete()[0]

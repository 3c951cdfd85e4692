"""The append-only trail, chained per case. The database numbers, times and hashes every entry (see walls)."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models, transaction
from django.db.models.functions import Now

from relocation.safety.policy import Compartment
from relocation.safety.refusal import Refusal
from relocation.safety.sealed import Sealed

if TYPE_CHECKING:
    from relocation.models import Account


class LedgerEntry(models.Model):
    """One thing that happened, or was refused. Codes and ids only: a reason is sealed, and the chain holds its hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case_id = models.UUIDField(help_text="the case, or the house, account or file that this chain is about")
    seq = models.BigIntegerField(db_default=0)
    at = models.DateTimeField(db_default=Now())
    actor_id = models.UUIDField(null=True)
    what = models.CharField(max_length=80)
    stage = models.CharField(max_length=20, default="")
    standing = models.CharField(max_length=20, default="")
    about = models.UUIDField(null=True)
    detail = models.CharField(max_length=120, default="")
    reason = Sealed(compartment=Compartment.CARD)
    txid = models.BigIntegerField(db_default=0)
    prev = models.BinaryField(db_default=b"")
    hash = models.BinaryField(db_default=b"")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case_id", "seq"], name="ledger_seq")]
        indexes = [
            models.Index(fields=["actor_id", "at"], name="ledger_actor"),
            models.Index(fields=["-at", "-id"], name="ledger_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.seq}"


def record(
    what: str,
    case_id: UUID,
    *,
    by: "Account | UUID",
    about: UUID | None = None,
    stage: str = "",
    standing: str = "",
    detail: str = "",
    reason: str = "",
) -> None:
    """Append one entry in the current transaction; where it cannot be written, nothing happens at all."""
    actor_id = by if isinstance(by, UUID) else by.pk
    entry = LedgerEntry(
        case_id=case_id,
        actor_id=actor_id,
        what=what,
        about=about,
        stage=stage,
        standing=standing,
        detail=detail,
        reason=reason,
    )
    LedgerEntry.objects.bulk_create([entry])


def keep(refusal: Refusal) -> None:
    """Write a refusal in a transaction of its own, once the refused one has rolled back."""
    with transaction.atomic():
        record(refusal.entry, refusal.case_id, by=refusal.by, detail=refusal.detail)


@contextmanager
def refusals_kept() -> Iterator[None]:
    """The edge of a command or task: what is refused inside is written, then raised on."""
    try:
        yield
    except Refusal as refusal:
        keep(refusal)
        raise

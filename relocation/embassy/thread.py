"""The thread between a post and us, as the officer reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from relocation.embassy.held import Dossier
from relocation.models import Account, Message, Part
from relocation.safety import vault


@dataclass(frozen=True)
class Said:
    """One message. Of us the post reads the organisation's name, not the writer's."""

    who: str
    ours: bool
    at: datetime
    words: str


def messages(dossier: Dossier, by: Account) -> list[Said]:
    """What was written about this dossier, oldest first; each reading is in the ledger."""
    rows = Message.objects.filter(application=dossier.application.pk, dossier=dossier.id).select_related("by__organisation")
    return [_said(row, by) for row in rows.order_by("at")]


def _said(message: Message, by: Account) -> Said:
    ours = message.by.part != Part.POST
    who = str(message.by.organisation) if ours else str(message.by)
    return Said(who, ours, message.at, vault.reveal_own(message, "words", scope=message.dossier_id, by=by))

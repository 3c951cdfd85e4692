"""The thread between a post and us, as the officer reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from relocation.embassy.held import Dossier
from relocation.models import Account, Message, Part
from relocation.safety import access, vault


@dataclass(frozen=True)
class Said:
    """One message. Of us the post reads the organisation's name, not the writer's."""

    who: str
    ours: bool
    at: datetime
    words: str


def said_to(dossier: Dossier, by: Account) -> list[Said]:
    """Messages of the application whose dossier was released to `by`, oldest first; each reading is in the ledger."""
    scopes = access.grants(by, "post.own").filter(content_object_id=dossier.case_id).values("scope")
    rows = Message.objects.filter(application=dossier.application, dossier__in=scopes).select_related("by__organisation")
    return [_said(row, by) for row in rows.order_by("at")] if dossier.application else []


def _said(message: Message, by: Account) -> Said:
    ours = message.by.part != Part.POST
    who = str(message.by.organisation) if ours else str(message.by)
    return Said(who, ours, message.at, vault.reveal_own(message, "words", scope=message.dossier_id, by=by))

"""Noting that somebody was reminded of a question: nothing is sent, since people are rung, written to or met."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from relocation.models import Account, Approval, LedgerEntry
from relocation.safety import access, ledger
from relocation.safety.refusal import Denied

REMINDED = "approval.reminded"
CHANNELS = {"in_person": _("in person"), "phone": _("by phone"), "messenger": _("by messenger"), "mail": _("by e-mail")}


@dataclass(frozen=True)
class Reminder:
    """Who was reminded, over which channel, and when (UTC)."""

    whom: str
    how: str
    at: datetime


def remind(approval: Approval, whom: Account, how: str, *, by: Account) -> None:
    """Note that `by`, who waits for an answer, reminded somebody who could give it. Raises `Denied`."""
    with transaction.atomic():
        waits = approval.by_id == by.pk and approval.given is None
        if not waits or how not in CHANNELS or not who_can(approval).filter(pk=whom.pk).exists():
            raise Denied(approval.case_id, "remind", by.pk)
        ledger.record(REMINDED, approval.case_id, by=by, about=whom.pk, detail=how)


def who_can(approval: Approval) -> QuerySet[Account]:
    """Whom one may remind: the others on the case whose word counts, as far as the acting account may see them."""
    held = access.CaseGrant.objects.filter(
        content_object_id=approval.case_id, permission__codename__in=access.CAPABILITIES["approve"]
    )
    return Account.objects.filter(pk__in=held.values("user_id")).exclude(pk=approval.by_id).order_by("name")


def reminders(approval: Approval) -> list[Reminder]:
    """Whom the asker has reminded since the question, the latest first."""
    noted = LedgerEntry.objects.filter(case_id=approval.case_id, what=REMINDED, actor_id=approval.by_id, at__gte=approval.at)
    found = list(noted.order_by("-seq"))
    names: dict[UUID | None, str] = {a.pk: str(a) for a in Account.objects.filter(pk__in=[e.about for e in found])}
    return [Reminder(names.get(entry.about, ""), str(CHANNELS[entry.detail]), entry.at) for entry in found]

"""Answering an alarm: what was done is noted with one click, and it ends with a reason. One door for whoever helps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.journey import alarms, deadlines
from relocation.journey.alarms import raise_alarm
from relocation.journey.recording import held
from relocation.models import Account, Alarm, Case, Deadline, LedgerEntry
from relocation.safety import access, ledger
from relocation.safety.refusal import Denied, Refusal

# What can be done next, in the order in which it is usually done.
NOTES: dict[str, Any] = {
    "second_channel": gettext_lazy("Tried to reach the person over a second channel"),
    "told_lawyer": gettext_lazy("Told the lawyer"),
    "called_trusted": gettext_lazy("Called somebody the person trusts"),
    "on_the_way": gettext_lazy("Somebody is on the way there"),
}


class NotEnded(Refusal):
    """The alarm goes on, and why."""

    kind = "not_ended"


def open_alarms(case: Case, by: Account) -> QuerySet[Alarm]:
    """The alarms of a case that are open, the first one first; a duress word given to `by` is none of them."""
    found = Alarm.objects.filter(case=case, closed_at=None).exclude(kind=Alarm.Kind.DURESS, by=by)
    return found.select_related("by").order_by("at")


def sound(case: Case, *, by: Account) -> Alarm:
    """Raise the alarm, by one tap; a second tap within minutes is added to it and wakes nobody twice. Raises `Denied`."""
    with transaction.atomic():
        if not held(case.pk):
            raise Denied(case.pk, "alarm", by.pk)
        access.require(by, "case.open", case.pk)
        return alarms.added(case.pk, Alarm.Kind.RAISED, by=by) or raise_alarm(case, Alarm.Kind.RAISED, by=by)


def all_is_well(case: Case, *, by: Account) -> None:
    """Take one's own alarm back; it stays open until somebody made sure and ends it. Raises `Denied`."""
    with transaction.atomic():
        if not held(case.pk):
            raise Denied(case.pk, alarms.SAID_WELL, by.pk)
        access.require(by, "case.open", case.pk)
        alarms.take_back(case.pk, by=by)


def said_well(case: Case) -> dict[UUID | None, LedgerEntry]:
    """By alarm: where whoever raised it says that all is well."""
    return {entry.about: entry for entry in LedgerEntry.objects.filter(case_id=case.pk, what=alarms.SAID_WELL).defer("reason")}


def note(case: Case, what: str, *, by: Account) -> None:
    """Say that something was done, with one click. Raises `Denied`."""
    with transaction.atomic():
        if what not in NOTES or not open_alarms(case, by).exists():
            raise Denied(case.pk, "incident.note", by.pk)
        access.require(by, "case.open", case.pk)
        ledger.record(f"incident.{what}", case.pk, by=by)


def end(case: Case, *, by: Account, reason: str) -> None:
    """Settle every alarm that `by` may see, with one reason. Raises `Denied`, `NotEnded`, `StillOpen`."""
    with transaction.atomic():
        access.require(by, "approve", case.pk)
        if not reason.strip():
            raise NotEnded(case.pk, "incident", by.pk, _("Say how it ended."))
        kinds = set(open_alarms(case, by).values_list("kind", flat=True))
        due = Deadline.objects.filter(case=case, kind=Deadline.Kind.ALARM, what__in=kinds, done_at=None)
        for one in due.exclude(what=Alarm.Kind.DURESS, by=by):
            deadlines.close(one.pk, by=by, reason=reason)


def began(case: Case, by: Account) -> datetime | None:
    """When the first of the open alarms was raised (UTC), or None while there is none."""
    first = open_alarms(case, by).first()
    return first.at if first else None

"""The door of alarms: each is written down, has a day by which somebody settles it, and wakes the people on call."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from relocation.journey import on_call
from relocation.models import Account, Alarm, Case, Deadline, LedgerEntry
from relocation.safety import ledger
from relocation.safety.refusal import Denied

SETTLED_WITHIN = timedelta(hours=24)
TAPPED_AGAIN = timedelta(minutes=10)
SAID_WELL = "alarm.all_is_well"
SAID_BY_HAND = (Alarm.Kind.RAISED, Alarm.Kind.DETAINED)


def raise_alarm(case: Case, kind: Alarm.Kind, *, by: Account, reason: str = "", moved: bool = False) -> Alarm:
    """Wake the people on call, and let them in until their shift ends. Asks for no access: an alarm is never refused.

    `moved` says that the case, which is fresh and locked then, changed its standing with the alarm.
    """
    with transaction.atomic():
        alarm = Alarm(case_id=case.pk, by=by, kind=kind)
        alarm.save(force_insert=True)
        settled_by = timezone.now() + SETTLED_WITHIN
        Deadline(case_id=case.pk, by=by, kind=Deadline.Kind.ALARM, due_at=settled_by, what=kind).save(force_insert=True)
        state = {"stage": case.stage, "standing": case.standing} if moved else {}
        ledger.record("alarm.raised", case.pk, by=by, about=alarm.pk, detail=kind, reason=reason, **state)
        on_call.wake(alarm)
        return alarm


def own_open(case_id: UUID, by: Account) -> QuerySet[Alarm]:
    """Open alarms that `by` raised by hand and has not taken back, the newest last."""
    well = LedgerEntry.objects.filter(case_id=case_id, actor_id=by.pk, what=SAID_WELL).values("about")
    mine = Alarm.objects.filter(case=case_id, by=by, kind__in=SAID_BY_HAND, closed_at=None)
    return mine.exclude(pk__in=well).order_by("at")


def added(case_id: UUID, kind: Alarm.Kind, *, by: Account, reason: str = "") -> Alarm | None:
    """A second tap within minutes: what is said now is added to the alarm that is open, and nobody is woken twice.

    None where there is no such alarm, or where this one is graver. The case is locked.
    """
    fresh = own_open(case_id, by).filter(at__gt=timezone.now() - TAPPED_AGAIN, kind__in={kind, Alarm.Kind.DETAINED})
    alarm = fresh.last()
    if alarm:
        ledger.record("alarm.added", case_id, by=by, about=alarm.pk, reason=reason)
    return alarm


def take_back(case_id: UUID, *, by: Account) -> None:
    """Whoever raised an alarm says that all is well. Raises `Denied` where they raised none that is open.

    It stays open: whoever answers it makes sure first, since such a word may be forced.
    """
    alarms = list(own_open(case_id, by))
    if not alarms:
        raise Denied(case_id, SAID_WELL, by.pk)
    for alarm in alarms:
        ledger.record(SAID_WELL, case_id, by=by, about=alarm.pk)

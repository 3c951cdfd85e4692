"""The door of alarms: each is written down, has a day by which somebody settles it, and wakes the people on call."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from relocation.journey import on_call
from relocation.models import Account, Alarm, Case, Deadline
from relocation.safety import ledger

SETTLED_WITHIN = timedelta(hours=24)


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

"""The people on call: who they are, how they are let in, how they are woken."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from relocation.models import Account, Alarm, Case, DutyShift
from relocation.models.outbox import put
from relocation.safety import access
from relocation.safety.policy import Role


def shifts() -> list[DutyShift]:
    """Shifts that are running now, the longest running first."""
    now = timezone.now()
    running = DutyShift.objects.filter(starts_at__lte=now, ends_at__gt=now, account__is_active=True)
    return list(running.select_related("account").order_by("starts_at"))


def let_in(case: Case, *, by: Account, reason: str) -> list[Account]:
    """Let everybody on call in as a coordinator until their shift ends; returns who is on call."""
    woken = []
    for shift in shifts():
        woken.append(shift.account)
        if shift.account != by and not access.holders(case.pk, Role.COORDINATOR).filter(user=shift.account).exists():
            _admit(shift, case, by, reason)
    return woken


def _admit(shift: DutyShift, case: Case, by: Account, reason: str) -> None:
    """A host or an escort does not see who is in already: the database's constraint knows."""
    try:
        with transaction.atomic():
            access.admit(shift.account, Role.COORDINATOR, case.pk, by=by, reason=reason, until=shift.ends_at)
    except IntegrityError as error:
        if "one_live_grant" not in str(error):
            raise


def wake(alarm: Alarm) -> None:
    """Let the people on call in and tell them, without content, within a minute."""
    let_in(alarm.case, by=alarm.by, reason=f"alarm: {alarm.kind}")
    for kind in ("tell_on_call", "ring_on_call"):
        put(kind, by=alarm.by, key=str(alarm.pk), alarm=alarm.pk, case=alarm.case_id)

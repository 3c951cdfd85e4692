"""The people on call: who they are, how they are let in, how they are woken."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from relocation.journey import silence
from relocation.journey.kin import NotAdmitted
from relocation.models import Account, Alarm, Case, DutyShift
from relocation.models.outbox import put
from relocation.safety import access, ledger
from relocation.safety.policy import Role

STANDS_IN_FROM = timedelta(days=7)


def shifts() -> list[DutyShift]:
    """Shifts that are running now, the longest running first."""
    now = timezone.now()
    running = DutyShift.objects.filter(starts_at__lte=now, ends_at__gt=now, account__is_active=True)
    return list(running.select_related("account").order_by("starts_at"))


def upcoming() -> list[DutyShift]:
    """Shifts that begin within a week, the next one first: who stands in where somebody on call may not come."""
    now = timezone.now()
    soon = DutyShift.objects.filter(starts_at__gt=now, starts_at__lt=now + STANDS_IN_FROM, account__is_active=True)
    return list(soon.select_related("account").order_by("starts_at"))


def let_in(case: Case, *, by: Account, reason: str, quietly: bool = False) -> list[Account]:
    """Let everybody on call in as a coordinator until their shift ends; returns who is on call.

    For whoever may not come to this case, whoever is on call next is let in until the same moment. Whoever is in by a
    silent alarm alone is said to be let in once there is a reason of which everybody may know.
    """
    running, woken, absent = shifts(), [], []
    wanted = missing(case, by, running)
    for shift in running:
        if shift in wanted and not _is_let_in(shift.account, shift.ends_at, case, by, reason):
            absent.append(shift)
            continue
        if shift not in wanted and not quietly and silence.is_unseen(shift.account, case, by):
            ledger.record("grant.given", case.pk, by=by, about=shift.account_id, detail=str(Role.COORDINATOR))
        woken.append(shift.account)
    for shift in absent:
        others = (s.account for s in upcoming() if s.account not in woken)
        if account := next((other for other in others if _is_let_in(other, shift.ends_at, case, by, reason)), None):
            woken.append(account)
    return woken


def missing(case: Case, by: Account, running: list[DutyShift]) -> list[DutyShift]:
    """The shifts of those on call who are not in yet, as far as `by` may see it."""
    held = set(access.holders(case.pk, Role.COORDINATOR).values_list("user_id", flat=True))
    return [shift for shift in running if shift.account_id not in {*held, by.pk}]


def _is_let_in(account: Account, until: datetime, case: Case, by: Account, reason: str) -> bool:
    """False for whom the person bars. A host or an escort does not see who is in already: the database's constraint knows."""
    if account == by or access.holders(case.pk, Role.COORDINATOR).filter(user=account).exists():
        return True
    try:
        with transaction.atomic():
            access.admit(account, Role.COORDINATOR, case.pk, by=by, reason=reason, until=until)
    except NotAdmitted:
        return False
    except IntegrityError as error:
        if "one_live_grant" not in str(error):
            raise
    return True


def wake(alarm: Alarm) -> None:
    """Let the people on call in and tell them, without content, within a minute."""
    let_in(alarm.case, by=alarm.by, reason=f"alarm: {alarm.kind}", quietly=alarm.kind == Alarm.Kind.DURESS)
    for kind in ("tell_on_call", "ring_on_call"):
        put(kind, by=alarm.by, key=str(alarm.pk), alarm=alarm.pk, case=alarm.case_id)

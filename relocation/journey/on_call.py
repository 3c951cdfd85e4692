"""The people on call: who they are, how they are let in, how they are woken."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from relocation.journey import silence
from relocation.models import Account, Alarm, Case, DutyShift
from relocation.models.outbox import put
from relocation.safety import access, ledger
from relocation.safety.policy import Role


def shifts() -> list[DutyShift]:
    """Shifts that are running now, the longest running first."""
    now = timezone.now()
    running = DutyShift.objects.filter(starts_at__lte=now, ends_at__gt=now, account__is_active=True)
    return list(running.select_related("account").order_by("starts_at"))


def let_in(case: Case, *, by: Account, reason: str, quietly: bool = False) -> list[Account]:
    """Let everybody on call in as a coordinator until their shift ends; returns who is on call.

    Whoever is in by a silent alarm alone is said to be let in once there is a reason of which everybody may know.
    """
    running = shifts()
    wanted = missing(case, by, running)
    for shift in running:
        if shift in wanted:
            _admit(shift, case, by, reason)
        elif not quietly and silence.is_unseen(shift.account, case, by):
            ledger.record("grant.given", case.pk, by=by, about=shift.account_id, detail=str(Role.COORDINATOR))
    return [shift.account for shift in running]


def missing(case: Case, by: Account, running: list[DutyShift]) -> list[DutyShift]:
    """The shifts of those on call who are not in yet, as far as `by` may see it."""
    held = set(access.holders(case.pk, Role.COORDINATOR).values_list("user_id", flat=True))
    return [shift for shift in running if shift.account_id not in {*held, by.pk}]


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
    let_in(alarm.case, by=alarm.by, reason=f"alarm: {alarm.kind}", quietly=alarm.kind == Alarm.Kind.DURESS)
    for kind in ("tell_on_call", "ring_on_call"):
        put(kind, by=alarm.by, key=str(alarm.pk), alarm=alarm.pk, case=alarm.case_id)

"""After arrival: somebody asks how the person is on day 7, 30 and 90, and goes on asking until three attempts were made."""

from datetime import datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from relocation.journey.after import after
from relocation.journey.attempt import Attempt
from relocation.models import Account, Case, Deadline, SafetyCheck, Stage
from relocation.safety import ledger

SAFETY_DAYS = (7, 30, 90)
ATTEMPTS, CHANNELS = 3, 2


def looked_after(case: Case, day: int) -> bool:
    """Whether the person answered on that day's check, or three attempts were made over two channels."""
    checks = list(SafetyCheck.objects.filter(case=case, day=day))
    tried = len(checks) >= ATTEMPTS and len({check.channel for check in checks}) >= CHANNELS
    return tried or any(check.answered for check in checks)


@after("arrive", "settle_here", "enter")
def ask_later(attempt: Attempt, was: str) -> None:
    """Open a deadline for each day, counted from the arrival."""
    case = attempt.case
    if case.stage != Stage.RESETTLED:
        return
    for day in SAFETY_DAYS:
        ends = datetime.combine(timezone.localdate() + timedelta(days=day), time(23, 59), timezone.get_current_timezone())
        asked = Deadline(case_id=case.pk, by=attempt.by, kind=Deadline.Kind.SAFETY_CHECK, due_at=ends, what=str(day))
        asked.save(force_insert=True)


@after("extract_again", "return_home", "close")
def ask_no_more(attempt: Attempt, was: str) -> None:
    """Whoever is on the way again is watched otherwise; whoever closes has looked at the checks."""
    _open(attempt.case).update(done_at=timezone.now(), done_by=attempt.by)


def settle(check: SafetyCheck, *, by: Account) -> None:
    """A check was written down: its day is done once it counts."""
    due = _open(check.case).filter(what=str(check.day)).first()
    if due and looked_after(check.case, check.day):
        due.done_at, due.done_by = timezone.now(), by
        due.save(update_fields=["done_at", "done_by"])
        ledger.record("deadline.done", check.case_id, by=by, about=due.pk, detail=f"{due.kind} {due.what}")


def _open(case: Case) -> QuerySet[Deadline]:
    return Deadline.objects.filter(case=case, kind=Deadline.Kind.SAFETY_CHECK, done_at=None)

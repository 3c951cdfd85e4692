"""The door of check-ins: log one, and see who is overdue."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.models import CheckIn
from relocation.journey.codeword import CODEWORD, DURESS, is_agreed, plan_of
from relocation.journey.duress import duress_given
from relocation.models import Account, Case, CheckInPlan, Stage, Standing
from relocation.safety import access, ledger
from relocation.safety.refusal import Refusal

OVER_STAGES = (Stage.DECLINED, Stage.CLOSED)
OVER_STANDINGS = (Standing.WITHDRAWN, Standing.DECEASED)


class WrongWord(Refusal):
    """Neither the codeword nor the duress word."""

    kind = "wrong_word"


def log(case: Case, outcome: str, *, by: Account, word: str = "", channel: str = "") -> CheckIn:
    """Note that the person was heard from, or not. A duress word looks the same and alarms. Raises `Denied`, `WrongWord`."""
    with transaction.atomic():
        access.require(by, "card.write", case.pk)
        plan = plan_of(case)
        if outcome == CheckIn.Outcome.HEARD and plan and not is_agreed(plan, word, CODEWORD):
            _unless_duress(case, plan, word, by)
        check_in = CheckIn(case=case, by=by, outcome=outcome, channel=channel)
        check_in.save(force_insert=True)
        ledger.record("check_in", case.pk, by=by, about=check_in.pk, detail=outcome)
        return check_in


def _unless_duress(case: Case, plan: CheckInPlan, word: str, by: Account) -> None:
    if not is_agreed(plan, word, DURESS):
        sentence = _(
            "That is not the codeword that was agreed. Ask once more, over another channel, or log that there was no answer."
        )
        raise WrongWord(case.pk, "check_in", by.pk, sentence)
    duress_given(case.pk, by=by)


def next_due(case: Case) -> datetime | None:
    """When the person should be heard from next (UTC), or None without a plan that is running."""
    found = watch(case)
    return found.due if found else None


def _due(plan: CheckInPlan | None, heard_at: datetime | None) -> datetime | None:
    if plan is None or (plan.ends_at and plan.ends_at < timezone.now()):
        return None
    return max(heard_at, plan.starts_at) + timedelta(hours=plan.every_hours) if heard_at else plan.starts_at


def overdue_by(case: Case) -> timedelta | None:
    """How long a check-in is overdue beyond its grace, or None."""
    found = watch(case)
    return found.overdue_by if found else None


def watch(case: Case) -> "Watch | None":
    """How one case is watched, or None without a plan or once nobody has to be heard from."""
    plan = plan_of(case)
    if plan is None or case.stage in OVER_STAGES or case.standing in OVER_STANDINGS:
        return None
    last = CheckIn.objects.filter(case=case, outcome=CheckIn.Outcome.HEARD).last()
    return Watch(case, plan, _due(plan, last.at if last else None), last.at if last else None)


@dataclass(frozen=True)
class Watch:
    """A case with its check-in plan, when the person was last heard from, and when the next word is due (UTC)."""

    case: Case
    plan: CheckInPlan
    due: datetime | None
    heard_at: datetime | None = None

    @property
    def overdue_by(self) -> timedelta | None:
        """How long it is overdue beyond its grace, or None."""
        late = timezone.now() - self.due if self.due else timedelta()
        return late if late > timedelta(minutes=self.plan.grace_minutes) else None


def watched(account: Account) -> list[Watch]:
    """Every case with a running plan whose check-ins this account logs, the most overdue first; one query."""
    heard = CheckIn.objects.filter(case=OuterRef("case"), outcome=CheckIn.Outcome.HEARD).order_by("-at").values("at")[:1]
    plans = CheckInPlan.objects.filter(case__in=_going_on(account)).order_by("case_id", "-at").distinct("case_id")
    watches = [
        Watch(plan.case, plan, _due(plan, plan.heard_at), plan.heard_at)
        for plan in plans.annotate(heard_at=Subquery(heard)).select_related("case")
    ]
    return sorted((watch for watch in watches if watch.due), key=lambda watch: watch.due or timezone.now())


def _going_on(account: Account) -> QuerySet[Case]:
    """Cases in which somebody is still listened for."""
    over = Q(stage__in=OVER_STAGES) | Q(standing__in=OVER_STANDINGS)
    return access.permitted(account, "card.write").exclude(over)

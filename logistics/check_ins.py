"""The door of check-ins: log one, and see who is overdue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics import ladder
from logistics.climbing import OVER_STAGES, OVER_STANDINGS
from logistics.models import CheckIn
from relocation.journey.after import after
from relocation.journey.attempt import Attempt
from relocation.journey.codeword import CODEWORD, DURESS, is_agreed, plan_of
from relocation.journey.duress import duress_given
from relocation.journey.recording import held
from relocation.models import Account, Case, CheckInPlan
from relocation.safety import access, ledger
from relocation.safety.refusal import Refusal


class WrongWord(Refusal):
    """Neither the codeword nor the duress word."""

    kind = "wrong_word"


def log(case: Case, outcome: str, *, by: Account, word: str = "", channel: str = "") -> CheckIn:
    """Note that the person was heard from, or not. A duress word looks the same and alarms. Raises `Denied`, `WrongWord`.

    The case is held first, as the ladder holds it: whoever is told that nobody answered also hears that somebody did.
    """
    with transaction.atomic():
        held(case.pk)
        access.require(by, "card.write", case.pk)
        plan = plan_of(case)
        if outcome == CheckIn.Outcome.HEARD and plan and not is_agreed(plan, word, CODEWORD):
            _unless_duress(case, plan, word, by)
        return _noted(case, outcome, by, channel)


def _noted(case: Case, outcome: str, by: Account, channel: str = "") -> CheckIn:
    check_in = CheckIn(case_id=case.pk, by=by, outcome=outcome, channel=channel)
    check_in.save(force_insert=True)
    ledger.record("check_in", case.pk, by=by, about=check_in.pk, detail=outcome)
    if outcome == CheckIn.Outcome.HEARD:
        ladder.climb(case.pk)
    return check_in


@after("find_again", "arrive", "set_free", "come_back")
def heard_on_the_way(attempt: Attempt, was: str) -> None:
    """Whoever is found again, arrives, is free again or comes back was heard from: that is a check-in too."""
    _noted(attempt.case, CheckIn.Outcome.HEARD, attempt.by)


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


def overdue_by(case: Case) -> timedelta | None:
    """How long a check-in is overdue beyond its grace, or None."""
    found = watch(case)
    return found.overdue_by if found else None


def watch(case: Case) -> "Watch | None":
    """How one case is watched, or None without a plan that is running, or once nobody has to be heard from."""
    return next(iter(_watches(CheckInPlan.objects.filter(case=case), case.pk)), None)


@dataclass(frozen=True)
class Watch:
    """A case with the plan that counts, when the person was last heard from, and when the next word is due (UTC)."""

    case: Case
    plan: CheckInPlan
    due: datetime
    heard_at: datetime | None = None

    @property
    def overdue_by(self) -> timedelta | None:
        """How long it is overdue beyond its grace, or None."""
        late = timezone.now() - self.due
        return late if late > timedelta(minutes=self.plan.grace_minutes) else None


def watched(account: Account) -> list[Watch]:
    """Every case with a running plan whose check-ins this account logs, the most overdue first; one query."""
    return sorted(_watches(CheckInPlan.objects.filter(case__in=_going_on(account))), key=lambda watch: watch.due)


def _watches(plans: QuerySet[CheckInPlan], case_id: Any = None) -> list[Watch]:
    """Of these plans those that count; the database says which, and when a word is due."""
    heard = CheckIn.objects.filter(case=OuterRef("case"), outcome=CheckIn.Outcome.HEARD).order_by("-at").values("at")[:1]
    counted = plans.filter(pk__in=RawSQL("SELECT plan_id FROM harbour_watched(%s)", [case_id]))
    told = counted.annotate(heard_at=Subquery(heard)).annotate(due=_due(F("heard_at"))).select_related("case")
    return [Watch(plan.case, plan, plan.due, plan.heard_at) for plan in told]


def _due(heard: Any) -> Func:
    plan = ("every_hours", "zone", "opens_at", "closes_at")
    return Func(F("starts_at"), F("ends_at"), heard, *map(F, plan), function="harbour_due", output_field=DateTimeField())


def _going_on(account: Account) -> QuerySet[Case]:
    """Cases in which somebody is still listened for."""
    over = Q(stage__in=OVER_STAGES) | Q(standing__in=OVER_STANDINGS)
    return access.permitted(account, "card.write").exclude(over)

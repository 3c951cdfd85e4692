"""The door of check-ins: log one, and see who is overdue."""

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.models import CheckIn
from relocation.journey import on_call
from relocation.models import Account, Alarm, Case, CheckInPlan
from relocation.safety import access, ledger, vault
from relocation.safety.refusal import Refusal


class WrongWord(Refusal):
    """Neither the codeword nor the duress word."""

    kind = "wrong_word"


def log(case: Case, outcome: str, *, by: Account, word: str = "", channel: str = "") -> CheckIn:
    """Note that the person was heard from, or not. A duress word looks the same and alarms. Raises `Denied`, `WrongWord`."""
    with transaction.atomic():
        access.require(by, "card.write", case.pk)
        plan = CheckInPlan.objects.filter(case=case).last()
        if outcome == CheckIn.Outcome.HEARD and plan and not vault.ask(partial(_is, word), (plan, "codeword")):
            _unless_duress(case, plan, word, by)
        check_in = CheckIn(case=case, by=by, outcome=outcome, channel=channel)
        check_in.save(force_insert=True)
        ledger.record("check_in", case.pk, by=by, about=check_in.pk, detail=outcome)
        return check_in


def _is(given: str, word: str) -> bool:
    return bool(word.strip()) and given.strip().casefold() == word.strip().casefold()


def _unless_duress(case: Case, plan: CheckInPlan, word: str, by: Account) -> None:
    if not vault.ask(partial(_is, word), (plan, "duress_word")):
        sentence = _("That is not the codeword that was agreed. Ask once more, over another channel, or log that there was no answer.")
        raise WrongWord(case.pk, "check_in", by.pk, sentence)
    alarm = Alarm(case=case, by=by, kind=Alarm.Kind.DURESS)
    alarm.save(force_insert=True)
    on_call.wake(alarm)


def next_due(case: Case) -> datetime | None:
    """When the person should be heard from next (UTC), or None without a plan that is running."""
    plan = CheckInPlan.objects.filter(case=case).last()
    if plan is None or (plan.ends_at and plan.ends_at < timezone.now()):
        return None
    last = CheckIn.objects.filter(case=case, outcome=CheckIn.Outcome.HEARD).last()
    return max(last.at, plan.starts_at) + timedelta(hours=plan.every_hours) if last else plan.starts_at


def overdue_by(case: Case) -> timedelta | None:
    """How long a check-in is overdue beyond its grace, or None."""
    due, plan = next_due(case), CheckInPlan.objects.filter(case=case).last()
    if due is None or plan is None:
        return None
    late = timezone.now() - due
    return late if late > timedelta(minutes=plan.grace_minutes) else None

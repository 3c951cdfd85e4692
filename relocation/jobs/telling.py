"""Telling people that something waits for them: the same words for every event, and nothing about anybody."""

import shlex
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from relocation.journey import on_call
from relocation.journey.silence import HEARD_AGAIN
from relocation.models import Account, Alarm, Approval, Case, Outbox
from relocation.models.outbox import job, put, unheard
from relocation.safety import access, ledger
from relocation.safety.keys import Shut
from relocation.safety.policy import Role
from relocation.safety.questions import answers
from relocation.safety.refusal import Denied


class NobodyHeard(Exception):
    """An alarm reached nobody: nobody is on call, or there is no way of telling them. It is tried again."""


class _NobodyNew(Exception):
    """Everybody on call was let in before, by somebody whose grants the originator does not see."""


def tell(accounts: Iterable[Account]) -> None:
    """Mail each of them the one sentence there is."""
    for account in accounts:
        if account.email:
            with translation.override(account.language):
                send_mail(_("Harbour"), _("Something waits for you in Harbour."), None, [account.email])


def can_mail() -> bool:
    """Whether mail leaves this installation."""
    return not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")


def trouble() -> str:
    """What is wrong with the way alarms take, as a sentence for everybody at the desk; empty where nothing is."""
    if not (can_mail() or settings.HARBOUR_ALARM_COMMAND):
        return _("Alarms wake nobody: neither mail nor an alarm command is set up. Call the people on call yourself.")
    if unheard():
        return _("An alarm has not reached the people on call yet. Call them yourself, now.")
    return ""


@job("tell_on_call")
def tell_on_call(row: Outbox) -> None:
    """A mail to each of the people on call, as a job of its own. Raises `NobodyHeard` where they cannot be reached at all."""
    alarm = _let_in(row)
    watching = [shift.account for shift in on_call.shifts() if not (_is_silent(alarm) and shift.account == row.originator)]
    mailed = [account for account in watching if account.email and can_mail()]
    if not mailed and not (watching and settings.HARBOUR_ALARM_COMMAND):
        raise NobodyHeard
    for account in mailed:
        put("mail_on_call", by=row.originator, key=f"{row.ids['alarm']}:{account.pk}", alarm=row.ids["alarm"], account=account.pk)


@job("mail_on_call")
def mail_on_call(row: Outbox) -> None:
    """Mail one of those who were on call."""
    tell(Account.objects.filter(pk=row.ids["account"], is_active=True))


def _is_silent(alarm: Alarm | None) -> bool:
    """Whether nobody near whoever raised it may learn of it."""
    return alarm is not None and alarm.kind == Alarm.Kind.DURESS


def _let_in(row: Outbox) -> Alarm | None:
    """Whoever came on call since the alarm is let in too, as far as its originator still may."""
    alarm = Alarm.objects.filter(pk=row.ids["alarm"]).select_related("by").first()
    case = Case(pk=alarm.case_id) if alarm else None  # the sweeps raise alarms and see no case
    if alarm and case and on_call.missing(case, row.originator, on_call.shifts()):
        with suppress(Denied, Shut, _NobodyNew), transaction.atomic():  # sealed, nobody is let in, and all are told
            before = _let_in_by(row.originator, case)
            ledger.record(HEARD_AGAIN, alarm.case_id, by=row.originator, about=alarm.pk, detail=alarm.kind)
            on_call.let_in(case, by=row.originator, reason=f"alarm: {alarm.kind}", quietly=_is_silent(alarm))
            if _let_in_by(row.originator, case) == before:
                raise _NobodyNew
    return alarm


def _let_in_by(account: Account, case: Case) -> int:
    """How many grants somebody has given on a case; a sweep sees no others."""
    return int(access.CaseGrant.objects.filter(content_object_id=case.pk, granted_by=account).count())


@job("ring_on_call")
def ring_on_call(row: Outbox) -> None:
    """Run the operator's alarm command, where there is one; a job of its own, so that a broken command mails nobody twice."""
    if settings.HARBOUR_ALARM_COMMAND:
        subprocess.run(shlex.split(settings.HARBOUR_ALARM_COMMAND), check=True, timeout=30, stdin=subprocess.DEVNULL)


@job("tell_approvers")
def tell_approvers(row: Outbox) -> None:
    """Those who could give a second person's word."""
    holders = access.holders(_case(row), Role.COORDINATOR).exclude(user=row.originator).select_related("user")
    tell(grant.user for grant in holders)


@job("tell_asker")
def tell_asker(row: Outbox) -> None:
    """Whoever asked for a second person's word."""
    if approval := Approval.objects.filter(pk=row.ids["approval"]).select_related("by").first():
        tell([approval.by])


@job("tell_assigned")
def tell_assigned(row: Outbox) -> None:
    """The new lead."""
    tell(Account.objects.filter(pk=row.ids["account"]))


def tell_leads(row: Outbox) -> None:
    """The leads of a case; the database names them, since a host who changed something sees no other grants."""
    _tell_others(row, "SELECT harbour_leads(%s)")


@job("tell_lawyers")
def tell_lawyers(row: Outbox) -> None:
    """The lawyers of a case, when somebody holds the person."""
    _tell_others(row, "SELECT harbour_lawyers(%s)")


def _tell_others(row: Outbox, question: str) -> None:
    """Whom the database names, but for whoever caused it."""
    named = answers(question, _case(row))
    tell(Account.objects.filter(pk__in=named, is_active=True).exclude(pk=row.originator_id))


for _kind in ("moved", "stay_changed", "seat_changed", "passage_changed", "post_answered", "tell_lead"):
    job(_kind)(tell_leads)


@job("tell_post")
def tell_post(row: Outbox) -> None:
    """The officers to whom a dossier was released."""
    officers = access.holders(_case(row), Role.EMBASSY).filter(scope=row.ids["paper"]).select_related("user")
    tell(grant.user for grant in officers)


def _case(row: Outbox) -> UUID:
    return UUID(row.ids["case"])

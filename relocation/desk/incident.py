"""The page of an incident: who is on call, what has been done, what comes next; and the tap that raises the alarm."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from relocation.desk.forms import words
from relocation.desk.history import Line, history
from relocation.journey import answering, on_call
from relocation.journey.alarms import own_open
from relocation.journey.answering import NOTES
from relocation.journey.wrong import WELL
from relocation.models import Account, Alarm, AlarmContact, Case, LedgerEntry, Paper
from relocation.safety import access
from relocation.safety.gate import Request, case_page
from relocation.safety.policy import Role

# What the pack for lawyer and court will hold.
PACK = (
    gettext_lazy("The facts in short, with dates"),
    gettext_lazy("The power of attorney that the person signed"),
    gettext_lazy("The application for interim measures, ready to send"),
    gettext_lazy("The report of a missing person"),
)


class EndForm(forms.Form):
    """How it ended."""

    reason = words(gettext_lazy("How it ended"), required=True, help_text=gettext_lazy("Kept sealed in the history of the case."))


@dataclass(frozen=True)
class Reached:
    """Somebody who helps now, and how to reach them."""

    name: str
    phone: str
    mail: str


@dataclass(frozen=True)
class Next:
    """Something that can be done with one click; `done` says who did it, and when (UTC)."""

    code: str
    label: Any
    done: Line | None


@case_page("case.open")
@require_POST
def alarm(request: Request, case: Case) -> HttpResponse:
    """One tap: the people on call are told, and the incident opens."""
    answering.sound(case, by=request.user)
    messages.success(request, _("The people on call are being told now."))
    return redirect("desk:incident", case.pk)


@case_page("case.open")
def incident(request: Request, case: Case) -> HttpResponse:
    """Show the incident with its clock, note what was done, or end it."""
    ends = access.may(request.user, "approve", case.pk)
    form = EndForm(request.POST if request.POST.get("do") == "end" else None)
    if request.method == "POST" and (done := _done(request, case, form)):
        return done
    since = answering.began(case, request.user)
    lines = _lines(case, request.user, since)
    context = {
        "case": case,
        "alarms": _alarms(case, request.user),
        "mine": own_open(case.pk, request.user).exists(),
        "since": since,
        "running": timezone.now() - since if since else timedelta(),
        "lines": lines,
        "next": [Next(code, label, _said(lines, label)) for code, label in NOTES.items()],
        "form": form if ends and ("end" in request.GET or form.is_bound) else None,
        "ends": ends,
    }
    return render(request, "desk/incident.html", context | _around(case, request.user))


def _alarms(case: Case, by: Account) -> list[tuple[Alarm, LedgerEntry | None]]:
    """Each open alarm, and where whoever raised it says that all is well."""
    well = answering.said_well(case)
    return [(alarm, well.get(alarm.pk)) for alarm in answering.open_alarms(case, by)]


def _done(request: Request, case: Case, form: EndForm) -> HttpResponse | None:
    do = request.POST.get("do", "")
    if do == "end":
        if not form.is_valid():
            return None
        answering.end(case, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("The incident is closed."))
        return redirect("desk:case", case.pk)
    if do == "well":
        answering.all_is_well(case, by=request.user)
        messages.success(request, WELL)
    else:
        answering.note(case, do, by=request.user)
    return redirect("desk:incident", case.pk)


def _lines(case: Case, by: Account, since: datetime | None) -> list[Line]:
    """What has happened since, the newest first; a while before, so that what led to it is seen."""
    return [line for line in history(case, by) if since and line.at >= since - timedelta(hours=3)]


def _said(lines: list[Line], label: Any) -> Line | None:
    return next((line for line in lines if line.sentence == str(label)), None)


def _around(case: Case, by: Account) -> dict[str, Any]:
    lawyers = [grant.user for grant in access.holders(case.pk, Role.LAWYER).select_related("user__organisation")]
    return {
        "on_call": [_reached(shift.account) for shift in on_call.shifts()],
        "lawyers": [_reached(account) for account in lawyers],
        "contacts": AlarmContact.objects.filter(case=case).count(),
        "reveals": access.may(by, "contacts.reveal", case.pk),
        "pack": PACK,
        "papers": Paper.objects.filter(case=case, state=Paper.State.READY).count() if access.may(by, "post.read", case.pk) else 0,
        "logs": access.may(by, "card.write", case.pk),
    }


def _reached(account: Account) -> Reached:
    phone = account.organisation.duty_phone if account.organisation else ""
    return Reached(str(account), phone, account.email)

"""The page for when something is wrong: lock an account, a case or everything, and open locks again by two people."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.glass import BreakForm, broken
from relocation.models import Account, Lock, Office, Part, Signal
from relocation.safety import access, locks
from relocation.safety.confirm import confirmed
from relocation.safety.gate import Request, named, portal
from relocation.safety.policy import Role

SHOWN = 30  # signals


class AccountForm(forms.Form):
    """Whose account is locked."""

    account = forms.ModelChoiceField(label=gettext_lazy("Whose account"), queryset=Account.objects.none())

    def __init__(self, data: Any, by: Account) -> None:
        super().__init__(data, auto_id="lock-%s")
        account: Any = self.fields["account"]
        account.queryset = colleagues(by)


class CaseForm(forms.Form):
    """Which case is locked, by its code."""

    code = forms.CharField(label=gettext_lazy("Code of the case"), max_length=8, widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="lock-%s")


def colleagues(by: Account) -> QuerySet[Account]:
    """Whom one may lock: everybody of the own organisation, oneself too."""
    found = Account.objects.filter(organisation=by.organisation_id, is_active=True).exclude(part=Part.SYSTEM)
    return found.order_by("name")


@portal("desk", "office")
@confirmed()
def danger(request: Request) -> HttpResponse:
    """Show what is locked and what was noticed; lock, or open again."""
    forms_of: dict[str, Any] = {
        "account": AccountForm(request.POST if "account" in request.POST else None, request.user),
        "case": CaseForm(request.POST if "code" in request.POST else None),
        "glass": BreakForm(request.POST if "called" in request.POST else None),
    }
    if forms_of["glass"].is_bound and request.user.part == Part.DESK and (case_id := broken(forms_of["glass"], request.user)):
        return redirect("desk:case", case_id)
    if request.method == "POST" and (said := _done(request, forms_of)):
        messages.success(request, said)
        return redirect("desk:danger")
    return render(request, "desk/danger.html", forms_of | _shown(request.user))


def _done(request: Request, forms_of: dict[str, Any]) -> str:
    """What was done, in words; empty where a form has something to say first."""
    by = request.user
    if "lift" in request.POST:
        return _lifted(request.POST["lift"], by)
    if "everything" in request.POST:
        return _everything(by)
    if forms_of["account"].is_valid():
        account = forms_of["account"].cleaned_data["account"]
        locks.lock(Lock.Scope.ACCOUNT, account.pk, by=by, label=str(account))
        return _("%(name)s is signed out everywhere and cannot come in. The people on call are told.") % {"name": account}
    if forms_of["case"].is_valid():
        return _case(forms_of["case"], by)
    return ""


def _case(form: CaseForm, by: Account) -> str:
    code = form.cleaned_data["code"].strip().upper()
    case = access.permitted(by, "approve").filter(code=code).first()
    if case is None:
        form.add_error("code", _("You coordinate no case with this code. Read it once more, or ask its coordinator."))
        return ""
    locks.lock(Lock.Scope.CASE, case.pk, by=by, label=case.code)
    return _("%(code)s is locked: nobody opens it, and its links are dead. The people on call are told.") % {"code": case.code}


def _everything(by: Account) -> str:
    if locks.lock_everything(by=by):
        return _("Everything is locked.")
    return _("Asked. As soon as a second person presses the same button, within 15 minutes, everything is locked.")


def _lifted(number: str, by: Account) -> str:
    lifted = locks.lift(named(number), by=by)
    return _("Open again.") if lifted else _("Asked. A second person opens it here, within a day.")


def _shown(by: Account) -> dict[str, Any]:
    live = locks.live().select_related("by", "asked_by", "confirmed_by").order_by("at")
    return {
        "at_desk": by.part == Part.DESK,
        "locks": [lock for lock in live if _is_mine(lock, by)],
        "asked": live.filter(scope=Lock.Scope.EVERYTHING, confirmed_by=None).exclude(by=by).last(),
        "signals": Signal.objects.select_related("account").order_by("-at")[:SHOWN],
    }


def _is_mine(lock: Lock, by: Account) -> bool:
    """Whether somebody may help to open it; the database decides again."""
    if lock.scope == Lock.Scope.CASE:
        return Office.CUSTODIAN in by.offices or access.holders(lock.subject_id, Role.COORDINATOR).filter(user=by).exists()
    same = Account.objects.filter(pk=lock.subject_id, organisation=by.organisation_id).exists()
    return same if lock.scope == Lock.Scope.ACCOUNT else lock.scope == Lock.Scope.HOUSE

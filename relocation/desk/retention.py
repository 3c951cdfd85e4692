"""What of a case is kept and for how long; keeping something longer; and erasing the case, by two people."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.forms import words
from relocation.desk.panels import Todo
from relocation.journey import erasing, keeping
from relocation.journey.conditions import Met
from relocation.journey.keeping import Term
from relocation.models import Account, Case
from relocation.safety import access
from relocation.safety.confirm import confirmed
from relocation.safety.device import device
from relocation.safety.gate import Request, case_page


class KeepForm(forms.Form):
    """What is kept longer, until when, and why."""

    kind = forms.ChoiceField(label=gettext_lazy("What"))
    until = forms.DateField(label=gettext_lazy("Until"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = words(gettext_lazy("Why it is still needed"), required=True, help_text=gettext_lazy("Sealed, and kept."))

    def __init__(self, data: Any, due: list[Term]) -> None:
        super().__init__(data, auto_id="keep-%s", use_required_attribute=False)
        kind: Any = self.fields["kind"]
        kind.choices = [(term.name, term.kind.label) for term in due]


class EraseForm(forms.Form):
    """Why a case is erased."""

    why = forms.ChoiceField(label=gettext_lazy("Why"), choices=[(why.value, why.label) for why in erasing.REASONS])
    reason = words(gettext_lazy("What the second person must know"), required=True)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="erase-%s", use_required_attribute=False)


class CodeForm(forms.Form):
    """The case's code once more, so that nobody erases another by mistake."""

    why = forms.CharField(widget=forms.HiddenInput)
    code = forms.CharField(
        label=gettext_lazy("Type the code of the case"), max_length=8, widget=forms.TextInput({"autocomplete": "off"})
    )

    def __init__(self, data: Any, case: Case, why: str) -> None:
        super().__init__(data, auto_id="code-%s", initial={"why": why}, use_required_attribute=False)
        self.case = case

    def clean_code(self) -> str:
        """The same code. Raises `ValidationError`."""
        typed = str(self.cleaned_data["code"]).strip().upper()
        if typed != self.case.code:
            raise forms.ValidationError(_("This is not the code of this case. Look at the top of the page."))
        return typed


@case_page("case.assign")
@confirmed()
def retention(request: Request, case: Case) -> HttpResponse:
    """Show what goes when; keep something longer; ask for the case to be erased, and erase it."""
    by, do = request.user, request.POST.get("do", "")
    terms = list(keeping.terms(case))
    due = [term for term in terms if term.is_due]
    keep = KeepForm(request.POST if do == "keep" else None, due)
    ask = EraseForm(request.POST if do == "ask" else None)
    agreed = _agreed(case, by)
    code = CodeForm(request.POST if do == "erase" else None, case, agreed)
    if keep.is_valid():
        return _kept(request, case, keep.cleaned_data, terms)
    if ask.is_valid():
        erasing.ask(case, by=by, why=ask.cleaned_data["why"], reason=ask.cleaned_data["reason"], session=device(request))
        messages.success(request, _("A second person is asked. Nothing is erased before they agree and you say so once more."))
        return redirect("desk:retention", case.pk)
    if agreed and code.is_valid():
        erasing.erase(case, code.cleaned_data["why"], by=by)
        messages.success(request, _("Erased for good. What is left is an id that names nobody, and the ledger."))
        return redirect("desk:cases")
    shown = {"case": case, "terms": terms, "due": due, "keep": keep, "ask": ask, "agreed": agreed, "code": code}
    return render(request, "desk/retention.html", shown | {"waiting": _waiting(case, by), "again": _again(case, by, terms)})


def _kept(request: Request, case: Case, told: dict[str, Any], terms: list[Term]) -> HttpResponse:
    """Keep it; what was kept before needs a second person's word, which is asked for where it is missing."""
    by, term = request.user, next(term for term in terms if term.name == told["kind"])
    if term.kept and not isinstance(keeping.word(case, by=by), Met):
        keeping.ask(case, by=by, reason=told["reason"], session=device(request))
        messages.success(request, _("This was kept longer before, so a second person is asked. Come back once they have agreed."))
        return redirect("desk:retention", case.pk)
    keeping.keep(case, told["kind"], told["until"], by=by, reason=told["reason"])
    messages.success(request, _("Kept longer, and written down: %(what)s.") % {"what": term.kind.label})
    return redirect("desk:retention", case.pk)


def _agreed(case: Case, by: Account) -> str:
    """The reason for which somebody agreed that the case is erased; empty where nobody did."""
    return next((why for why in erasing.REASONS if isinstance(erasing.word(case, why, by=by), Met)), "")


def _waiting(case: Case, by: Account) -> str:
    """What a second person was asked and has not agreed to, in a sentence."""
    found = [erasing.word(case, why, by=by) for why in erasing.REASONS]
    return next((str(word.sentence) for word in found if not isinstance(word, Met) and word.since), "")


def _again(case: Case, by: Account, terms: list[Term]) -> str:
    """What the second person says of keeping something once more."""
    return str(keeping.word(case, by=by).sentence) if any(term.kept and term.is_due for term in terms) else ""


def going(account: Account) -> list[Todo]:
    """What goes next, of each case that this account coordinates."""
    return [_todo(case, term, term.goes_at) for case, term in keeping.soon(account)]


def _todo(case: Case, term: Term, when: datetime | None) -> Todo:
    sentence = _("Goes for good: %(what)s") % {"what": term.kind.label}
    url = reverse("desk:retention", args=[case.pk])
    return Todo(case, sentence, _("Nobody needs to do anything, unless it is still needed."), _("Look at it"), url, when)


def warned(case: Case, account: Account) -> Term | None:
    """The next thing of this case that goes, for whoever coordinates it."""
    if not access.may(account, "case.assign", case.pk):
        return None
    due = [term for term in keeping.terms(case) if term.is_due]
    return min(due, key=lambda term: str(term.goes_at), default=None)

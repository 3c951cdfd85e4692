"""Opening what is sealed, one compartment at a time, for a reason that is kept; the location only by two people."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.record_kinds import KINDS
from relocation.desk.templatetags.harbour import plain_day
from relocation.journey import approvals, incident
from relocation.models import Account, Approval, Case, Channel, Claim, Identity, Referrer, Whereabouts
from relocation.safety import access, vault
from relocation.safety.confirm import confirmed
from relocation.safety.device import device
from relocation.safety.gate import Request, case_page
from relocation.safety.policy import Compartment
from relocation.safety.walls import models_on_case

LOCATION = "location"


@dataclass(frozen=True)
class Opening:
    """One kind of reveal: a compartment, and the model whose newest row is ticked beforehand."""

    compartment: Compartment
    title: Any
    first: type[models.Model] | None = None


OPENINGS = {
    "identity": Opening(Compartment.IDENTITY, gettext_lazy("Name and birth"), Identity),
    "claim": Opening(Compartment.CLAIM, gettext_lazy("The danger"), Claim),
    "contacts": Opening(Compartment.CONTACTS, gettext_lazy("Contacts"), Channel),
    "destination": Opening(Compartment.DESTINATION, gettext_lazy("Destination")),
    "referrer": Opening(Compartment.CONTACTS, gettext_lazy("Who referred them"), Referrer),
}


TITLES = {kind.model: kind.title for kind in KINDS.values()}


def _which(row: Any) -> list[Any]:
    """The row's own kind, where it has one."""
    return [row.get_kind_display()] if hasattr(row, "get_kind_display") else []


@dataclass(frozen=True)
class Sealing:
    """One sealed field of one row, still closed."""

    row: Any
    field: str

    @property
    def key(self) -> str:
        return f"{self.row._meta.model_name}.{self.field}.{self.row.pk}"

    @property
    def label(self) -> str:
        """What it is, such as "Alarm contacts, lawyer: name"."""
        kind = TITLES.get(type(self.row), "")
        whose = ", ".join(str(part) for part in (kind, *_which(self.row)) if part)
        field = self.row._meta.get_field(self.field).verbose_name
        return f"{whose}: {field}" if whose else str(capfirst(field))


class RevealForm(forms.Form):
    """Why, and what exactly."""

    what = forms.MultipleChoiceField(label=gettext_lazy("What to open"), widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        label=gettext_lazy("Why you need to know"), max_length=500, widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("It stays in the ledger, with your name and the time."),
    )  # fmt: skip

    def __init__(self, data: Any, closed: list[Sealing], ticked: list[str]) -> None:
        super().__init__(data, auto_id="f-%s")
        choices: Any = self.fields["what"]
        choices.choices = [(s.key, f"{s.label}, {plain_day(s.row.at)}") for s in closed]
        choices.initial = ticked


class AskForm(forms.Form):
    """Why the location is needed."""

    reason = forms.CharField(label=gettext_lazy("Why you need to know"), max_length=500, widget=forms.Textarea({"rows": 2}))


@case_page("case.open")
@confirmed()
def reveal(request: Request, case: Case, kind: str) -> HttpResponse:
    """Ask for a reason; then show what was asked for, once."""
    if kind == LOCATION:
        return _location(request, case)
    if kind not in OPENINGS:
        raise Http404
    opening, by = OPENINGS[kind], request.user
    access.require(by, f"{opening.compartment}.reveal", case.pk)
    closed = _closed(case, opening)
    form = RevealForm(request.POST or None, closed, _newest(closed, opening))
    told = _told(closed, form, by) if form.is_valid() else []
    context = {"case": case, "opening": opening, "form": form, "closed": closed, "told": told}
    return render(request, "desk/reveal.html", context)


def _closed(case: Case, opening: Opening) -> list[Sealing]:
    """Everything sealed in this compartment, of whichever room, the first model's newest row at the top."""
    found = [s for model in models_on_case() for s in _sealings(model, case, opening)]
    return sorted(found, key=lambda s: type(s.row) is not opening.first)


def _sealings(model: type[models.Model], case: Case, opening: Opening) -> list[Sealing]:
    """The chain of referral is opened by itself, and not among the other contacts."""
    names = [f.name for f in vault.sealed_fields(model) if f.compartment == opening.compartment]
    if not names or (model is Referrer) != (opening.first is Referrer):
        return []
    rows = model._base_manager.filter(case=case).order_by("-at")
    return [Sealing(row, name) for row in rows for name in names if getattr(row, name) is not None]


def _newest(closed: list[Sealing], opening: Opening) -> list[str]:
    first = next((s.row for s in closed if type(s.row) is opening.first), None)
    return [s.key for s in closed if s.row is first]


def _told(closed: list[Sealing], form: RevealForm, by: Account) -> list[tuple[Sealing, str]]:
    asked, reason = set(form.cleaned_data["what"]), form.cleaned_data["reason"]
    return [(s, vault.reveal(s.row, s.field, by=by, reason=reason)) for s in closed if s.key in asked]


def _location(request: Request, case: Case) -> HttpResponse:
    """Ask a second person, or show the newest place to whoever was agreed to in the last 30 minutes."""
    by = request.user
    if incident.may_look_alone(case, by):
        return _alone(request, case)
    access.require(by, "location.reveal_together", case.pk)
    form = AskForm(request.POST if "ask" in request.POST else None, auto_id="f-%s")
    if form.is_valid():
        approvals.ask_to_look(case, by=by, reason=form.cleaned_data["reason"], session=device(request))
        messages.success(request, _("Asked. Whoever agrees is one of the coordinators of the case, or on call."))
        return redirect("desk:reveal", case.pk, LOCATION)
    given = approvals.look_given(case.pk, by=by)
    newest = Whereabouts.objects.filter(case=case).order_by("at").last()
    shows = "show" in request.POST and newest is not None
    reason = approvals.reason_of(given, by=by) if given else ""
    place = _place(newest, by, reason) if shows and newest is not None else ""
    context = {
        "case": case,
        "form": form,
        "agreed": given,
        "asked": _asked(case, by),
        "newest": newest,
        "place": place,
        "reason": reason,
    }
    return render(request, "desk/reveal_location.html", context)


def _alone(request: Request, case: Case) -> HttpResponse:
    """In an emergency one person looks, for a reason that is kept, and everybody on the case is told."""
    form = AskForm(request.POST if "show" in request.POST else None, auto_id="f-%s")
    newest = Whereabouts.objects.filter(case=case).order_by("at").last()
    place = ""
    if newest is not None and form.is_valid():
        place = incident.look_alone(case, newest, by=request.user, reason=form.cleaned_data["reason"])
    context = {"case": case, "form": form, "newest": newest, "place": place}
    return render(request, "desk/reveal_alone.html", context)


def _asked(case: Case, by: Account) -> Approval | None:
    return Approval.objects.filter(case=case, what=approvals.LOCATION, by=by).select_related("decided_by").order_by("at").last()


def _place(newest: Whereabouts, by: Account, reason: str) -> str:
    """The place, for the reason that the second person read. Raises `Denied` where nobody agreed to it in time."""
    return vault.reveal_together(newest, "place", by=by, reason=reason, agreed=partial(approvals.agreed_to_look, by=by))

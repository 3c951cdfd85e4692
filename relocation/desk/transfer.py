"""Handing a case over to another organisation: the page of those who offer it, and of whoever is asked to take it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.forms import words
from relocation.journey import transfer as door
from relocation.models import Account, Case, Consent, Transfer
from relocation.safety import access, vault
from relocation.safety.gate import Request, case_page, portal


class OfferForm(forms.Form):
    """To whom, and what they must know before they say yes."""

    to = forms.ModelChoiceField(label=gettext_lazy("To whom"), queryset=Account.objects.none())
    words = words(
        gettext_lazy("What they must know"),
        required=True,
        help_text=gettext_lazy("They read this before the case is open to them: no names, no places."),
    )

    def __init__(self, data: Any, case: Case) -> None:
        super().__init__(data, auto_id="f-%s")
        to: Any = self.fields["to"]
        to.queryset = door.receivers(case)
        to.label_from_instance = lambda account: f"{account}, {account.organisation}"


class DeclineForm(forms.Form):
    """Why not."""

    reason = words(gettext_lazy("Why not"), required=True)


@case_page("case.assign")
def offer(request: Request, case: Case) -> HttpResponse:
    """Offer the case, or take an offer back."""
    by, told = request.user, Transfer.objects.filter(case=case).select_related("to__organisation", "by", "answered_by")
    if "take_back" in request.POST:
        door.take_back(told.get(state=Transfer.State.OFFERED).pk, by=by)
        messages.success(request, _("The offer is taken back. Nothing has changed for the case."))
        return redirect("desk:transfer", case.pk)
    form = OfferForm(request.POST or None, case)
    if form.is_valid():
        offered = door.offer(case, form.cleaned_data["to"], by=by, words=form.cleaned_data["words"])
        messages.success(request, _("%(name)s is told. Until they accept, nothing changes.") % {"name": offered.to})
        return redirect("desk:transfer", case.pk)
    rows = [(row, _why(row, by)) for row in told.order_by("-at")]
    shown = {"case": case, "form": form, "open": next((row for row, _answer in rows if row.is_open), None), "rows": rows}
    shown |= {"agreed": door.receivers(case).exists(), "records": access.may(by, "claim.write", case.pk)}
    return render(request, "desk/transfer.html", shown)


def _why(row: Transfer, by: Account) -> str:
    return vault.read(row, "answer", by=by, purpose="transfer")["answer"] if row.answer is not None else ""


@portal("desk")
def offered(request: Request, transfer_id: UUID) -> HttpResponse:
    """What is offered to me: take it over, or say why not."""
    row = door.to_me(transfer_id, by=request.user)
    form = DeclineForm(request.POST if "decline" in request.POST else None)
    if "accept" in request.POST:
        door.accept(row.pk, by=request.user)
        messages.success(request, _("The case is yours now: you coordinate it. Name a lead next."))
        return redirect("desk:people", row.case_id)
    if "decline" in request.POST and form.is_valid():
        door.decline(row.pk, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("%(name)s is told that you do not take the case over.") % {"name": row.by})
        return redirect("desk:day")
    obstacle = "" if row.state == Transfer.State.ACCEPTED else door.in_the_way(row)
    covers = [Consent.Data(name).label for name in row.covers]
    shown = {"row": row, "covers": covers, "words": door.words_of(row, by=request.user), "form": form, "obstacle": obstacle}
    return render(request, "desk/offered.html", shown)

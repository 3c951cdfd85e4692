"""Who travels together with the person of a case."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.journey import household as door
from relocation.models import Account, Case
from relocation.safety import access
from relocation.safety.gate import Request, case_page
from relocation.safety.refusal import Denied


class MemberForm(forms.Form):
    """One of the account's own cases."""

    other: Any = forms.ModelChoiceField(label=gettext_lazy("Travels with"), queryset=None, empty_label=None)

    def __init__(self, data: Any, case: Case, by: Account) -> None:
        super().__init__(data, auto_id="f-%s")
        field: Any = self.fields["other"]
        field.queryset = Case.objects.visible_to(by, "card.write").exclude(pk=case.pk).order_by("alias")
        if case.household_id:
            field.queryset = field.queryset.exclude(household=case.household_id)
        field.label_from_instance = lambda other: f"{other.alias} · {other.code}"


@case_page("case.open")
def household(request: Request, case: Case) -> HttpResponse:
    """The household's members whom the account may open; add one, or let this person travel alone."""
    writes = access.may(request.user, "card.write", case.pk)
    form = MemberForm(request.POST if "other" in request.POST else None, case, request.user) if writes else None
    if request.method == "POST":
        if form is None:
            raise Denied(case.pk, "household", request.user.pk)
        if "alone" in request.POST:
            door.leave(case, by=request.user)
            messages.success(request, _("%(alias)s travels alone from now on.") % {"alias": case.alias})
            return redirect("desk:household", case.pk)
        if form.is_valid():
            other = form.cleaned_data["other"]
            door.join(case, other, by=request.user)
            messages.success(request, _("%(alias)s and %(other)s travel together.") % {"alias": case.alias, "other": other.alias})
            return redirect("desk:household", case.pk)
    context = {"case": case, "form": form, "members": door.members(case, request.user)}
    return render(request, "desk/household.html", context)

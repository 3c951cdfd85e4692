"""Somebody leaves: choose who takes over, look at what that means, and hand everything over in one go."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.custody import at_desks, custodians
from relocation.journey import leaving as door
from relocation.models import Account, Part
from relocation.safety.gate import Request


class LeavingForm(forms.Form):
    """Who leaves, who takes over, and why."""

    leaver = forms.ModelChoiceField(label=gettext_lazy("Who leaves"), queryset=Account.objects.none())
    heir = forms.ModelChoiceField(label=gettext_lazy("Who takes over"), queryset=Account.objects.none())
    new_lead = forms.ModelChoiceField(
        label=gettext_lazy("Who takes over what they lead"),
        queryset=Account.objects.none(),
        required=False,
        empty_label=gettext_lazy("the same person"),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, data: Any, by: Account, **more: Any) -> None:
        super().__init__(data, auto_id="f-%s", **more)
        leaver: Any = self.fields["leaver"]
        leaver.queryset = leavers(by)
        for name in ("heir", "new_lead"):
            heir: Any = self.fields[name]
            heir.queryset = at_desks(by)

    @property
    def as_hidden(self) -> list[tuple[str, str]]:
        """What was chosen, to be sent once more with the word that it is meant."""
        told = self.cleaned_data
        return [(name, str(getattr(told[name], "pk", told[name] or ""))) for name in self.fields]


def leavers(by: Account) -> Any:
    """Whoever may leave: active accounts of the custodian's organisation, but for herself."""
    found = Account.objects.filter(organisation=by.organisation_id, is_active=True).exclude(part=Part.SYSTEM)
    return found.exclude(pk=by.pk).order_by("name")


@custodians
def leaving(request: Request) -> HttpResponse:
    """Preview what is handed over, then do it."""
    form = LeavingForm(request.POST or None, request.user, initial={"leaver": request.GET.get("leaver", "")})
    plan = None
    if form.is_valid():
        told = form.cleaned_data
        plan = door.plan(told["leaver"], told["heir"], by=request.user, new_lead=told["new_lead"])
        if request.POST.get("agreed") == plan.digest and "back" not in request.POST:
            return _handed_over(request, plan, told)
    shown = {"form": form, "plan": None if "back" in request.POST else plan, "changed": "agreed" in request.POST}
    return render(request, "access/leaving.html", shown)


def _handed_over(request: Request, plan: door.Plan, told: dict[str, Any]) -> HttpResponse:
    door.hand_over(plan, told["heir"], by=request.user, reason=told["reason"], new_lead=told["new_lead"])
    messages.success(request, _("%(name)s can open nothing here any more. Whoever takes over is told.") % {"name": plan.leaver})
    return redirect("desk:access")

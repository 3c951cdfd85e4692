"""Referrals that nobody leads: name leads for many at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from relocation.journey import triage as door
from relocation.journey.triage import Dealt
from relocation.models import Account, Case, Wave
from relocation.safety.gate import Request, portal

MOST = 100  # people on one page, named in one go


class LeadsForm(forms.Form):
    """For whom, among whom the referrals are dealt, and why; into which wave, if into one."""

    people = forms.MultipleChoiceField(label=gettext_lazy("For whom"), widget=forms.CheckboxSelectMultiple)
    leads = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Among whom"),
        queryset=Account.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Each referral goes to whoever of them leads fewest."),
        error_messages={"required": gettext_lazy("Tick at least one colleague.")},
    )
    wave = forms.ModelChoiceField(
        label=gettext_lazy("Put them into a wave"), queryset=Wave.objects.none(), required=False, empty_label=gettext_lazy("None")
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, help_text=gettext_lazy("Kept sealed in the history of each case.")
    )

    def __init__(self, data: Any, cases: Sequence[Case], by: Account) -> None:
        super().__init__(data, auto_id="f-%s", use_required_attribute=False)
        people: Any = self.fields["people"]
        people.choices = [(str(case.pk), f"{case.alias} · {case.code}") for case in cases]
        people.initial = [value for value, _label in people.choices]
        people.error_messages |= {
            "required": _("Tick at least one person."),
            "invalid_choice": _("Somebody has a lead by now. Look at the list anew."),
        }
        self._offer_leads(by)
        self.fields["wave"].queryset = Wave.objects.kept_by(by).filter(closed_at=None).order_by("leaves_on")  # type: ignore[attr-defined]

    def _offer_leads(self, by: Account) -> None:
        found, loads = door.leads(by), door.loads(by)
        leads: Any = self.fields["leads"]
        leads.queryset = Account.objects.filter(pk__in=[lead.pk for lead in found]).order_by("name")
        leads.label_from_instance = lambda lead: _named(lead, loads[lead.pk])


def _named(lead: Account, load: int) -> str:
    """A colleague with how many of the reader's cases they lead."""
    told = ngettext("%(name)s, leads %(n)d of your cases", "%(name)s, leads %(n)d of your cases", load)
    return told % {"name": lead, "n": load}


@portal("desk")
def triage(request: Request) -> HttpResponse:
    """Show the referrals that nobody leads, and name their leads."""
    by = request.user
    waiting = list(door.without_lead(by)[: MOST + 1])
    form = LeadsForm(request.POST or None, waiting[:MOST], by) if waiting else None
    if request.method == "POST" and form is not None and form.is_valid():
        told = form.cleaned_data
        chosen = [UUID(pk) for pk in told["people"]]
        _say(request, door.deal(chosen, list(told["leads"]), by=by, reason=told["reason"], wave=told["wave"]))
        return redirect("desk:triage")
    return render(request, "desk/triage.html", {"form": form, "most": MOST, "more": len(waiting) > MOST})


def _say(request: Request, dealt: Dealt) -> None:
    """What became of everybody; for whom nobody could be named, and who is in another wave, with what to do."""
    if led := len(dealt.led):
        told = ngettext("%(n)d person has a lead now, who is told.", "%(n)d people have a lead now; the leads are told.", led)
        messages.success(request, told % {"n": led})
    for case in dealt.refused:
        told = _("None of those colleagues can lead %(alias)s. Tick others, or look at the case itself.")
        messages.warning(request, told % {"alias": case.alias})
    for case, why in dealt.joined.refused:
        messages.warning(request, f"{case.alias}: {why}")

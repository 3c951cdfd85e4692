"""The page of referral chains that are no longer safe: say so, see how many it touches, agree that it is safe again."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.journey import chains
from relocation.models import Account, BurnedChain, Part
from relocation.safety import vault
from relocation.safety.confirm import confirmed
from relocation.safety.device import device
from relocation.safety.gate import Request, portal
from relocation.safety.refusal import Denied


class ChainForm(forms.Form):
    """Who is no longer safe, and why."""

    who = forms.CharField(
        label=gettext_lazy("Through whom did people come?"),
        max_length=120,
        help_text=gettext_lazy("A name or the words that stand in the referrals, in any script. All of them must be there."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    reason = forms.CharField(label=gettext_lazy("What has happened?"), max_length=600, widget=forms.Textarea({"rows": 3}))


@dataclass(frozen=True)
class Shown:
    """One chain as the page tells of it."""

    row: BurnedChain
    who: str
    reason: str
    people: int


@portal(Part.DESK)
@confirmed()
def burned_chains(request: Request) -> HttpResponse:
    """Raises `Denied` for whoever answers for no chain."""
    by = request.user
    if not chains.answers_for(by):
        raise Denied(by.pk, "chain.burn", by.pk)
    if request.method == "POST" and "safe" in request.POST:
        return _safe(request)
    form = ChainForm(request.POST if "who" in request.POST else None)
    if form.is_valid():
        chains.burn_chain(form.cleaned_data["who"], by=by, reason=form.cleaned_data["reason"])
        messages.success(request, _("Done. Everybody who works on these cases was told."))
        return redirect("desk:chains")
    return render(request, "desk/chains.html", {"form": form, "chains": [_shown(row, by) for row in chains.standing()]})


def _safe(request: Request) -> HttpResponse:
    """Ask for a chain to be trusted again, or agree."""
    wanted = {str(row.pk): row for row in chains.standing()}.get(request.POST["safe"])
    if wanted is None:
        raise Denied(request.user.pk, "chain.safe", request.user.pk)
    if not (why := request.POST.get("why", "").strip()[:600]):
        messages.error(request, _("Say how you know that it is safe."))
        return redirect("desk:chains")
    undone = chains.safe_again(wanted, by=request.user, reason=why, device=device(request))
    messages.success(request, _("Referrals through it come in again.") if undone else _("Asked. A second person agrees here."))
    return redirect("desk:chains")


def _shown(row: BurnedChain, by: Account) -> Shown:
    def told(field: str) -> str:
        return vault.reveal_alone(row, field, by=by, reason="sees to a burned chain", alone=lambda org: _ours(org, by))

    return Shown(row, told("who"), told("reason"), chains.counted(row))


def _ours(organisation: UUID, by: Any) -> bool:
    return bool(organisation == by.organisation_id and chains.answers_for(by))

"""Saying on the page of channels how somebody made sure of one."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from relocation.journey import channels
from relocation.models import Case, Channel, OnCase
from relocation.safety.gate import Request, named

VERIFY = "verify"


class HowForm(forms.Form):
    """How: in person, by the codeword, by a voice they know."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(auto_id=f"{channel.pk}-%s")
        self.fields["how"] = forms.ChoiceField(label=_("How do you know that it is the person?"), choices=Channel.How.choices)


def form_for(row: OnCase, writes: bool) -> HowForm | None:
    """The form beside a channel that is safe, for whoever may write it."""
    return HowForm(row) if writes and isinstance(row, Channel) and row.compromised_at is None else None


def verify(request: Request, case: Case, slug: str) -> HttpResponse:
    """Keep how somebody made sure of the channel that a button names. Raises as the door does, and Http404."""
    channel = get_object_or_404(Channel, case=case, pk=named(request.POST[VERIFY]))
    channels.verify(channel.pk, request.POST.get("how", ""), by=request.user)
    messages.success(request, _("Verified. Steps that must be heard from the person can name this way now."))
    return redirect("desk:record", case.pk, slug)

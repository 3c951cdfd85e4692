"""Reminding somebody of a question, from the page of the step that waits for it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from relocation.desk.approvals import Asked
from relocation.journey import reminding
from relocation.journey.silence import unsaid_grants
from relocation.models import Account, Approval, CaseGrant
from relocation.safety.gate import Request, portal
from relocation.safety.refusal import Denied


class RemindForm(forms.Form):
    """Whom, and over which channel."""

    whom = forms.ModelChoiceField(label=gettext_lazy("Whom"), queryset=Account.objects.none(), empty_label=None)
    how = forms.ChoiceField(label=gettext_lazy("How"), choices=list(reminding.CHANNELS.items()))

    def __init__(self, data: Any, approval: Approval) -> None:
        super().__init__(data, auto_id="remind-%s")
        whom: Any = self.fields["whom"]
        seen = CaseGrant.objects.filter(content_object_id=approval.case_id).exclude(unsaid_grants(approval.case, approval.by))
        whom.queryset = reminding.who_can(approval).filter(pk__in=seen.values("user_id"))


@portal("desk")
@require_POST
def remind(request: Request, approval_id: UUID) -> HttpResponse:
    """Note whom I reminded of my question; nothing is sent."""
    approval = Approval.objects.filter(pk=approval_id, by=request.user, given=None).select_related("case", "by").first()
    if approval is None:
        raise Denied(approval_id, "remind", request.user.pk)
    form = RemindForm(request.POST, approval)
    if not form.is_valid():
        raise Denied(approval.case_id, "remind", request.user.pk)
    reminding.remind(approval, form.cleaned_data["whom"], form.cleaned_data["how"], by=request.user)
    messages.success(request, _("Noted that you reminded %(name)s.") % {"name": form.cleaned_data["whom"]})
    return redirect(Asked(approval).url)

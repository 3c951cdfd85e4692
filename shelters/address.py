"""The address of a house, for whoever places somebody there, once a second person has agreed to a look at the place."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relocation.journey import approvals
from relocation.models import Account, Part
from relocation.safety import access, looks, vault
from relocation.safety.confirm import confirmed
from relocation.safety.gate import portal
from relocation.safety.refusal import Denied
from shelters.models import Stay


def opened(stay: Stay, *, by: Account) -> list[tuple[str, str]]:
    """Address and meeting point, each with its own entry on the house's chain. Raises `Denied` unless a second person agreed."""
    access.require(by, "location.reveal_together", stay.case_id)
    given = approvals.look_given(stay.case_id, by=by)
    if given is None or stay.is_over:
        raise Denied(stay.case_id, "location.reveal_together", by.pk)
    reason = approvals.reason_of(given, by=by)
    show = partial(vault.reveal_alone, stay.house, by=by, reason=reason, alone=lambda _house: True)
    return [(label, show(name)) for name, label in (("address", _("Address")), ("meeting_point", _("Where cars stop")))]


@portal(Part.DESK)
@require_POST
@confirmed()
def look(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """Show the address once; whoever has nobody's word yet is led to where it is asked for."""
    by = request.user
    assert isinstance(by, Account)
    stay = Stay.objects.visible_to(by).filter(pk=stay_id).select_related("case", "house").first()
    if stay is None:
        raise Denied(stay_id, "stay", by.pk)
    if approvals.look_given(stay.case_id, by=by) is None:
        messages.warning(request, _("A second person agrees first to a look at the place. Ask here, then open the stay again."))
        return redirect("desk:reveal", stay.case_id, "location")
    page = render(request, "shelters/address.html", {"stay": stay, "case": stay.case, "told": opened(stay, by=by)})
    looks.note(request, page, stay.case_id)
    return page

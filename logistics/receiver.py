"""The page of whoever receives somebody: alias, needs, the last leg, and nothing of the way before it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from logistics import changing, receiving
from relocation.models import Case, Stage
from relocation.models.languages import spoken
from relocation.safety import access
from relocation.safety.gate import Request, case_page


@case_page(receiving.RECEIVE)
def arrival(request: Request, case: Case) -> HttpResponse:
    """The last leg in the times of its places, and the ways on: arrived, something is wrong, who it is."""
    seats = list(receiving.own_seats(request.user, case))
    if request.method == "POST":
        for seat in seats:
            changing.saw(seat.leg_id, by=request.user)
        messages.success(request, _("Noted that you have seen it."))
        return redirect("passages:arrival", case.pk)
    given = access.grants(request.user, receiving.RECEIVE).filter(content_object=case).order_by("granted_at").first()
    news = changing.news([seat.leg_id for seat in seats], request.user, since=given and given.granted_at)
    for seat in seats:
        seat.news = news.get(seat.leg_id, [])  # type: ignore[attr-defined]
    context = {
        "case": case,
        "languages": spoken(case.languages),
        "seats": seats,
        "travelling": case.stage == Stage.TRAVELLING,
    }
    return render(request, "logistics/arrival.html", context)

"""The page of whoever receives somebody: alias, needs, the last leg, and nothing of the way before it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from logistics import receiving
from relocation.models import Case, Stage
from relocation.models.languages import spoken
from relocation.safety.gate import Request, case_page


@case_page(receiving.RECEIVE)
def arrival(request: Request, case: Case) -> HttpResponse:
    """The last leg in the times of its places, and the ways on: arrived, something is wrong, who it is."""
    context = {
        "case": case,
        "languages": spoken(case.languages),
        "seats": receiving.own_seats(request.user, case),
        "travelling": case.stage == Stage.TRAVELLING,
    }
    return render(request, "logistics/arrival.html", context)

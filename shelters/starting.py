"""A placement that starts from an empty place in the calendar: this bed, from this night, for whom?"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from relocation.models import Account, Part
from relocation.safety.gate import id_in, portal
from relocation.safety.refusal import Denied
from shelters.models import Bed
from shelters.nights import DAY, FURTHEST, look_at
from shelters.waiting import waiting_for_a_bed

SHOWN = 50  # people


def asked_for(told: Mapping[str, str]) -> tuple[UUID | None, date | None]:
    """The bed and the first night that an address names; None for what is missing, wrong or over."""
    try:
        night: date | None = date.fromisoformat(told.get("night", ""))
    except ValueError:
        night = None
    if night and not timezone.localdate() <= night <= timezone.localdate() + FURTHEST:
        night = None
    return id_in(told.get("bed", "")), night


def wanted_first(beds: list[Bed], wanted: UUID | None) -> list[Bed]:
    """The bed that was chosen in the calendar stands first."""
    return sorted(beds, key=lambda bed: bed.pk != wanted)


@portal(Part.DESK)
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Who sleeps in this bed from this night on? Those who wait for a bed come first. Raises `Denied` for no such bed."""
    assert isinstance(request.user, Account)
    pk, night = asked_for(request.GET)
    bed = Bed.objects.select_related("house", "room").filter(pk=pk).first() if pk else None
    if bed is None or night is None:
        raise Denied(request.user.pk, "stay.start", request.user.pk)
    found = look_at([bed], night, night + DAY)
    choice = urlencode({"bed": str(bed.pk), "night": night.isoformat()})
    context = {
        "bed": bed, "night": night, "free": found.is_free(bed, night), "choice": choice,
        "waiting": waiting_for_a_bed(request.user)[:SHOWN],
    }  # fmt: skip
    return render(request, "shelters/start.html", context)

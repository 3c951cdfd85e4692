"""The escort's page on a phone: the own legs, by alias; where to meet only on the day. It names no case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics import changing, dispatch
from logistics.models import Seat
from relocation.journey.wrong import ADDED, WELL, Near, all_is_well, said_words
from relocation.models import Account
from relocation.safety import access, vault
from relocation.safety.gate import Request, portal
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied

OVER = dispatch.OVER
NEWS = "seen"
SAYS = (Seat.Progress.MET, Seat.Progress.HANDED_OVER, Seat.Progress.MISSED)


def own_seats(account: Account) -> QuerySet[Seat]:
    """Seats on the legs that the account's grants were given for, as long as they last."""
    given = access.grants(account, "travel.own").filter(permission__codename=Role.ESCORT)
    given = given.filter(content_object=OuterRef("case"), scope=OuterRef("leg_id"))
    return Seat.objects.filter(Exists(given), given_up_at=None).select_related("leg", "case")


@portal("road")
def home(request: Request) -> HttpResponse:
    """The legs of today and of the next days, the soonest first."""
    since = timezone.now() - dispatch.AFTER_ARRIVAL
    seats = [_seen(seat, request.user) for seat in own_seats(request.user).filter(leg__arrives_at__gt=since)]
    news = changing.news({seat.leg_id for seat in seats}, request.user, since=_let_in(request.user))
    for seat in seats:
        seat.news = news.get(seat.leg_id, [])
    over = [seat for seat in seats if seat.progress in OVER]
    today = [seat for seat in seats if seat.is_the_day and seat not in over]
    later = [seat for seat in seats if seat not in today and seat not in over]
    return render(request, "logistics/escort.html", _said(request.user) | {"today": today, "later": later, "over": over})


@portal("road")
def seat(request: Request, seat_id: UUID) -> HttpResponse:
    """One person on one leg: met, handed over, did not come; where to meet; something is wrong."""
    found = own_seats(request.user).filter(pk=seat_id).first()
    if found is None:
        raise Denied(seat_id, "seat", request.user.pk)
    context: dict[str, Any] = {}
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do != "where":
            return _done(request, found, do)
        context["where"] = dispatch.meeting_point(found, by=request.user) or _(
            "No place is recorded yet. Ask whoever planned the leg."
        )
    shown = _seen(found, request.user)
    shown.news = changing.news([found.leg_id], request.user, since=_let_in(request.user)).get(found.leg_id, [])
    return render(request, "logistics/escort_seat.html", _said(request.user) | {"seat": shown} | context)


def _said(account: Account) -> dict[str, Any]:
    """What an escort can say of a leg, and whom they call day and night."""
    return {"says": SAYS, "phone": account.organisation.duty_phone if account.organisation else ""}


def _let_in(account: Account) -> Any:
    """Since when (UTC) the account knows any leg: what changed before is no news to it."""
    given = access.grants(account, "travel.own").filter(permission__codename=Role.ESCORT)
    return given.order_by("granted_at").values_list("granted_at", flat=True).first()


def _done(request: Request, found: Seat, do: str) -> HttpResponse:
    if do == "alarm":
        new = dispatch.alarm(found, said_words(request.POST, "escort"), by=request.user, held="held" in request.POST)
        told = _("The people on call are being told now. Do what keeps you both safe first.")
        messages.success(request, told if new else ADDED)
    elif do == "well":
        all_is_well(Near("travel.own", found.case_id, found.leg_id), by=request.user)
        messages.success(request, WELL)
    elif do == NEWS:
        changing.saw(found.leg_id, by=request.user)
        messages.success(request, _("Noted that you have seen it."))
    elif do in SAYS:
        dispatch.progress(found.pk, do, by=request.user)
        said = {"alias": found.case.alias, "state": Seat.Progress(do).label}
        messages.success(request, _("Saved. %(alias)s: %(state)s.") % said)
    else:
        raise Denied(found.pk, "seat.act", request.user.pk)
    return redirect("passages:escort")


def _seen(found: Any, by: Account) -> Any:
    """A seat with what its escort reads of it."""
    found.phrase = vault.reveal_own(found, "code_phrase", scope=found.leg_id, by=by)
    found.car = vault.reveal_own(found, "vehicle", scope=found.leg_id, by=by) if found.vehicle else ""
    found.is_the_day, found.opens_at = dispatch.is_the_day(found.leg), dispatch.opens_at(found.leg)
    return found

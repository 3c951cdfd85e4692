"""One person's leg on the desk: what changed and who knows it, its hold, what stands ready for it, and its manifests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from logistics import changing, dispatch, holds, switching
from logistics.leg_forms import ChangeForm, HoldForm, ManifestForm, ReadyForm, ReadyLegForm, SwitchForm
from logistics.models import Alternate, Seat
from logistics.pages import others_on
from relocation.models import Case
from relocation.paperwork.issue import issue
from relocation.safety import access, ledger
from relocation.safety.gate import Request, case_page
from relocation.safety.refusal import Denied, Refusal

Forms = dict[str, Any]


@case_page("travel.read")
def leg(request: Request, case: Case, passage_id: UUID, seat_id: UUID) -> HttpResponse:
    """Show one leg of a way with everything that may become of it, and do one thing about it."""
    found = Seat.objects.filter(case=case, passage=passage_id, pk=seat_id, given_up_at=None)
    seat = found.select_related("leg__escort", "passage", "case").first()
    if seat is None:
        raise Denied(case.pk, "seat", request.user.pk)
    forms = _forms(request, seat)
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        if act is None or (not forms and act is not _seen):
            raise Denied(case.pk, "leg.act", request.user.pk)
        if done := _without_refusal(act, request, seat, forms):
            return done
    return render(request, "logistics/leg.html", _shown(request, seat) | forms)


def _without_refusal(act: Act, request: Request, seat: Seat, forms: Forms) -> HttpResponse | None:
    """What is refused for a reason that can be said is said on the page, and what was typed stays."""
    try:
        return act(request, seat, forms)
    except (dispatch.NoSeat, dispatch.NotNow) as refusal:
        ledger.keep(refusal)
        messages.error(request, _said(refusal))
        return None


def _said(refusal: Refusal) -> str:
    return str(refusal.sentence)


def _forms(request: Request, seat: Seat) -> Forms:
    """The forms of the page for whoever plans; only the one that was sent is bound."""
    if seat.passage.state not in dispatch.LIVE or not access.may(request.user, "travel.write", seat.case_id):
        return {}
    do = request.POST.get("do", "")
    ready = Alternate.objects.filter(seat=seat, withdrawn_at=None).values("leg")
    sent = {name: request.POST if do == name else None for name in ("change", "hold", "ready", "new", "switch", "manifest")}
    forms: Forms = {
        "hold_form": HoldForm(sent["hold"], prefix="hold", seat=seat),
        "ready_form": ReadyForm(
            sent["ready"], prefix="ready", legs=dispatch.open_legs(seat.passage, by=request.user).exclude(pk__in=ready)
        ),
        "new_form": ReadyLegForm(sent["new"], prefix="new", by=request.user, may_place=False),
        "switch_form": SwitchForm(sent["switch"], may_place=access.may(request.user, "location.write", seat.case_id)),
    }
    if seat.leg.cancelled_at is None:
        forms["change_form"] = ChangeForm(sent["change"], prefix="change", leg=seat.leg, by=request.user)
    if access.may(request.user, "paper.issue", seat.case_id):
        others = [(str(case.pk), case.alias) for case in others_on(seat, request)]
        initial = {"reader": "carrier", "recipient": seat.leg.carrier}
        forms["manifest_form"] = ManifestForm(sent["manifest"], prefix="manifest", others=others, initial=initial)
    return forms


def _shown(request: Request, seat: Seat) -> dict[str, Any]:
    ready = Alternate.objects.filter(seat=seat, withdrawn_at=None).select_related("leg__escort").order_by("leg__departs_at")
    alternates = list(ready)
    for alternate in alternates:
        alternate.free = alternate.leg.seats - len(dispatch.taken(alternate.leg_id))  # type: ignore[attr-defined]
    return {
        "case": seat.case,
        "way": seat.passage,
        "seat": seat,
        "alternates": alternates,
        "news": changing.news([seat.leg_id], request.user, since=seat.at).get(seat.leg_id, []),
        "unaware": changing.unaware(seat.leg),
        "do": request.POST.get("do", ""),
    }


Act = Callable[[Request, Seat, Forms], HttpResponse | None]


def _back(request: Request, seat: Seat, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("passages:leg", seat.case_id, seat.passage_id, seat.pk)


def _change(request: Request, seat: Seat, forms: Forms) -> HttpResponse | None:
    form = forms.get("change_form")
    if form is None or not form.is_valid():
        return None
    changing.change(seat.leg, form.cleaned_data, by=request.user)
    return _back(request, seat, _("The leg is changed. Everybody whom it concerns is told to look."))


def _cancel(request: Request, seat: Seat, forms: Forms) -> HttpResponse | None:
    changing.cancel(seat.leg, by=request.user)
    return _back(request, seat, _("The leg is cancelled. Everybody whom it concerns is told to look."))


def _hold(request: Request, seat: Seat, forms: Forms) -> HttpResponse | None:
    if not forms["hold_form"].is_valid():
        return None
    holds.hold(seat, forms["hold_form"].cleaned_data["until"], by=request.user)
    return _back(request, seat, _("The hold is noted."))


def _ready(request: Request, seat: Seat, forms: Forms) -> HttpResponse | None:
    if not forms["ready_form"].is_valid():
        return None
    switching.stand_by(seat, forms["ready_form"].cleaned_data["leg"], by=request.user)
    return _back(request, seat, _("This leg stands ready now."))


def _new(request: Request, seat: Seat, forms: Forms) -> HttpResponse | None:
    if not forms["new_form"].is_valid():
        return None
    added = dispatch.add_leg(forms["new_form"].save(commit=False), by=request.user)
    switching.stand_by(seat, added, by=request.user)
    return _back(request, seat, _("This leg stands ready now."))


def _switch(request: Request, seat: Seat, forms: Forms) -> HttpResponse | None:
    if not forms["switch_form"].is_valid():
        return None
    new = switching.switch(_alternate(request, seat), by=request.user, **forms["switch_form"].cleaned_data)
    return _back(request, new, _("The person goes by this leg now. What the other escort knew has ended."))


def _stand_down(request: Request, seat: Seat, forms: Forms) -> HttpResponse | None:
    switching.stand_down(_alternate(request, seat), by=request.user)
    return _back(request, seat, _("That leg no longer stands ready."))


def _manifest(request: Request, seat: Seat, forms: Forms) -> HttpResponse | None:
    form = forms.get("manifest_form")
    if form is None or not form.is_valid():
        return None
    told = form.cleaned_data
    others = [case for case in others_on(seat, request) if str(case.pk) in told.get("others", [])]
    cases = [seat.case, *others]
    paper = issue("manifest", cases, told["recipient"], by=request.user, about=seat.leg_id, reader=told["reader"])
    messages.success(request, _("The manifest is being made."))
    return redirect("desk:paper", seat.case_id, paper.pk)


def _seen(request: Request, seat: Seat, forms: Forms) -> HttpResponse | None:
    changing.saw(seat.leg_id, by=request.user)
    return _back(request, seat, _("Noted that you have seen it."))


def _alternate(request: Request, seat: Seat) -> Alternate:
    """The alternate that a form on this page names."""
    for alternate in Alternate.objects.filter(seat=seat, withdrawn_at=None).select_related("seat", "leg"):
        if str(alternate.pk) == request.POST.get("alternate"):
            return alternate
    raise Denied(seat.case_id, "alternate", request.user.pk)


ACTS: dict[str, Act] = {
    "change": _change, "cancel": _cancel, "hold": _hold, "ready": _ready, "new": _new, "switch": _switch,
    "stand_down": _stand_down, "manifest": _manifest, "seen": _seen,
}  # fmt: skip

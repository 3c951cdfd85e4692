"""A case's passages on the desk: plan a way, add its legs, ticket, confirm, cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from logistics import changing, clock, clock_words, dispatch, plans, receiving
from logistics.forms import LegForm, PassageForm, ReceiverForm, SeatForm, TicketForm
from logistics.models import Passage, Seat
from relocation.desk.people import colleagues
from relocation.models import Case, Paper
from relocation.paperwork.issue import issue
from relocation.safety import access, ledger, vault
from relocation.safety.gate import Request, case_page
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied


@case_page("travel.read")
def passages(request: Request, case: Case) -> HttpResponse:
    """The ways of one case, the live ones first."""
    ways = list(_with_seats(Passage.objects.filter(case=case)))
    live = [way for way in ways if way.state != Passage.State.CANCELLED]
    context = {
        "case": case,
        "live": live,
        "cancelled": [way for way in ways if way not in live],
        "plans": _plans(request, case),
    }
    return render(request, "logistics/passages.html", context)


@case_page("travel.write")
def new(request: Request, case: Case) -> HttpResponse:
    """Plan a way; its legs are added on its own page."""
    form = PassageForm(request.POST or None)
    if form.is_valid():
        way = dispatch.plan(case, legs=[], by=request.user, **form.cleaned_data)
        return redirect("passages:passage", case.pk, way.pk)
    return render(request, "logistics/new.html", {"case": case, "form": form})


@case_page("travel.read")
def passage(request: Request, case: Case, passage_id: UUID) -> HttpResponse:
    """One way: its legs, and what can be done about them."""
    way = _with_seats(Passage.objects.filter(case=case, pk=passage_id)).first()
    if way is None:
        raise Denied(case.pk, "passage", request.user.pk)
    forms = _forms(request, way)
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        if act is None:
            raise Denied(case.pk, "passage.act", request.user.pk)
        if done := act(request, way, forms):
            return done
    return render(request, "logistics/passage.html", _shown(request, way) | forms)


def _with_seats(ways: QuerySet[Passage]) -> QuerySet[Passage]:
    seats = Seat.objects.filter(given_up_at=None).select_related("leg__escort")
    return ways.select_related("case").prefetch_related(Prefetch("seats", seats, to_attr="taken"))


def _plans(request: Request, case: Case) -> bool:
    return access.may(request.user, "travel.write", case.pk)


def _forms(request: Request, way: Passage) -> dict[str, Any]:
    """The forms of the page; only the one that was sent is bound."""
    if way.state not in dispatch.LIVE or not _plans(request, way.case):
        return {}
    do = request.POST.get("do", "")
    may_place = access.may(request.user, "location.write", way.case_id)
    sent = {name: request.POST if do == name else None for name in ("leg", "seat")}
    return {
        "leg_form": LegForm(sent["leg"], prefix="leg", by=request.user, may_place=may_place),
        "receiver_form": _receiver_form(request, way, do),
        "watch_form": _watch_form(request, way, do),
        "seat_form": SeatForm(sent["seat"], prefix="seat", legs=dispatch.open_legs(way, by=request.user), may_place=may_place),
    }


def _receiver_form(request: Request, way: Passage, do: str) -> ReceiverForm | None:
    """For whoever lets receivers in, once a way out of the country has a leg to receive on."""
    gives = access.may(request.user, f"admit.{Role.RECEIVER}", way.case_id)
    if not gives or way.purpose != Passage.Purpose.DEPARTURE or not way.taken:  # type: ignore[attr-defined]
        return None
    return ReceiverForm(request.POST if do == "receive" else None, prefix="receive", people=colleagues(way.case, request.user))


def _watch_form(request: Request, way: Passage, do: str) -> plans.WayForm | None:
    if not way.taken or not plans.may_watch(request.user, way.case):  # type: ignore[attr-defined]
        return None
    return plans.WayForm(request.POST if do == "watch" else None, prefix="watch")


def _shown(request: Request, way: Passage) -> dict[str, Any]:
    mine = _plans(request, way.case) and way.state in dispatch.LIVE
    issues = access.may(request.user, "paper.issue", way.case_id)
    for seat in way.taken if issues else ():  # type: ignore[attr-defined]
        seat.others = others_on(seat, request) if seat.leg.needs_manifest else []
    legs = [seat.leg_id for seat in way.taken]  # type: ignore[attr-defined]
    there = Paper.objects.filter(kind=Paper.Kind.MANIFEST, state__in=[Paper.State.ORDERED, Paper.State.READY])
    made = there.filter(about__in=legs, reader__in=("", "carrier"))
    return {
        "case": way.case,
        "way": way,
        "plans": mine,
        "do": request.POST.get("do", ""),
        "manifests": set(made.values_list("about", flat=True)),
        "issues": issues,
        "receivers": receiving.receivers(way),
        "unsettled": changing.news(legs, request.user, since=way.at),
        **_told(request, way),
        "watched": plans.of_way(way),
    }


def _told(request: Request, way: Passage) -> dict[str, Any]:
    """What the clock of documents says of a way out of the country, for whoever reads all that it looks at."""
    judged = way.purpose == Passage.Purpose.DEPARTURE and way.state in dispatch.LIVE
    if not judged or not clock.may_read(request.user, way.case_id):
        return {}
    told = clock_words.told(clock.read([way]).get(way.pk, []), way)
    return {"told": told, "in_order": [one for one in told if one.holds]}


Act = Callable[[Request, Passage, dict[str, Any]], HttpResponse | None]


def _back(request: Request, way: Passage, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("passages:passage", way.case_id, way.pk)


def _add_leg(request: Request, way: Passage, forms: dict[str, Any]) -> HttpResponse | None:
    form = forms.get("leg_form")
    if form is None or not form.is_valid():
        return None
    leg = dispatch.add_leg(form.save(commit=False), by=request.user)
    dispatch.take_seat(way, leg, by=request.user, **form.meeting())
    return _back(request, way, _("The leg is added: %(leg)s.") % {"leg": leg})


def _take_seat(request: Request, way: Passage, forms: dict[str, Any]) -> HttpResponse | None:
    form = forms.get("seat_form")
    if form is None or not form.is_valid():
        return None
    try:
        seat = dispatch.take_seat(way, form.cleaned_data["leg"], by=request.user, **form.meeting())
    except dispatch.NoSeat as refusal:
        ledger.keep(refusal)
        form.add_error("leg", refusal.sentence)
        return None
    return _back(request, way, _("Seat %(number)d is taken: %(leg)s.") % {"number": seat.number, "leg": seat.leg})


def _ticket(request: Request, way: Passage, forms: dict[str, Any]) -> HttpResponse | None:
    seat, form = _seat(request, way), TicketForm(request.POST)
    if not form.is_valid():
        seat.ticket_form = form  # type: ignore[attr-defined]
        return None
    dispatch.ticket(seat, form.cleaned_data["reference"], by=request.user)
    return _back(request, way, _("The ticket is noted."))


def _open(request: Request, way: Passage, forms: dict[str, Any]) -> HttpResponse | None:
    """Ticket and code phrase, for whoever tells them to the person; written into the ledger."""
    seat = _seat(request, way)
    seat.opened = vault.read(seat, "ticket", "code_phrase", "vehicle", by=request.user, purpose="passage")  # type: ignore[attr-defined]
    return None


def _open_cover(request: Request, way: Passage, forms: dict[str, Any]) -> HttpResponse | None:
    """What others are told, which is not true: for whoever must tell the same."""
    way.opened = vault.read(way, "cover", by=request.user, purpose="cover")["cover"]  # type: ignore[attr-defined]
    return None


def _give_up(request: Request, way: Passage, forms: dict[str, Any]) -> HttpResponse | None:
    dispatch.give_up(_seat(request, way), by=request.user)
    return _back(request, way, _("The leg is taken out."))


def _confirm(request: Request, way: Passage, forms: dict[str, Any]) -> HttpResponse | None:
    dispatch.confirm(way, by=request.user)
    return _back(request, way, _("The passage is confirmed. Each escort can now open their own leg."))


def _cancel(request: Request, way: Passage, forms: dict[str, Any]) -> HttpResponse | None:
    dispatch.cancel(way, by=request.user)
    return _back(request, way, _("The passage is cancelled. Every seat is given back, and no escort can open it any more."))


def _receive(request: Request, way: Passage, forms: dict[str, Any]) -> HttpResponse | None:
    form = forms.get("receiver_form")
    if form is None or not form.is_valid():
        return None
    receiving.let_in(way, form.cleaned_data["account"], by=request.user)
    return _back(request, way, _("%(name)s can open the last leg now, and no other.") % {"name": form.cleaned_data["account"]})


def _manifest(request: Request, way: Passage, forms: dict[str, Any]) -> HttpResponse | None:
    """One manifest for this case and for those on the leg whom the form names; filed with the case of this page."""
    seat = _seat(request, way)
    recipient = request.POST.get("recipient", "").strip()[:120] or seat.leg.carrier
    if not recipient:
        seat.no_recipient = _("Say for whom the manifest is.")  # type: ignore[attr-defined]
        return None
    named = request.POST.getlist("with")
    others = [case for case in others_on(seat, request) if str(case.pk) in named]
    paper = issue("manifest", [way.case, *others], recipient, by=request.user, about=seat.leg_id, reader="carrier")
    messages.success(request, _("The manifest is being made."))
    return redirect("desk:paper", way.case_id, paper.pk)


def others_on(seat: Seat, request: Request) -> list[Case]:
    """Who else sits on the leg, as far as this account may put them on a paper."""
    aboard = Seat.objects.filter(leg=seat.leg_id, given_up_at=None).exclude(case_id=seat.case_id).values("case")
    return list(access.permitted(request.user, "paper.issue").filter(pk__in=aboard).order_by("alias"))


def _seat(request: Request, way: Passage) -> Seat:
    """The seat that a form on this page names."""
    for seat in way.taken:  # type: ignore[attr-defined]
        if str(seat.pk) == request.POST.get("seat"):
            seat.passage = way
            return seat  # type: ignore[no-any-return]
    raise Denied(way.case_id, "seat", request.user.pk)


def _watch(request: Request, way: Passage, forms: dict[str, Any]) -> HttpResponse | None:
    form = forms.get("watch_form")
    if form is None or not form.is_valid():
        return None
    try:
        plans.watch_way(way, form.cleaned_data, by=request.user)
    except plans.NotWatched as refusal:
        ledger.keep(refusal)
        form.add_error(None, refusal.sentence)
        return None
    return _back(request, way, _("Check-ins are planned for this passage."))


ACTS: dict[str, Act] = {
    "leg": _add_leg, "seat": _take_seat, "ticket": _ticket, "open": _open, "give_up": _give_up, "confirm": _confirm,
    "cancel": _cancel, "manifest": _manifest, "receive": _receive, "cover": _open_cover, "watch": _watch,
}  # fmt: skip

"""The desk's pages of the houses: the calendar, a bed for a case, one stay."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from relocation.models import Account, Case, LedgerEntry, Paper, Part
from relocation.paperwork.issue import issue
from relocation.safety import access, looks
from relocation.safety.gate import case_page, portal
from relocation.safety.refusal import Denied
from shelters import asking, hosting, tape
from shelters.fitting import suiting, to_ask
from shelters.forms import Nights, suggested
from shelters.history import Event, told
from shelters.models import Keeper, Stay
from shelters.need import reckon
from shelters.nights import FURTHEST
from shelters.starting import asked_for, wanted_first
from shelters.waiting import still_uncounted, waiting_for_a_bed
from shelters.words import window

WAITING = 20


@portal(Part.DESK)
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Fourteen nights of every house; cases that one may not open are shown as taken beds."""
    account, today = _account(request), timezone.localdate()
    first = _first(request.GET.get("from", ""), today)
    wound = tape.wind(account, first)
    turn = timedelta(days=tape.NIGHTS)
    page = Paginator(wound.pages, 1).get_page(request.GET.get("page"))
    waiting = waiting_for_a_bed(account)
    nights = [today + n * tape.DAY for n in range(tape.NIGHTS)]
    context = {
        "tape": wound, "page": page, "houses": page.object_list[0], "today": today, "first": first, "last": wound.days[-1],
        "earlier": first - turn, "later": first + turn, "waiting": waiting[:WAITING],
        "need": reckon(wound.every_bed, wound.nights, nights, still_uncounted(account)) if wound.houses else None,
    }  # fmt: skip
    return render(request, "shelters/calendar.html", context)


@case_page("place")
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, case: Case) -> HttpResponse:
    """Choose the nights, see what is free, hold a bed."""
    bed, night = asked_for(request.GET)
    told = suggested(night)
    form = Nights(request.POST) if request.method == "POST" else Nights(told, initial=told)
    asking.heard(request, [case])
    account, valid = _account(request), form.is_valid()
    if valid and form.cleaned_data["bed"] and (held := _hold(case, form, account)):
        messages.success(request, _("The bed is held for 24 hours. Confirm it to tell the host."))
        return redirect("stays:stay", held.pk)
    free = wanted_first(suiting(tape.free_beds(*form.nights), case, form.nights), bed) if valid else []
    present = Stay.objects.visible_to(account).filter(case=case).standing().select_related("house", "bed__room")
    context = {"case": case, "form": form, "free": free, "valid": valid, "present": present, "wanted": bed}
    context |= asking.shown([case], [one.house for one in free])
    return render(request, "shelters/find.html", context)


def _hold(case: Case, form: Nights, by: Account) -> Stay | None:
    """Hold the chosen bed; where that fails the form says why and keeps what was typed."""
    bed = form.cleaned_data["bed"]
    try:
        return hosting.hold(bed, case, form.nights, window=form.window(bed.house), by=by)
    except (hosting.BedTaken, hosting.HouseClosed, hosting.NotSuited) as refusal:
        form.add_error(None, refusal.sentence)
        return None


@portal(Part.DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def stay(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """One stay: what is known, what can be done, what has happened."""
    account = _account(request)
    found = Stay.objects.visible_to(account).filter(pk=stay_id).select_related("case", "house", "bed__room").first()
    if found is None:
        raise Denied(stay_id, "stay", account.pk)
    if request.method == "POST":
        return _act(request, found, account)
    mine = access.may(account, "place", found.case_id)
    sheet = Paper.objects.filter(case=found.case_id, kind=Paper.Kind.HOUSE_SHEET, about=found.pk).order_by("version").last()
    context = {
        "stay": found, "case": found.case, "history": _history(found), "sheet": sheet,
        "mine": mine, "ask": [found.case] if mine and to_ask(found.house, found.case) else [], "answers": asking.ANSWERS,
        "arrives": window(found), "issues": access.may(account, "paper.issue", found.case_id),
    }  # fmt: skip
    page = render(request, "shelters/stay.html", context)
    looks.note(request, page, found.case_id)
    return page


def _act(request: HttpRequest, stay: Stay, by: Account) -> HttpResponse:
    """Do what the button says. Raises `Denied` for what no button says."""
    if "suits" in request.POST:
        access.require(by, "place", stay.case_id)
        asking.heard(request, [stay.case])
        return redirect("stays:stay", stay.pk)
    match request.POST.get("do"):
        case "confirm":
            hosting.confirm(stay, by=by)
            messages.success(request, _("Confirmed. The host now sees the alias, the window and the needs."))
        case "release":
            hosting.release(stay, by=by)
            messages.success(request, _("The bed is free again. The host no longer sees this stay."))
        case "arrived":
            hosting.arrived(stay.pk, by=by)
            messages.success(request, _("Arrival noted."))
        case "not_here":
            hosting.not_here(stay.pk, by=by)
            messages.success(request, _("Noted: the person has not come. Find out where they are."))
        case "sheet":
            paper = issue("house_sheet", [stay.case], "", by=by, about=stay.pk, language=_language_of_house(stay))
            return redirect("desk:paper", stay.case_id, paper.pk)
        case _:
            raise Denied(stay.case_id, "stay", by.pk)
    return redirect("stays:stay", stay.pk)


def _language_of_house(stay: Stay) -> str:
    """The sheet is written in the language of whoever carries it."""
    keeper = Keeper.objects.filter(house=stay.house_id).select_related("account").first()
    return keeper.account.language if keeper else "en"


def _history(stay: Stay) -> list[Event]:
    """What happened with this stay, newest first; who looked at it stands in the history of the case."""
    looked_at = Q(what__startswith="view.") | Q(what__startswith="export.")
    entries = list(LedgerEntry.objects.filter(case_id=stay.case_id, about=stay.pk).exclude(looked_at).order_by("-seq")[:30])
    names = {a.pk: str(a) for a in Account.objects.filter(pk__in=[e.actor_id for e in entries])}
    return [told(entry, names) for entry in entries]


def _first(asked: str, today: date) -> date:
    """The first night that the calendar shows: what was asked, within half a year; else tonight."""
    try:
        return max(today - FURTHEST, min(date.fromisoformat(asked), today + FURTHEST))
    except ValueError:
        return today


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user

"""Pages of placement: the houses ranked for one person, places proposed for many, and the proposal that a human accepts."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from relocation.journey import household, waves
from relocation.models import Account, Case, Part, Wave
from relocation.safety import access, ledger
from relocation.safety.gate import Request, case_page, id_in, named, portal
from relocation.safety.refusal import Denied, Refusal
from shelters import asking
from shelters.models import House, Proposal
from shelters.placement import proposing, rows
from shelters.placement.fitness import Fit, fit, ranked
from shelters.placement.forms import Stretch, suggested
from shelters.placement.holding import hold_together, together, without_a_bed
from shelters.placement.openings import openings
from shelters.placement.proposing import SEES
from shelters.starting import asked_for
from shelters.waiting import waiting_for_a_bed


@case_page("place")
@require_http_methods(["GET", "HEAD", "POST"])
def places(request: Request, case: Case) -> HttpResponse:
    """The houses for one person and whoever travels with them, the best first, each with its reasons; hold one in one click."""
    by = request.user
    bed, night = asked_for(request.GET)
    begin = suggested(night)
    told = request.POST if request.method == "POST" else request.GET if "first_night" in request.GET else begin
    form = Stretch(told, initial=begin, auto_id="f-%s")
    asking.heard(request, [case, *household.members(case, by)])
    people, fits = [case], []
    if form.is_valid():
        people = together(case, form.nights, by)
        if "house" in request.POST and (answer := _hold(request, case, people, form)):
            return answer
        fits = ranked([fit(people, opening, form.nights, by) for opening in openings(*form.nights)])
    wanted = _house_of(bed, fits)
    context = {"case": case, "form": form, "people": people, "fits": fits, "bed": bed, "wanted": wanted, "valid": form.is_valid()}
    houses = [one.house for one in fits if one.score is not None]
    return render(request, "shelters/places.html", context | asking.shown(people, houses))


def _house_of(bed: UUID | None, fits: list[Fit]) -> House | None:
    """The house of the bed that was chosen in the calendar, where it is still free."""
    return next((one.house for one in fits if any(own.pk == bed for own in one.beds)), None)


def _hold(request: Request, case: Case, people: list[Case], form: Stretch) -> HttpResponse | None:
    """Hold beds in the chosen house; where that fails the form says why and keeps what was typed."""
    house = House.objects.filter(pk=named(request.POST["house"])).first()
    if house is None:
        raise Denied(case.pk, "stay.hold", request.user.pk)
    wanted = asked_for(request.POST)[0]
    try:
        stays = hold_together(people, house, form.nights, form.arrives, by=request.user, wanted=wanted)
    except Denied:
        raise
    except Refusal as refusal:
        ledger.keep(refusal)
        form.add_error(None, refusal.sentence)
        return None
    n = len(stays)
    held = ngettext("%(n)d bed is held for 24 hours.", "%(n)d beds are held for 24 hours.", n) % {"n": n}
    messages.success(request, held + " " + _("Confirm it to tell the host."))
    return redirect("stays:stay", stays[0].pk)


@portal(Part.DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: Request) -> HttpResponse:
    """Choose people and nights, and have places proposed for all of them together."""
    by = request.user
    wave = _wave(request, by)
    chosen = _chosen(request)
    asked = request.POST if "first_night" in request.POST else None
    form = Stretch(asked, initial=suggested(), auto_id="f-%s")
    if form.is_bound and form.is_valid():
        if chosen:
            token = id_in(request.POST.get("token", "")) or uuid4()
            made = proposing.ask(token, chosen, form.nights, form.arrives, by=by, wave=wave)
            return redirect("stays:proposal", made.pk)
        form.add_error(None, _("Choose at least one person."))
    people = _waiting(by, wave)
    context = {"form": form, "people": people, "chosen": chosen or {case.pk for case in people}, "wave": wave, "token": uuid4()}
    return render(request, "shelters/propose.html", context)


def _wave(request: Request, by: Account) -> Wave | None:
    told = request.POST.get("wave") or request.GET.get("wave")
    if not told:
        return None
    return waves.find(named(told), by)


def _chosen(request: Request) -> set[UUID]:
    return {pk for told in request.POST.getlist("case") if (pk := id_in(told))}


def _waiting(by: Account, wave: Wave | None) -> list[Case]:
    """Those who wait for a bed, whoever must leave a burned house first, then households together; of a wave, its people."""
    cases: QuerySet[Case] = waiting_for_a_bed(by, SEES).order_by("-must_move", "household", "alias", "code")
    if wave:
        people = [case.pk for case in waves.people(wave, by)]
        cases = access.permitted(by, SEES).filter(pk__in=people).order_by("household", "alias", "code")
    begin = suggested()
    known = list(cases[: proposing.MOST])
    return without_a_bed(known, (begin["first_night"], begin["leave_day"]))


@portal(Part.DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: Request, proposal_id: UUID) -> HttpResponse:
    """A proposal while it is made, and then row by row; each is accepted by whoever leads the case."""
    by = request.user
    made = Proposal.objects.filter(pk=proposal_id).select_related("wave", "by").first()
    shown = rows.rows(made, by) if made else []
    if made is None or not (made.by_id == by.pk or shown):
        raise Denied(by.pk, "proposal", by.pk)
    if request.method == "POST":
        return _act(request, made)
    context = {
        "made": made, "rows": shown, "making": made.state == Proposal.State.ORDERED, "asked": made.by_id == by.pk,
        "gap": rows.gap_in_words(made.gap), "open": rows.to_accept(shown), "last": made.nights.upper,
        "unplaced": sum(len(row.people) for row in shown if row.house is None),
    }  # fmt: skip
    return render(request, "shelters/proposal.html", context)


def _act(request: Request, made: Proposal) -> HttpResponse:
    """Do what the button says. Raises `Denied` for what no button says."""
    by, back = request.user, redirect(reverse("stays:proposal", args=[made.pk]))
    if request.POST.get("do") == "halt":
        proposing.halt(made.pk, by=by)
    elif request.POST.get("do") == "all":
        held, refused = proposing.accept_all(made.pk, by=by)
        _say(request, held, refused)
    elif together := id_in(request.POST.get("accept", "")):
        _accept(request, made, together)
    else:
        raise Denied(by.pk, "proposal", by.pk)
    return back


def _accept(request: Request, made: Proposal, together: UUID) -> None:
    by = request.user
    try:
        _say(request, int(proposing.accept(made.pk, together, by=by)), 0)
    except (Denied, proposing.NotYours):
        raise
    except Refusal as refusal:
        ledger.keep(refusal)
        proposing.note_refused(made.pk, together, refusal, by=by)
        messages.warning(request, refusal.sentence)


def _say(request: Request, held: int, refused: int) -> None:
    if held:
        told = ngettext("%(n)d place is held for 24 hours.", "%(n)d places are held for 24 hours.", held) % {"n": held}
        messages.success(request, told + " " + _("Confirm each to tell its host."))
    if refused:
        told = ngettext("%(n)d place is no longer possible.", "%(n)d places are no longer possible.", refused) % {"n": refused}
        messages.warning(request, told + " " + _("It says beside it why."))

"""The pages of waves: the list, the dashboard of one, who is in it, its name and day, and the sheet to be printed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.desk import wave_panels
from relocation.desk.flow import flow
from relocation.desk.templatetags.harbour import distance
from relocation.desk.wave_forms import MOST, PeopleForm, WaveForm, joinable
from relocation.desk.wave_rows import Row, holds, rows
from relocation.journey import readiness
from relocation.journey import waves as door
from relocation.journey.readiness import Mark
from relocation.models import Account, Member, Wave
from relocation.safety import access, looks
from relocation.safety.gate import Request, named, portal
from relocation.safety.refusal import Denied

SHOWN = 50  # closed waves


@portal("desk")
def waves(request: Request) -> HttpResponse:
    """Show the open waves by their day, and those that are closed."""
    by = request.user
    known = Wave.objects.visible_to(by).select_related("coordinator")
    context = {
        "open": listed(by),
        "closed": list(known.exclude(closed_at=None).order_by("-closed_at")[:SHOWN]),
        "may_begin": door.may_begin(by),
    }
    return render(request, "waves/list.html", context)


def listed(by: Account) -> list[tuple[Wave, str, int]]:
    """The open waves that the account may see: when each leaves, and how many of its people it may open."""
    known = list(Wave.objects.visible_to(by).filter(closed_at=None).select_related("coordinator"))
    there = Member.objects.filter(wave__in=known, left_at=None, case__in=access.permitted(by, "case.open")).order_by()
    counted = list(there.values_list("wave_id", flat=True)) if known else []
    return [(wave, departs(wave), counted.count(wave.pk)) for wave in known]


def departs(wave: Wave) -> str:
    """When it leaves, in words: "leaves in 10 days"."""
    if wave.closed_at:
        return _("closed")
    away = distance(wave.leaves_on)
    words = _("leaves %(away)s") if wave.leaves_on >= timezone.localdate() else _("left %(away)s")
    if not away:
        return _("leaves later") if wave.leaves_on >= timezone.localdate() else _("left long ago")
    return words % {"away": away}


@portal("desk")
def new(request: Request) -> HttpResponse:
    """Begin a wave."""
    by = request.user
    if not door.may_begin(by):
        raise Denied(by.pk, "wave.begin", by.pk)
    form = WaveForm(request.POST or None, by=by)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        wave = door.begin(told["alias"], told["purpose"], told["leaves_on"], by=by)
        messages.success(request, _("The wave has begun. Put people into it."))
        return redirect("desk:wave_people", wave.pk)
    return render(request, "waves/form.html", {"form": form})


@portal("desk")
def wave(request: Request, wave_id: UUID) -> HttpResponse:
    """Show a wave: who is ready, where everyone is, what holds it, beds and seats against need, and the matrix."""
    found = door.find(wave_id, request.user)
    response = render(request, "waves/wave.html", dashboard(found, request.user))
    looks.note(request, response, found.pk)
    return response


def dashboard(wave: Wave, by: Account) -> dict[str, Any]:
    """What the page of a wave shows one account; the number of queries does not grow with its people."""
    sight = readiness.look(wave, door.people(wave, by), by)
    found, panels = rows(sight), wave_panels.shown(sight)
    return {
        "wave": wave,
        "departs": departs(wave),
        "rows": found,
        "columns": readiness.columns(wave.purpose),
        "numbers": numbers(found, panels),
        "flow": flow(found) if found else None,
        "holds": holds(found, sight),
        "panels": panels,
        "keeps": Wave.objects.kept_by(by).filter(pk=wave.pk).exists(),
    }


def numbers(found: list[Row], panels: list[wave_panels.WavePanel]) -> list[tuple[int, str, str]]:
    """The four numbers: ready, waiting on others, blocked, and what is short most."""
    marks = [row.mark for row in found]
    total = ngettext("of %(n)d person ready", "of %(n)d people ready", len(found)) % {"n": len(found)}
    waiting, blocked = marks.count(Mark.WAITING), marks.count(Mark.BLOCKED)
    shown = [
        (marks.count(Mark.READY), total, ""),
        (waiting, _("waiting on someone else"), "mid" if waiting else ""),
        (blocked, _("blocked, we can act"), "bad" if blocked else ""),
    ]
    shorts = [panel.short for panel in panels if panel.short]
    if shorts:
        worst = max(shorts, key=lambda short: short.number)
        shown.append((worst.number, str(worst.words), "bad" if worst.number else ""))
    return shown


@portal("desk")
def wave_people(request: Request, wave_id: UUID) -> HttpResponse:
    """Who is in the wave, as far as the account may see; put people into it, or take one out."""
    by, found = request.user, door.find(wave_id, request.user)
    if "out" in request.POST:
        case = door.take_out(found, named(request.POST["out"]), by=by)
        messages.success(request, _("%(alias)s is no longer in this wave.") % {"alias": case.alias})
        return redirect("desk:wave_people", found.pk)
    keeps = found.closed_at is None and Wave.objects.kept_by(by).filter(pk=found.pk).exists()
    q = request.GET.get("q", "").strip()[:40].replace("\0", "")
    form = PeopleForm(request.POST or None, joinable(by, q)) if keeps else None
    if request.method == "POST" and form is None:
        raise Denied(by.pk, "wave.change", by.pk)
    if form is not None and form.is_valid():
        return _joined(request, found, [UUID(pk) for pk in form.cleaned_data["people"]])
    context = {"wave": found, "departs": departs(found), "people": door.people(found, by), "form": form, "q": q}
    context["many"] = form is not None and len(form.fields["people"].choices) == MOST  # type: ignore[attr-defined]
    return render(request, "waves/people.html", context)


def _joined(request: Request, wave: Wave, case_ids: list[UUID]) -> HttpResponse:
    joined = door.add(wave, case_ids, by=request.user)
    for case, why in joined.refused:
        messages.warning(request, _("%(alias)s was not put into it. %(why)s") % {"alias": case.alias, "why": why})
    n = len(joined.added)
    if n:
        messages.success(request, ngettext("%(n)d person joined.", "%(n)d people joined.", n) % {"n": n})
    return redirect("desk:wave", wave.pk)


@portal("desk")
def wave_change(request: Request, wave_id: UUID) -> HttpResponse:
    """Rename the wave, put off its day, name another coordinator, or close it."""
    by, found = request.user, door.find(wave_id, request.user)
    if not Wave.objects.kept_by(by).filter(pk=found.pk).exists():
        raise Denied(by.pk, "wave.change", by.pk)
    if "close" in request.POST:
        door.close(found, by=by)
        messages.success(request, _("The wave is closed. Its people can join another one."))
        return redirect("desk:waves")
    form = WaveForm(request.POST or None, by=by, wave=found)
    if request.method == "POST" and form.is_valid():
        door.change(found, by=by, **form.cleaned_data)
        messages.success(request, _("Kept."))
        return redirect("desk:wave", found.pk)
    return render(request, "waves/form.html", {"form": form, "wave": door.find(wave_id, by)})


@portal("desk")
def wave_sheet(request: Request, wave_id: UUID) -> HttpResponse:
    """The sheet to be printed: aliases, and what is still missing for each."""
    found, by = door.find(wave_id, request.user), request.user
    sight = readiness.look(found, door.people(found, by), by)
    lines = sorted(rows(sight), key=lambda row: row.case.alias)
    response = render(request, "waves/sheet.html", {"wave": found, "departs": departs(found), "rows": lines})
    looks.note(request, response, found.pk)
    return response

"""The page of one case: alarm, journey, what is in the way, deadlines, documents, and what happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.desk import panels
from relocation.desk.circle import Circle, circle
from relocation.desk.documents import best_of, state_of
from relocation.desk.history import deadline as in_words
from relocation.desk.history import history
from relocation.desk.onward import ENDED, onward
from relocation.desk.panels import Panel, Todo
from relocation.desk.rail import rail
from relocation.desk.retention import warned
from relocation.desk.silence import shut
from relocation.journey import incident, outlook
from relocation.journey.household import members
from relocation.journey.recording import OVER
from relocation.journey.stages import ONWARD, STEPS
from relocation.journey.waves import wave_of
from relocation.models import (
    Account,
    Alarm,
    Application,
    Case,
    Deadline,
    Document,
    DocumentKind,
    Part,
    Stage,
)
from relocation.safety.gate import Request, case_page


@case_page("case.open")
def case(request: Request, case: Case) -> HttpResponse:
    """Show everything about a case that its card may tell; names stay hidden."""
    around = circle(case, request.user)
    return render(request, "desk/case.html", {"case": case, "circle": around} | _page(case, around, request))


def _page(case: Case, around: Circle, request: Request) -> dict[str, Any]:
    account, by_access = around.account, "access" in request.GET
    offered, forward = panels.shown(case, account), onward(case, around)
    return {
        "alarm": alarm(case, around, [*offered["main"], *offered["aside"]]),
        "standing": shut(case, account),
        "goes": warned(case, account),
        "rail": rail(case, forward, account),
        "onward": forward,
        "others": other_steps(case, account),
        "deadlines": deadlines(case, around, [*offered["main"], *offered["aside"]]),
        "documents": documents(case, around),
        "panels": offered,
        "history": history(case, account, access_only=by_access),
        "by_access": by_access,
        "household": members(case, account).order_by("alias"),
        "wave": wave_of(case, account),
        "may_reveal": around.may("identity.reveal"),
        "looks_alone": around.may("location.reveal")
        or (case.standing in incident.IN_DANGER and incident.may_look_alone(case, account)),
        "may_assess": around.may("claim.write"),
        "may_paper": around.may("post.read"),
    }


def alarm(case: Case, around: Circle, offered: Iterable[Panel]) -> Todo | None:
    """The one live alarm: the newest that is open, else what an upper room cries out."""
    raised = Alarm.objects.filter(case=case, closed_at=None).select_related("by")
    if newest := raised.exclude(kind=Alarm.Kind.DURESS, by=around.account).last():
        return _raised(case, newest)
    return next((panel.alarm for panel in offered if panel.alarm), None)


def _raised(case: Case, raised: Alarm) -> Todo:
    sentence = _("Alarm: %(kind)s") % {"kind": Alarm.Kind(raised.kind).label}
    told = _("The people on call have been told.")
    detail = told if raised.by.part == Part.SYSTEM else f"{told} {_('Raised by %(name)s.') % {'name': raised.by}}"
    return Todo(case, sentence, detail, _("Open the incident"), reverse("desk:incident", args=[case.pk]), raised.at)


@dataclass(frozen=True)
class Due:
    """A deadline in words."""

    words: Any
    due_at: datetime
    late: bool
    url: str


def deadlines(case: Case, around: Circle, offered: Iterable[Panel] = ()) -> list[Due]:
    """What is open, and what upper rooms say will run out, the nearest first."""
    found = Deadline.objects.filter(case=case, done_at=None).exclude(kind=Deadline.Kind.RETENTION)
    shown = found.exclude(kind=Deadline.Kind.ALARM, what=Alarm.Kind.DURESS, by=around.account)
    if not around.may("card.write"):
        shown = shown.exclude(kind=Deadline.Kind.SECOND_LOOK)  # they may be who is meant
    ours = [_due(in_words(due), due.due_at, reverse("desk:deadline", args=[case.pk, due.pk])) for due in shown]
    theirs = [_due(todo.sentence, todo.due, todo.url) for panel in offered for todo in panel.dues if todo.due]
    return sorted([*ours, *theirs], key=lambda due: due.due_at)


def _due(words: Any, due_at: datetime, url: str) -> Due:
    return Due(words, due_at, due_at < timezone.now(), url)


def other_steps(case: Case, by: Account) -> list[Any]:
    """Everything else that this account may do from here."""
    steps = outlook.others(case, by)
    again = STEPS[ONWARD[Stage(case.stage)]]
    return [again, *steps] if case.stage in ENDED and outlook.look(case, again, by).mine else steps


@dataclass(frozen=True)
class Paperwork:
    """One kind of document: what state it is in, and what to do about it."""

    label: Any
    tag: str
    state: str
    until: date | None
    action: str
    url: str


def documents(case: Case, around: Circle) -> list[Paperwork] | None:
    """What the chosen posts ask for, and whatever else there is; None for whoever may not see documents."""
    if not around.may("documents.read"):
        return None
    held = list(Document.objects.filter(case=case).annotate(pages=Count("scans")).order_by("-at"))
    there = {kind: best for kind in dict.fromkeys(document.kind for document in held) if (best := best_of(kind, held))}
    chosen = Application.objects.filter(case=case).exclude(state__in=OVER).select_related("checklist")
    wanted = [kind for application in chosen for kind in application.checklist.kinds]
    writes = around.may("documents.write")
    return [_paperwork(case, kind, there.get(kind), writes) for kind in dict.fromkeys([*wanted, *there])]


def _paperwork(case: Case, kind: str, document: Document | None, writes: bool) -> Paperwork:
    label, everything = DocumentKind(kind).label, reverse("desk:documents", args=[case.pk])
    if document is None:
        return Paperwork(label, "is-stop", _("Missing"), None, _("Upload") if writes else "", everything)
    look, state = state_of(document)
    url = reverse("desk:document", args=[case.pk, document.pk])
    return Paperwork(label, look, state, document.expires_on, _action(document, look), url)


def _action(document: Document, look: str) -> str:
    if look == "is-stop":
        return _("Replace")
    return _("Open") if document.verified_at else _("Verify")

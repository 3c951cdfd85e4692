"""The page of one deadline: what was left open, and how it was settled."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from relocation.desk.circle import circle
from relocation.desk.forms import DoneForm
from relocation.desk.glass import GlassForm, told
from relocation.desk.history import HARBOUR
from relocation.desk.history import deadline as words
from relocation.journey import deadlines
from relocation.journey.conditions import Unmet
from relocation.models import Alarm, Case, Deadline, Part
from relocation.safety.gate import Request, case_page
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied

ASKS_WHY = (Deadline.Kind.MOVE, Deadline.Kind.SECOND_LOOK)


@case_page("case.open")
def deadline(request: Request, case: Case, deadline_id: UUID) -> HttpResponse:
    """Show a deadline, or call it done."""
    due = Deadline.objects.filter(case=case, pk=deadline_id, done_at=None).select_related("by", "case").first()
    if due is None or (due.what == Alarm.Kind.DURESS and due.by == request.user):
        raise Denied(case.pk, "deadline", request.user.pk)
    missing = _missing(due, request)
    form: Any = (GlassForm if due.what == deadlines.GLASS else DoneForm)(request.POST if request.method == "POST" else None)
    form.fields["reason"].required = missing is not None or due.what == deadlines.GLASS or due.kind in ASKS_WHY
    if request.method == "POST" and form.is_valid():
        deadlines.close(due.pk, by=request.user, **form.cleaned_data)
        messages.success(request, _("Settled: %(what)s.") % {"what": words(due)})
        return redirect("desk:case", case.pk)
    return render(request, "desk/deadline.html", _shown(request, due, form) | {"missing": missing})


def _missing(due: Deadline, request: Request) -> Unmet | None:
    if due.kind != Deadline.Kind.OPEN_CONDITION:
        return None
    return deadlines.still_missing(due.case, due.what, request.user)


def _shown(request: Request, due: Deadline, form: DoneForm) -> dict[str, object]:
    around, watched = circle(due.case, request.user), due.kind in deadlines.WATCHED
    mine = around.may("approve" if watched else "card.write")
    who = "" if mine else around.ask([Role.COORDINATOR] if watched else [Role.LEAD, Role.COORDINATOR])
    # With a reason an open condition may always be closed; what remains is said before the form, not after it.
    obstacle = deadlines.in_the_way(due, request.user, reason="-") if mine else ""
    by = HARBOUR if due.by.part == Part.SYSTEM else str(due.by)
    shown: dict[str, object] = {
        "case": due.case,
        "due": due,
        "noted_by": by,
        "words": words(due),
        "form": form,
        "who": who,
        "obstacle": obstacle,
    }
    return shown | told(due, request.user, mine)

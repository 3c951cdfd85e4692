"""The page of one deadline: what was left open, and how it was settled."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from relocation.desk.case import in_silence
from relocation.desk.circle import circle
from relocation.desk.forms import DoneForm
from relocation.journey import deadlines
from relocation.journey.step import STEPS
from relocation.models import Alarm, Case, Deadline
from relocation.safety.gate import case_page
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied


@case_page("case.open")
def deadline(request: HttpRequest, case: Case, deadline_id: UUID) -> HttpResponse:
    """Show a deadline, or call it done."""
    due = Deadline.objects.filter(case=case, pk=deadline_id, done_at=None).select_related("by", "case").first()
    if due is None or (due.what == Alarm.Kind.DURESS and in_silence(case, request.user)):
        raise Denied(case.pk, "deadline", request.user.pk)
    form = DoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deadlines.close(due.pk, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Settled: %(what)s.") % {"what": words(due)})
        return redirect("desk:case", case.pk)
    return render(request, "desk/deadline.html", _shown(request, case, due, form))


def _shown(request: HttpRequest, case: Case, due: Deadline, form: DoneForm) -> dict[str, object]:
    around, watched = circle(case, request.user), due.kind in deadlines.WATCHED
    mine = around.may("approve" if watched else "card.write")
    who = "" if mine else around.ask([Role.COORDINATOR] if watched else [Role.LEAD, Role.COORDINATOR])
    missing = deadlines.still_missing(case, due.what, request.user) if due.kind == Deadline.Kind.OPEN_CONDITION else None
    # With a reason an open condition may always be closed; what remains is said before the form, not after it.
    obstacle = deadlines.in_the_way(due, request.user, reason="-") if mine else ""
    return {"case": case, "due": due, "words": words(due), "form": form, "who": who, "missing": missing, "obstacle": obstacle}


def words(due: Deadline) -> str:
    """What a deadline is about."""
    kind = capfirst(str(Deadline.Kind(due.kind).label))
    if due.kind == Deadline.Kind.ALARM and due.what in Alarm.Kind.values:
        return f"{kind}: {Alarm.Kind(due.what).label}"
    return f"{kind}: {STEPS[due.what].label}" if due.what in STEPS else kind

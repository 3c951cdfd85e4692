"""Somebody's day: what is overdue, what is for today, what is for this week, and what waits on others."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.desk import panels
from relocation.desk.approvals import Asked, for_me, mine
from relocation.desk.ending import ending
from relocation.desk.entrance import home_of
from relocation.desk.history import deadline as words
from relocation.desk.panels import Todo
from relocation.desk.retention import going
from relocation.desk.templatetags.harbour import span
from relocation.desk.waves import listed
from relocation.journey.deadlines import WATCHED
from relocation.journey.transfer import offered_to
from relocation.models import Account, Alarm, Application, ApplicationState, Case, Deadline, Paper, Part
from relocation.safety import access
from relocation.safety.gate import Request, portal

NEW_FOR = timedelta(days=2)
AT_ONCE = (Deadline.Kind.MOVE,)  # whatever the hour: somebody sleeps, or was to sleep, where they are not safe
SUNDAY = 6
NEW = 6  # rows of cases that are new; the list of cases shows them all
SHOWN = 40  # rows of one kind; whoever has more is helped better by the list of cases


@dataclass
class Day:
    """Todos by when they are due; what is later than Sunday is left to its case."""

    now: list[Todo] = field(default_factory=list)
    today: list[Todo] = field(default_factory=list)
    week: list[Todo] = field(default_factory=list)
    waiting: list[Todo] = field(default_factory=list)

    def add(self, todos: Iterable[Todo]) -> None:
        """Put each where its time says, the earliest first."""
        for todo in sorted(todos, key=lambda todo: (not todo.late, todo.due or timezone.now())):
            if (row := self._row(todo)) is not None:
                row.append(todo)

    def _row(self, todo: Todo) -> list[Todo] | None:
        now = timezone.now()
        if todo.late or (todo.due and todo.due < now):
            return self.now
        if todo.due is None or todo.due <= end_of(timezone.localdate()):
            return self.today
        return self.week if todo.due <= end_of(sunday(timezone.localdate())) else None

    @property
    def late(self) -> int:
        return sum(1 for todo in self.now if todo.late or (todo.due and todo.due < timezone.now()))


def end_of(day: date) -> datetime:
    """The last moment of a day, in the time zone of the pages."""
    return datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone())


def sunday(day: date) -> date:
    """The Sunday that ends this week; on a Sunday, the next one."""
    return day + timedelta(days=(SUNDAY - day.weekday()) or 7)


@portal(*(part.value for part in Part if part is not Part.SYSTEM))
def day(request: Request) -> HttpResponse:
    """Show a case worker's day; everybody else is shown their own home."""
    if request.user.part != Part.DESK:
        return redirect(home_of(request.user))
    return render(request, "desk/day.html", _page(request.user))


def _page(account: Account) -> dict[str, Any]:
    rows, dues = Day(), _deadlines(account)
    others = _for_others(dues, account)
    rows.add(
        [
            *panels.todos(account),
            *_in_rows([due for due in dues if due.pk not in others and due.kind not in (*WATCHED, *AT_ONCE)]),
            *_new(account),
        ]
    )
    rows.week += [*ending(account), *going(account)]
    rows.now[:0] = [_deadline(due) for due in dues if due.kind in AT_ONCE]
    rows.now += [_deadline(due) for due in dues if due.kind in WATCHED and due.pk not in others]
    rows.now += [_asked_of_me(asked) for asked in for_me(account)]
    for asked in mine(account):
        (rows.waiting if asked.approval.given is None else rows.now).append(_my_question(asked))
    rows.waiting += [*(_theirs(due) for due in dues if due.pk in others), *_at_posts(account)]
    number = access.grants(account, "case.open").values("content_object_id").distinct()[:1001].count()
    return {
        "rows": rows,
        "offers": offered_to(account),
        "waves": listed(account),
        "papers": _papers(account),
        "today": timezone.localdate(),
        "sunday": sunday(timezone.localdate()),
        "number": number,
    }


def _deadlines(account: Account) -> list[Deadline]:
    """Open deadlines up to Sunday, on cases that the account works on."""
    until = end_of(sunday(timezone.localdate()))
    found = Deadline.objects.filter(case__in=access.permitted(account, "card.write"), done_at=None, due_at__lte=until)
    silent = found.exclude(kind=Deadline.Kind.ALARM, what=Alarm.Kind.DURESS, by=account)
    return list(silent.exclude(kind=Deadline.Kind.RETENTION).select_related("case", "by")[:SHOWN])


def _for_others(dues: list[Deadline], account: Account) -> set[UUID]:
    """Those of the deadlines that only somebody else may settle."""
    watched = [due for due in dues if due.kind in WATCHED]
    cases = access.permitted(account, "approve").filter(pk__in={due.case_id for due in watched})
    approves = set(cases.values_list("pk", flat=True)) if watched else set()
    own_reviews = {due.pk for due in watched if due.kind == Deadline.Kind.REVIEW and due.by_id == account.pk}
    return own_reviews | {due.pk for due in watched if due.case_id not in approves}


def _in_rows(dues: list[Deadline]) -> list[Todo]:
    """A row for each, but one for everything that an emergency left open in a case."""
    left_open: dict[Case, list[Deadline]] = {}
    for due in dues:
        if due.kind == Deadline.Kind.OPEN_CONDITION:
            left_open.setdefault(due.case, []).append(due)
    rows = [_deadline(due) for due in dues if due.kind != Deadline.Kind.OPEN_CONDITION]
    return rows + [_left_open(case, found) for case, found in left_open.items()]


def _deadline(due: Deadline) -> Todo:
    late = due.due_at < timezone.now()
    if due.kind == Deadline.Kind.ALARM:
        open_for = _("Open for %(span)s.") % {"span": span(timezone.now() - due.at)}
        url = reverse("desk:incident", args=[due.case_id])
        return Todo(due.case, words(due), open_for, _("Open the incident"), url, late=late)
    if due.kind == Deadline.Kind.SAFETY_CHECK:
        url = reverse("desk:record", args=[due.case_id, "safety-check"])
        return Todo(due.case, words(due), "", _("Record a safety check"), url, due.due_at, late)
    url = reverse("desk:deadline", args=[due.case_id, due.pk])
    return Todo(due.case, words(due), "", _("Look at it"), url, due.due_at, late)


def _theirs(due: Deadline) -> Todo:
    if due.kind == Deadline.Kind.ALARM:
        return Todo(due.case, words(due), "", _("Open the incident"), reverse("desk:incident", args=[due.case_id]), due.at)
    return Todo(due.case, words(due), "", _("Open"), reverse("desk:deadline", args=[due.case_id, due.pk]), due.at)


def _left_open(case: Case, found: list[Deadline]) -> Todo:
    if len(found) == 1:
        return _deadline(found[0])
    due = min(one.due_at for one in found)
    left = ngettext(
        "%(n)d condition was left open by an emergency", "%(n)d conditions were left open by an emergency", len(found)
    )
    return Todo(case, left % {"n": len(found)}, "", _("Open"), reverse("desk:case", args=[case.pk]), due, due < timezone.now())


def _new(account: Account) -> list[Todo]:
    """Cases that somebody gave to this account lately."""
    lately = access.grants(account, "case.open").filter(granted_at__gte=timezone.now() - NEW_FOR).exclude(granted_by=account)
    untouched = lately.filter(last_activity_at__lte=F("granted_at"))
    found = untouched.select_related("content_object", "permission", "granted_by").order_by("-granted_at")[:NEW]
    return [_new_case(grant) for grant in found]


def _new_case(grant: Any) -> Todo:
    sentence = _("New to you, as %(role)s") % {"role": grant.role.label}
    detail = _("Let in by %(name)s.") % {"name": grant.granted_by}
    return Todo(grant.content_object, sentence, detail, _("Open"), reverse("desk:case", args=[grant.content_object_id]))


def _asked_of_me(asked: Asked) -> Todo:
    sentence = _("%(name)s asks for your word") % {"name": asked.approval.by}
    return Todo(
        asked.approval.case,
        sentence,
        asked.what,
        _("Look and answer"),
        reverse("desk:answer", args=[asked.approval.pk]),
    )


def _my_question(asked: Asked) -> Todo:
    approval = asked.approval
    if approval.given is None:
        return Todo(approval.case, _("Second person asked"), asked.what, _("Open"), asked.url, approval.at)
    words = _("%(name)s agreed") if approval.given else _("%(name)s did not agree")
    return Todo(approval.case, words % {"name": approval.decided_by}, asked.what, _("Go on"), asked.url)


def _at_posts(account: Account) -> list[Todo]:
    """Applications that a post is deciding, the longest first."""
    lodged = Application.objects.filter(case__in=access.permitted(account, "case.open"), state=ApplicationState.LODGED)
    found = lodged.select_related("case", "post").order_by("released_at")[:SHOWN]
    words = _("Decision of post %(post)s")
    return [
        Todo(a.case, words % {"post": a.post}, "", _("Open"), reverse("desk:case", args=[a.case_id]), a.released_at)
        for a in found
    ]


def _papers(account: Account) -> list[Paper]:
    """Papers that are being made now, on this account's cases."""
    cases = access.permitted(account, "case.open")
    return list(Paper.objects.filter(case__in=cases, state=Paper.State.ORDERED).select_related("case").order_by("at")[:SHOWN])

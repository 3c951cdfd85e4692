"""The list of cases: only permitted ones, newest activity first, read from the grants."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.desk.circle import roles_by_case
from relocation.journey.silence import shown_standings
from relocation.journey.stages import PHASES
from relocation.models import Account, Alarm, Deadline, Standing
from relocation.safety import access, honey
from relocation.safety.access import CaseGrant
from relocation.safety.gate import Request, portal

PAGE, COUNTED = 50, 1001
NUMBERS = [str(n) for n, _phase in enumerate(PHASES, 1)]


@dataclass(frozen=True)
class Choice:
    """A filter as a link."""

    label: Any
    query: str
    chosen: bool


@portal("desk")
def cases(request: Request) -> HttpResponse:
    """Show a page of fifty; what one may not open is not counted, not found and not there."""
    if q := request.GET.get("q", "").strip()[:40].replace("\0", ""):
        honey.sought(q)
    found = wanted(request.user, request.GET)
    count = found[:COUNTED].count()
    page, older = page_of(found, request.GET.get("before", ""), request.user)
    shown = {
        "rows": _rows(page, request.user),
        "count": count,
        "more": count == COUNTED,
        "first": "before" not in request.GET,
        "older": older and _query(request.GET, before=older),
        "now": timezone.now(),
    }
    return render(request, "desk/cases.html", shown | filters(request.GET))


def filters(asked: QueryDict) -> dict[str, Any]:
    """What the list can be narrowed by, as links, and what it is narrowed by now."""
    return {
        "phases": phases(asked),
        "standings": standings(asked),
        "overdue": overdue(asked),
        "q": asked.get("q", ""),
        "filtered": bool({*asked} - {"before"}),
    }


def wanted(account: Account, asked: QueryDict) -> QuerySet[Any]:
    """One grant for each permitted case that fits the filters; the case itself is joined for the page only."""
    grants = access.grants(account, "case.open")
    same = grants.filter(content_object=OuterRef("content_object"))
    newer = Q(last_activity_at__gt=OuterRef("last_activity_at")) | Q(
        last_activity_at=OuterRef("last_activity_at"), pk__gt=OuterRef("pk")
    )
    found = _narrowed(grants.filter(~Exists(same.filter(newer))), asked, account)
    return found.order_by("-last_activity_at", "-content_object_id")


def _narrowed(found: QuerySet[Any], asked: QueryDict, account: Account) -> QuerySet[Any]:
    if phase := dict(zip(NUMBERS, PHASES, strict=True)).get(str(asked.get("phase"))):
        found = found.filter(stage__in=phase.stages)
    if asked.get("standing") in Standing.values:
        found = found.filter(_is_shown_as(str(asked["standing"]), shown_standings(account)))
    if asked.get("overdue"):
        found = found.filter(Exists(_open_deadlines(account).filter(due_at__lt=timezone.now())))
    if q := asked.get("q", "").strip()[:40].replace("\0", ""):
        found = found.filter(Q(content_object__code=q.upper()) | Q(content_object__alias__istartswith=q))
    return found


def _is_shown_as(standing: str, otherwise: Mapping[UUID, Standing]) -> Q:
    """Cases of a standing; those that the account may not see as they are count as they are shown."""
    shown = [case_id for case_id, seems in otherwise.items() if seems == standing]
    return (Q(standing=standing) & ~Q(content_object_id__in=[*otherwise])) | Q(content_object_id__in=shown)


def _open_deadlines(account: Account) -> QuerySet[Deadline]:
    found = Deadline.objects.filter(case=OuterRef("content_object_id"), done_at=None).exclude(kind=Deadline.Kind.RETENTION)
    return found.exclude(kind=Deadline.Kind.ALARM, what=Alarm.Kind.DURESS, by=account).order_by()


def page_of(found: QuerySet[Any], before: str, account: Account) -> tuple[list[Any], str]:
    """Fifty grants after the key `before`, and the key of the next page; empty where this is the last."""
    if key := _key(before):
        at, case_id = key
        found = found.filter(Q(last_activity_at__lt=at) | Q(last_activity_at=at, content_object_id__lt=case_id))
    nearest = _open_deadlines(account).values("case").annotate(nearest=Min("due_at")).values("nearest")
    page = list(found.annotate(nearest=Subquery(nearest)).select_related("content_object")[: PAGE + 1])
    last = page[PAGE - 1] if len(page) > PAGE else None
    return page[:PAGE], f"{last.last_activity_at.isoformat()}_{last.content_object_id}" if last else ""


def _key(before: str) -> tuple[datetime, UUID] | None:
    at, _underscore, case_id = before.partition("_")
    try:
        return datetime.fromisoformat(at), UUID(case_id)
    except ValueError:
        return None


@dataclass(frozen=True)
class Row:
    """One case of the list: the newest grant on it, the account's roles, and its standing where the way is not open."""

    grant: CaseGrant
    roles: list[Any]
    shut: Standing | None


def _rows(page: list[CaseGrant], account: Account) -> list[Row]:
    roles, otherwise = roles_by_case(account, [grant.content_object_id for grant in page]), shown_standings(account)
    return [_row(grant, roles, otherwise) for grant in page]


def _row(grant: CaseGrant, roles: Mapping[UUID, list[Any]], otherwise: Mapping[UUID, Standing]) -> Row:
    standing = otherwise.get(grant.content_object_id, Standing(grant.content_object.standing))
    labels = [role.label for role in roles.get(grant.content_object_id, [])]
    return Row(grant, labels, None if standing is Standing.ACTIVE else standing)


def _query(asked: QueryDict, **changes: str) -> str:
    """The address of the same list with other filters; an empty one is left out."""
    kept = {name: str(value) for name, value in asked.items() if name != "before"} | changes
    return "?" + urlencode({name: value for name, value in kept.items() if value})


def phases(asked: QueryDict) -> list[Choice]:
    """How far."""
    chosen = asked.get("phase", "")
    everything = Choice(_("All phases"), _query(asked, phase=""), not chosen)
    return [
        everything,
        *(Choice(phase.label, _query(asked, phase=str(n)), chosen == str(n)) for n, phase in enumerate(PHASES, 1)),
    ]


def standings(asked: QueryDict) -> list[Choice]:
    """Whether the way is open."""
    chosen = asked.get("standing", "")
    everything = Choice(_("Every standing"), _query(asked, standing=""), not chosen)
    return [everything, *(Choice(s.label, _query(asked, standing=s), chosen == s) for s in Standing)]


def overdue(asked: QueryDict) -> Choice:
    """Only what is late; chosen again, everything."""
    chosen = bool(asked.get("overdue"))
    return Choice(_("Something is overdue"), _query(asked, overdue="" if chosen else "1"), chosen)

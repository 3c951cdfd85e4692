"""The review of access: every live grant by account, each kept or ended with a click, once in 30 days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext

from relocation.journey import custody, people
from relocation.journey.custody import Held
from relocation.models import Account, CaseGrant, Part
from relocation.safety.gate import Request, portal
from relocation.safety.refusal import Denied

EVERY = timedelta(days=30)
UNUSED = timedelta(days=60)
PAGE = 5  # accounts, so that the page stays light


@dataclass(frozen=True)
class Holder:
    """One account and what it holds; what nobody looked at for 30 days comes first."""

    account: Account
    held: list[Held]
    mine: bool

    @property
    def waiting(self) -> list[Held]:
        """What is to be looked at now; the rest is folded away."""
        return [held for held in self.held if is_due(held)]

    @property
    def rest(self) -> list[Held]:
        return [held for held in self.held if not is_due(held)]

    @property
    def due(self) -> int:
        return len(self.waiting)

    @property
    def unused(self) -> bool:
        return (self.account.last_login or self.account.date_joined) < timezone.now() - UNUSED


def is_due(held: Held) -> bool:
    """Whether nobody decided about it for 30 days."""
    return held.seen_at < timezone.now() - EVERY


def due(by: Account) -> dict[str, Any]:
    """How many of the grants that `by` answers for are to be looked at, and by when the next one is."""
    others = [held.seen_at for held in custody.circles(by) if held.account != by]
    late = sum(1 for seen in others if seen < timezone.now() - EVERY)
    return {"late": late, "next": min(others) + EVERY if others else None}


@portal(Part.OFFICE, Part.DESK)
def review(request: Request) -> HttpResponse:
    """Look at who may open what; keep it or end it, one by one or a whole account."""
    by = request.user
    every = custody.circles(by)
    if not custody.is_custodian(by) and by.part != Part.DESK:
        raise Denied(by.pk, "review", by.pk)
    if request.method == "POST":
        messages.success(request, _decided(request, every))
        return redirect(f"{request.path}?page={request.GET.get('page', '1')}")
    page = Paginator(_by_account(every, by), PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "custodian": custody.is_custodian(by), "since": timezone.now() - EVERY}
    return render(request, "access/review.html", shown | {"unused": _unused(by)} | due(by))


def _by_account(every: list[Held], by: Account) -> list[Holder]:
    found: dict[Account, list[Held]] = {}
    for held in every:
        found.setdefault(held.account, []).append(held)
    holders = [Holder(account, sorted(held, key=_oldest), account == by) for account, held in found.items()]
    return sorted(holders, key=lambda holder: (not holder.due, str(holder.account)))


def _oldest(held: Held) -> datetime:
    return held.seen_at


def _unused(by: Account) -> QuerySet[Account] | None:
    """Accounts of the custodian's organisation that nobody has used for 60 days."""
    if not custody.is_custodian(by):
        return None
    before = timezone.now() - UNUSED
    idle = Q(last_login__lt=before) | Q(last_login=None, date_joined__lt=before)
    found = Account.objects.filter(idle, organisation=by.organisation_id, is_active=True)
    return found.exclude(part=Part.SYSTEM).exclude(pk=by.pk).order_by("name")


def _decided(request: Request, every: list[Held]) -> str:
    """Keep or end what a button names. Raises Http404, and what the doors raise."""
    verb, number = next(((verb, request.POST[verb]) for verb in VERBS if verb in request.POST), ("", ""))
    column = "account" if verb.endswith("_all") else "grant"
    those = [held for held in every if number == str(held.account.pk if column == "account" else held.pk)]
    if not those:
        raise Http404
    return VERBS[verb](those, request.user)


def _keep(those: list[Held], by: Account) -> str:
    kept = custody.keep(those, by=by)
    if not kept:
        raise Denied(by.pk, "review.keep", by.pk)
    return ngettext("Kept: %(n)d access.", "Kept: %(n)d accesses.", kept) % {"n": kept}


def _end(those: list[Held], by: Account) -> str:
    if custody.is_custodian(by):
        custody.end(those, by=by)
    else:
        _end_as_coordinator(those, by)
    return ngettext("Ended: %(n)d access.", "Ended: %(n)d accesses.", len(those)) % {"n": len(those)}


def _end_as_coordinator(those: Iterable[Held], by: Account) -> None:
    for grant in CaseGrant.objects.filter(pk__in=[held.pk for held in those]).select_related("user", "permission"):
        people.end(grant, by=by)


VERBS = {"keep": _keep, "end": _end, "keep_all": _keep, "end_all": _end}

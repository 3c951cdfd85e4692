"""The second person's word: who asks for mine, what I wait for, and how it is given."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.desk import panels
from relocation.desk.forms import AnswerForm
from relocation.desk.history import question
from relocation.journey import approvals as second
from relocation.journey.deadlines import GLASS
from relocation.models import Account, Approval, Deadline
from relocation.safety import access
from relocation.safety.device import device
from relocation.safety.gate import Request, portal


@dataclass(frozen=True)
class Asked:
    """A question, and the page on which it goes on once it is answered."""

    approval: Approval

    @property
    def what(self) -> str:
        return question(self.approval.what)

    @property
    def url(self) -> str:
        case, what = self.approval.case_id, self.approval.what
        if what.startswith("step."):
            return reverse("desk:step", args=[case, what.removeprefix("step.")])
        if what.startswith(("erase.", "keep.")):
            return reverse("desk:retention", args=[case])
        if what == "expense.book":
            return reverse("money:expense", args=[case, self.approval.about])
        if what == second.LOCATION:
            return reverse("desk:reveal", args=[case, "location"])
        return (
            reverse("desk:paper", args=[case, self.approval.about]) if self.approval.about else reverse("desk:case", args=[case])
        )


def mine(account: Account) -> list[Asked]:
    """What this account asked for and has not used, answered or not, on cases it may still open."""
    cases = access.permitted(account, "case.open")
    open_ones = Approval.objects.filter(by=account, used_at=None, expires_at__gt=timezone.now(), case__in=cases)
    open_ones = open_ones.exclude(given=True, what__in=second.SETTLED)
    return [Asked(approval) for approval in _with_names(open_ones)]


def for_me(account: Account) -> list[Asked]:
    """What others ask this account for."""
    return [Asked(approval) for approval in second.waiting_for(account)]


def _with_names(questions: QuerySet[Approval]) -> QuerySet[Approval]:
    return questions.select_related("case", "decided_by").order_by("at")


def opened(account: Account) -> list[Deadline]:
    """Cases that somebody else opened in an emergency, to be looked at by this account within a day."""
    cases = access.permitted(account, "approve")
    found = Deadline.objects.filter(case__in=cases, kind=Deadline.Kind.REVIEW, what=GLASS, done_at=None).exclude(by=account)
    return list(found.select_related("case", "by").order_by("due_at"))


@portal("desk")
def approvals(request: Request) -> HttpResponse:
    """Show what waits for my word, and what I wait for."""
    by = request.user
    return render(request, "desk/approvals.html", {"for_me": for_me(by), "mine": mine(by), "opened": opened(by)})


@portal("desk")
def answer(request: Request, approval_id: UUID) -> HttpResponse:
    """Show one question with its reason, and take the answer."""
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("answer") in ("agree", "decline") and form.is_valid():
        return _answered(request, approval_id, form.cleaned_data["reason"])
    approval = second.open_question(approval_id, by=request.user)
    reason = second.reason_of(approval, by=request.user)
    context = {"asked": Asked(approval), "approval": approval, "reason": reason, "form": form}
    return render(request, "desk/answer.html", context | {"panel": panels.about(approval, request.user)})


def _answered(request: Request, approval_id: UUID, reason: str) -> HttpResponse:
    given = request.POST["answer"] == "agree"
    approval = second.answer(approval_id, given=given, by=request.user, session=device(request), reason=reason)
    words: dict[str, Any] = {"name": approval.by, "what": question(approval.what), "case": approval.case}
    if given:
        sentence = _("You agreed. %(name)s has been told and can go on: %(what)s, %(case)s.")
    else:
        sentence = _("You did not agree. %(name)s has been told, and nothing changes: %(what)s, %(case)s.")
    messages.success(request, sentence % words)
    return redirect("desk:approvals")

"""The money of one case: what is planned, spent and left; entering a payment; one payment with its receipt."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from logistics.models import Category, Expense, Receipt
from logistics.money import amounts, budgets, spending
from logistics.money.forms import AmountForm, BackForm, ExpenseForm
from relocation.models import Approval, Case
from relocation.paperwork import links
from relocation.safety import access, vault
from relocation.safety.confirm import confirmed
from relocation.safety.device import device
from relocation.safety.gate import Request, case_page
from relocation.safety.refusal import Denied

SHOWN = 100  # rows
LOOKS = {Expense.State.BOOKED: "is-ok", Expense.State.WAITING: "is-due", Expense.State.DECLINED: "is-stop"}


@case_page("money.read")
def case_money(request: Request, case: Case) -> HttpResponse:
    """What is planned, spent and left, and each payment; say what may be spent."""
    writes = access.may(request.user, "money.write", case.pk)
    form = AmountForm(request.POST or None, auto_id="f-%s") if writes else None
    if request.method == "POST" and form is None:
        raise Denied(case.pk, "money.write", request.user.pk)
    if form is not None and form.is_valid():
        told = form.cleaned_data
        budgets.plan(case, told["currency"], told["minor"], by=request.user)
        said = amounts.written(told["minor"], told["currency"])
        messages.success(request, _("The budget is %(amount)s from now on.") % {"amount": said})
        return redirect("money:case", case.pk)
    rows = Expense.objects.filter(case=case).select_related("by", "reverses").prefetch_related("reversals").order_by("-at")
    context = {"case": case, "standings": budgets.of_case(case), "rows": rows[:SHOWN], "form": form, "writes": writes}
    return render(request, "money/case.html", context)


@case_page("money.write")
def new(request: Request, case: Case) -> HttpResponse:
    """Enter a payment; the currency is the one that was used last."""
    form = ExpenseForm(request.POST or None, request.FILES or None, by=request.user, initial=_usual(case))
    if not form.is_valid():
        return render(request, "money/new.html", {"case": case, "form": form})
    receipt = form.cleaned_data["receipt"]
    entered = spending.enter(case, form.payment(), by=request.user, receipt=receipt, device=device(request))
    said = {"amount": amounts.written(entered.minor, entered.currency), "what": Category(entered.category).label}
    if entered.state == Expense.State.WAITING:
        messages.warning(request, _("%(amount)s for %(what)s waits until a second person agrees, who has been told.") % said)
    else:
        messages.success(request, _("Entered: %(amount)s for %(what)s.") % said)
    return redirect("money:case", case.pk)


def _usual(case: Case) -> dict[str, Any]:
    last = Expense.objects.filter(case=case).order_by("at").last()
    return {"currency": last.currency, "category": last.category} if last else {}


@case_page("money.read")
def expense(request: Request, case: Case, expense_id: UUID) -> HttpResponse:
    """One payment: to whom, its receipt, who agreed; take it back, or ask once more."""
    found = (
        Expense.objects.filter(case=case, pk=expense_id).select_related("by", "decided_by", "funder", "wave", "reverses").first()
    )
    if found is None:
        raise Denied(case.pk, "expense", request.user.pk)
    form = BackForm(request.POST if "back" in request.POST else None, auto_id="f-%s")
    if request.method == "POST" and (said := _acted(request, found, form)):
        messages.success(request, said)
        return redirect("money:expense", case.pk, expense_id)
    return render(request, "money/expense.html", _shown(request, found) | {"case": case, "form": form})


def _acted(request: Request, found: Expense, form: BackForm) -> str:
    """Take it back, or ask again; empty where the form must be looked at once more. Raises `Denied`, `NotBooked`."""
    if form.is_valid():
        undone = spending.take_back(found, by=request.user, reason=form.cleaned_data["reason"], device=device(request))
        waits = undone.state == Expense.State.WAITING
        return _("Taking it back waits until a second person agrees.") if waits else _("Taken back.")
    if "ask" in request.POST:
        spending.ask_again(found, by=request.user, device=device(request))
        return _("Asked. You will see here who agreed.")
    return ""


def _shown(request: Request, found: Expense) -> dict[str, Any]:
    by, waits = request.user, found.state == Expense.State.WAITING
    writes = access.may(by, "money.write", found.case_id)
    undone = found.reversals.exclude(state=Expense.State.DECLINED).first()
    asked = Approval.objects.filter(what=spending.WHAT, about=found.pk, given=None).first() if waits else None
    return {
        "expense": found,
        "look": LOOKS[Expense.State(found.state)],
        "said": vault.read(found, "payee", "words", by=by, purpose="expense"),
        "receipts": list(Receipt.objects.filter(expense=found).defer("body").order_by("page")),
        "undone": undone,
        "asked": asked,
        "answers": asked is not None and asked.by_id != by.pk and access.may(by, "approve", found.case_id),
        "asks": waits and found.by_id == by.pk and asked is None,
        "backs": writes and found.state == Expense.State.BOOKED and not found.reverses_id and undone is None,
    }


@case_page("money.read")
@confirmed()
@require_POST
def receipt(request: Request, case: Case, expense_id: UUID, receipt_id: UUID) -> HttpResponse:
    """One page of a receipt as a file, by a link that opens once."""
    found = Receipt.objects.filter(case=case, expense=expense_id, pk=receipt_id).defer("body").first()
    if found is None:
        raise Denied(case.pk, "receipt", request.user.pk)
    return links.link(request, "receipt", found.pk)

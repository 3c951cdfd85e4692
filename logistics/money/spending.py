"""The door of expenses: enter one, ask for a second person, take one back. No row is ever changed by hand."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.models import Expense, Funder, Receipt
from relocation.intake.uploads import Clean
from relocation.journey import approvals
from relocation.journey.recording import held
from relocation.models import Account, Approval, Case, Wave
from relocation.safety import access, ledger
from relocation.safety.refusal import Denied, Refusal

WHAT = "expense.book"
State = Expense.State


class NotBooked(Refusal):
    """Nothing was booked, and why."""

    kind = "not_booked"


@dataclass(frozen=True)
class Payment:
    """What was paid: `minor` in the smallest units of `currency`, on a day of the place where it was paid."""

    category: str
    currency: str
    minor: int
    paid_on: date
    payee: str = ""
    words: str = ""
    funder: Funder | None = None


def enter(case: Case, payment: Payment, *, by: Account, receipt: Clean | None = None, device: str = "") -> Expense:
    """Book a payment, or ask for a second person where it is above the limit. Raises `Denied`, `NotBooked`."""
    with transaction.atomic():
        expense = Expense(case=case, by=by, wave=_wave_of(case))
        for name in ("category", "currency", "minor", "paid_on", "payee", "words", "funder"):
            setattr(expense, name, getattr(payment, name))
        entered = _entered(expense, by, device)
        _keep_receipt(entered, receipt.pages if receipt else (), by)
        return entered


def take_back(expense: Expense, *, by: Account, reason: str, device: str = "") -> Expense:
    """Enter the row that takes another one back in full, with the reason as its note. Raises `Denied`, `NotBooked`."""
    undone = Expense(case_id=expense.case_id, by=by, reverses=expense, paid_on=timezone.localdate(), words=reason)
    for name in ("category", "currency", "minor", "funder_id", "wave_id"):
        setattr(undone, name, getattr(expense, name))
    with transaction.atomic():
        _lock(expense.case, by)
        if expense.reverses_id or expense.state != State.BOOKED:
            raise NotBooked(expense.case_id, "expense.reverse", by.pk, _("Only what counts can be taken back."))
        if expense.reversals.exclude(state=State.DECLINED).exists():
            raise NotBooked(expense.case_id, "expense.reverse", by.pk, _("This has been taken back already."))
        return _entered(undone, by, device)


def ask_again(expense: Expense, *, by: Account, device: str = "") -> None:
    """Ask once more, where nobody answered in time; only whoever entered it does. Raises `Denied`, `NotBooked`."""
    with transaction.atomic():
        _lock(expense.case, by)
        if expense.by_id != by.pk:
            raise Denied(expense.case_id, "expense.ask", by.pk)
        if Expense.objects.get(pk=expense.pk).state != State.WAITING:
            raise NotBooked(expense.case_id, "expense.ask", by.pk, _("This has been answered already."))
        _ask(expense, by, device)


def _lock(case: Case, by: Account) -> None:
    held(case.pk)
    access.require(by, "money.write", case.pk)


def _entered(expense: Expense, by: Account, device: str) -> Expense:
    _lock(expense.case, by)
    expense.save(force_insert=True)
    entered = Expense.objects.select_related("case").get(pk=expense.pk)  # the database says whether it counts
    ledger.record("expense.entered", entered.case_id, by=by, about=entered.pk, detail=entered.state)
    if entered.state == State.WAITING:
        _ask(entered, by, device)
    return entered


def _ask(expense: Expense, by: Account, device: str) -> None:
    reason = _("It is above what one person pays alone.")
    approvals.ask_about(expense.case, WHAT, expense.pk.bytes, by=by, reason=reason, about=expense.pk, session=device)


@approvals.settles(WHAT)
def settle(approval: Approval, by: Account) -> None:
    """Somebody else answered: it counts from now, or never. The database asks again whether they may."""
    expense = Expense.objects.filter(pk__in=[approval.about], state=State.WAITING).first()
    if expense is None:
        raise Denied(approval.case_id, "expense.book", by.pk)
    expense.state, expense.decided_by = State.BOOKED if approval.given else State.DECLINED, by
    expense.booked_at = timezone.now() if approval.given else None
    expense.save(update_fields=["state", "decided_by", "booked_at"])
    ledger.record(f"expense.{expense.state}", approval.case_id, by=by, about=expense.pk)


def _keep_receipt(expense: Expense, pages: Sequence[bytes], by: Account) -> None:
    for number, jpeg in enumerate(pages, start=1):
        page = Receipt(case=expense.case, by=by, expense=expense, page=number, sha256=hashlib.sha256(jpeg).digest(), body=jpeg)
        page.save(force_insert=True)


def _wave_of(case: Case) -> Wave | None:
    """The open wave that the person is in, on whose budget it counts too."""
    return Wave.objects.filter(members__case=case, members__left_at=None, closed_at=None).first()

"""The files that leave with money in them: pages of receipts, and reports as a table or as a paper."""

import csv
import hashlib
from collections.abc import Callable
from io import StringIO
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from logistics.models import Receipt
from logistics.money import amounts, paper, reporting, suppression
from relocation.intake.formulas import neutral
from relocation.models import Account
from relocation.paperwork.links import KINDS, File, Kind
from relocation.safety import access, vault
from relocation.safety.refusal import Denied


def _receipt(receipt_id: UUID, by: Account) -> Receipt:
    found = Receipt.objects.filter(pk=receipt_id).defer("body").first()
    if found is None:
        raise Denied(by.pk, "money.read.part", by.pk)
    access.require(by, "money.read", found.case_id)
    return found


def _read_receipt(receipt_id: UUID, by: Account) -> File:
    found = _receipt(receipt_id, by)
    body = vault.read_bytes(found, "body", by=by, purpose="receipt")["body"]
    return File(body, "image/jpeg", f"receipt-{found.page}.jpg", found.case_id)


def _receipt_address(receipt_id: UUID, by: Account) -> str:
    found = _receipt(receipt_id, by)
    return reverse("money:receipt", args=[found.case_id, found.expense_id, found.pk])


def _csv(report_id: UUID, by: Account) -> File:
    """A table for a spreadsheet; what might be calculated is disarmed."""
    report, out = reporting.find(report_id, by=by), StringIO()
    table = csv.writer(out)
    table.writerow(map(neutral, (_("Currency"), _("What for"), _("People"), _("Amount"))))
    for one in suppression.read(report.figures):
        for line in one.lines:
            table.writerow(
                map(neutral, (one.currency, paper.named(line), str(line.people), amounts.plain(line.minor, one.currency)))
            )
    # a spreadsheet takes UTF-8 for what it is only with this mark
    return File(("\ufeff" + out.getvalue()).encode(), "text/csv; charset=utf-8", "expenses.csv", by.pk)


def _pdf(report_id: UUID, by: Account) -> File:
    return File(paper.draw(reporting.find(report_id, by=by)), "application/pdf", "expenses.pdf", by.pk)


def _report_version(report_id: UUID, by: Account) -> bytes:
    """Figures never change; rates are added."""
    report = reporting.find(report_id, by=by)
    return hashlib.sha256(f"{report.pk} {report.rates.count()}".encode()).digest()


def _report_kind(form: str, read: Callable[[UUID, Account], File]) -> Kind:
    def again(report_id: UUID, by: Account) -> str:
        return reverse("money:report", args=[reporting.find(report_id, by=by).pk]) + f"?as={form}"

    return Kind("money.report", _report_version, read, again)


KINDS.add("receipt", Kind("money.receipt", lambda one, by: bytes(_receipt(one, by).sha256), _read_receipt, _receipt_address))
KINDS.add("report_csv", _report_kind("csv", _csv))
KINDS.add("report_pdf", _report_kind("pdf", _pdf))

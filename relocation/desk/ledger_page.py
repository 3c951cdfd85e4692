"""The auditor's page: what happened, whether the ledger holds, and a table to take away. It leads to no case."""

import csv
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from relocation.desk.ledger_search import LedgerForm, Told, in_words, page_of, wanted
from relocation.intake.formulas import neutral
from relocation.jobs import anchoring, auditing
from relocation.models import Office
from relocation.safety.confirm import BEFORE_LOOKING, confirmed
from relocation.safety.gate import Request
from relocation.safety.offices import office

MOST = 20_000  # entries in one file
HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Disposition": 'attachment; filename="ledger.csv"'}


@office(Office.AUDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def ledger(request: Request) -> HttpResponse:
    """Show a page of entries; asked to, read every chain again."""
    if request.method == "POST":
        return _verify(request)
    form = LedgerForm(request.GET, auto_id="f-%s")
    told = form.cleaned_data if form.is_valid() else None
    page, older = page_of(wanted(told), request.GET.get("before", "")) if told is not None else ([], "")
    asked = {name: value for name, value in request.GET.items() if value and name in form.fields}
    return render(request, "desk/ledger.html", _shown(form, in_words(page), asked, older, "before" in request.GET))


def _shown(form: LedgerForm, lines: list[Told], asked: dict[str, Any], older: str, later: bool) -> dict[str, Any]:
    return {
        "form": form,
        "lines": lines,
        "standing": auditing.standing(),
        "window": anchoring.window(),
        "asked": bool(asked),
        "query": urlencode(asked),
        "older": older and urlencode(asked | {"before": older}),
        "later": later,
    }


def _verify(request: Request) -> HttpResponse:
    found = auditing.audit(anchoring.folder())
    auditing.note(found, by=request.user)
    say = messages.success if found.holds else messages.error
    say(request, found.sentence)
    return redirect("desk:ledger")


@office(Office.AUDITOR)
@confirmed(BEFORE_LOOKING)
@require_safe
def ledger_export(request: Request) -> HttpResponse:
    """The entries that fit, as a table for a spreadsheet; what might be calculated is disarmed."""
    form = LedgerForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('desk:ledger')}?{request.GET.urlencode()}")
    found = list(wanted(form.cleaned_data)[: MOST + 1])
    if len(found) > MOST:
        messages.error(request, _("One file holds at most so many entries: %(most)d. Choose fewer days.") % {"most": MOST})
        return redirect("desk:ledger")
    return HttpResponse(_table(in_words(found)), content_type="text/csv; charset=utf-8", headers=HEADERS)


def _table(lines: list[Told]) -> str:
    out = StringIO()
    table = csv.writer(out)
    head = (_("Time (UTC)"), _("Account"), _("What happened"), _("Code"), _("Reason given"), _("Chain"), _("Number"), _("Hash"))
    table.writerow(map(neutral, head))
    for line in lines:
        table.writerow(map(neutral, _cells(line)))
    return "\ufeff" + out.getvalue()  # a spreadsheet takes UTF-8 for what it is only with this mark


def _cells(line: Told) -> tuple[str, ...]:
    entry = line.entry
    at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
    reasoned = _("yes") if line.reasoned else ""
    return at, line.who, line.sentence, entry.what, reasoned, str(entry.case_id), str(entry.seq), bytes(entry.hash).hex()


urlpatterns: list[URLPattern] = [
    path("ledger/", ledger, name="ledger"),
    path("ledger/export/", ledger_export, name="ledger_export"),
]

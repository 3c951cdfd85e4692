"""The expense report, carried to a funder: figures by category and currency, small numbers already left out. No mark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.lib.units import mm

from . import words
from .page import SMALL, TITLE, Organisation, Sheet
from .table import Column, facts, table


@dataclass(frozen=True, slots=True)
class Part:
    """One currency: its lines (what for, people, amount) and their sum, all as they are read; no line where too few people."""

    currency: str
    lines: tuple[tuple[str, str, str], ...]
    total: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ExpenseReportContent:
    """Everything that the report says; `sums` are converted totals with the rates that they rest on, in words."""

    language: str
    organisation: Organisation
    funder: str
    first: date
    last: date
    made_on: date
    fewest: int
    parts: tuple[Part, ...]
    sums: tuple[tuple[str, str], ...]


def render(content: ExpenseReportContent) -> bytes:
    """The report as PDF without seal, mark or code, the same bytes for the same content."""
    with translation.override(content.language):
        sheet = Sheet(language=content.language, letterhead=content.organisation)
        sheet.paragraph(_("Expense report"), TITLE, after=3 * mm)
        period = _("%(first)s to %(last)s") % {"first": words.day(content.first), "last": words.day(content.last)}
        about = [(_("Funder"), content.funder), (_("Period"), period), (_("Made on"), words.day(content.made_on))]
        facts(sheet, about)
        sheet.skip(4 * mm)
        for part in content.parts:
            _part(sheet, part)
        if content.sums:
            sheet.heading(_("Converted"))
            facts(sheet, content.sums, label=36 * mm)
        sheet.skip(4 * mm)
        sheet.paragraph(_rule(content.fewest), SMALL)
        return sheet.finish()


def _part(sheet: Sheet, part: Part) -> None:
    if not part.lines:
        sheet.heading(part.currency)
        sheet.paragraph(_("About too few people to be told."), after=3 * mm)
        return
    columns = [Column(_("What for"), 3.2), Column(_("People"), 0.7), Column(_("Amount"), 1.4)]
    table(sheet, columns, [*part.lines, part.total], heading=part.currency)


def _rule(fewest: int) -> str:
    return _(
        "Nothing is told of fewer than %(fewest)s people. What fewer had is told together with other categories, so that it "
        "cannot be subtracted. Somebody who had several things is counted once in the total. A report is made once for each "
        "quarter and does not change."
    ) % {"fewest": fewest}

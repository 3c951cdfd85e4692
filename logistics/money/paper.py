"""What the paper "Expense report" says, in the language of whoever takes it."""

from datetime import date

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from logistics.models import Category, Report
from logistics.money import amounts, reporting, suppression
from logistics.money.suppression import Line, Told
from relocation.paperwork import expense_report, seal
from relocation.paperwork.dossier_gathering import letterhead
from relocation.paperwork.words import day


def draw(report: Report) -> bytes:
    """The paper as PDF, with nothing in it but what is seen."""
    return seal.strip(expense_report.render(content(report)))


def content(report: Report) -> expense_report.ExpenseReportContent:
    """The figures as they were kept, in words."""
    return expense_report.ExpenseReportContent(
        language=get_language() or "en",
        organisation=letterhead(report.funder.organisation),
        funder=report.funder.name,
        first=report.quarter,
        last=last_day(report.quarter),
        made_on=timezone.localdate(report.at),
        fewest=suppression.FEWEST,
        parts=tuple(_part(one) for one in suppression.read(report.figures)),
        sums=tuple((amounts.written(one.minor, one.currency), _rests_on(one)) for one in reporting.converted(report)),
    )


def last_day(quarter: date) -> date:
    """The last day of the quarter that begins on this one."""
    year, month = (quarter.year, quarter.month + 3) if quarter.month < 10 else (quarter.year + 1, 1)
    return date.fromordinal(date(year, month, 1).toordinal() - 1)


def _part(one: Told) -> expense_report.Part:
    lines = tuple((named(line), str(line.people), amounts.bare(line.minor, one.currency)) for line in one.lines)
    total = (_("All together"), str(one.people), amounts.written(one.minor, one.currency))
    return expense_report.Part(one.currency, lines, total)


def named(line: Line) -> str:
    """The categories of a line: "Food, housing"."""
    return capfirst(", ".join(str(Category(category).label) for category in line.categories))


def _rests_on(one: reporting.Sum) -> str:
    """The rates with their day and source, and what could not be converted."""
    rates = [
        _("1 %(currency)s = %(units)s %(into)s on %(day)s (%(source)s)")
        % {"currency": r.currency, "units": r.units.normalize(), "into": r.into, "day": day(r.stated_on), "source": r.source}
        for r in one.rates
    ]
    left = [_("Without %(currencies)s, for want of a rate.") % {"currencies": ", ".join(one.without)}] if one.without else []
    return "; ".join(rates + left)

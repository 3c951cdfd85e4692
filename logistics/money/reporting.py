"""The door of reports: what a funder is told of one quarter that is over. Made once; no two of them overlap."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.models import Funder, Rate, Report
from logistics.money import suppression
from logistics.money.currencies import DECIMALS
from logistics.money.spending import NotBooked
from logistics.money.suppression import Told
from relocation.journey.waves import may_begin
from relocation.models import Account
from relocation.safety import ledger
from relocation.safety.questions import one_at_a_time, rows
from relocation.safety.refusal import Denied

SPENT = "SELECT person, category, currency, minor FROM harbour_spent(%s, %s)"
ASKED = 23  # the lock of those who ask at once: they get the same report
BACK = 8  # quarters that are offered


@dataclass(frozen=True)
class Sum:
    """Everything that is told, in one currency, by rates that somebody stated; what has none is left out, and named."""

    currency: str
    minor: int
    rates: tuple[Rate, ...]
    without: tuple[str, ...]


def quarters(today: date | None = None) -> list[date]:
    """First days of the quarters that are over, the newest first, by the calendar of UTC as the database counts."""
    today = today or timezone.now().date()
    year, quarter = today.year, (today.month - 1) // 3
    found = []
    for _back in range(BACK):
        year, quarter = (year - 1, 3) if quarter == 0 else (year, quarter - 1)
        found.append(date(year, 3 * quarter + 1, 1))
    return found


def make(funder_id: UUID, quarter: date, *, by: Account) -> Report:
    """Tell a quarter to a funder: the one that was made, or a new one. Raises `Denied`, and `NotBooked` before it is over."""
    with transaction.atomic():
        funder = Funder.objects.filter(pk=funder_id, organisation=by.organisation_id).first()
        if funder is None or not may_begin(by):
            raise Denied(by.pk, "report.make", by.pk)
        if quarter not in quarters():
            raise NotBooked(by.pk, "report.make", by.pk, _("Only a quarter that is over is reported."))
        one_at_a_time(funder_id, ASKED)
        if made := Report.objects.filter(funder=funder, quarter=quarter).first():
            return made
        figures = suppression.kept(suppression.told(rows(SPENT, funder_id, quarter)))
        report = Report(funder=funder, quarter=quarter, figures=figures, by=by)
        report.save(force_insert=True)
        ledger.record("report.made", by.pk, by=by, about=report.pk)
        return report


def find(report_id: UUID, *, by: Account) -> Report:
    """A report of the organisation of `by`, for its coordinators. Raises `Denied`."""
    found = Report.objects.filter(pk=report_id, funder__organisation=by.organisation_id).select_related("funder", "by").first()
    if found is None or not may_begin(by):
        raise Denied(by.pk, "report.open", by.pk)
    return found


def state_rate(report: Report, rate: Rate, *, by: Account) -> Rate:
    """Keep a rate as somebody states it, with its day and source. Raises `Denied`."""
    with transaction.atomic():
        rate.report, rate.by = find(report.pk, by=by), by
        rate.save(force_insert=True)
        ledger.record("report.rate", by.pk, by=by, about=report.pk)
        return rate


def converted(report: Report) -> list[Sum]:
    """What is told, in each currency for which rates were stated; the newest rate of a pair counts. Each line is rounded once."""
    newest = {(rate.into, rate.currency): rate for rate in report.rates.order_by("at")}
    shown = [one for one in suppression.read(report.figures) if one.lines]
    return [_into(into, shown, newest) for into in sorted({into for into, _currency in newest})]


def _into(into: str, shown: list[Told], rates: dict[tuple[str, str], Rate]) -> Sum:
    used = [(one, rates[into, one.currency]) for one in shown if (into, one.currency) in rates]
    own = sum(one.minor for one in shown if one.currency == into)
    without = [one.currency for one in shown if one.currency != into and (into, one.currency) not in rates]
    total = own + sum(exchanged(one.minor, rate) for one, rate in used)
    return Sum(into, total, tuple(rate for _one, rate in used), tuple(without))


def exchanged(minor: int, rate: Rate) -> int:
    """Minor units in the other currency, rounded half to even."""
    units = Decimal(minor).scaleb(-DECIMALS[rate.currency]) * rate.units
    return int(units.scaleb(DECIMALS[rate.into]).quantize(Decimal(1), ROUND_HALF_EVEN))

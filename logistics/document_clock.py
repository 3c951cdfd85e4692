"""What papers must be like on the days on which a way crosses borders. Pure rules over calendar days at the place of each.

Sources: Regulation (EU) 2016/399, Art. 6(1)(a) for the travel document (three months beyond the departure from the area, issued
within ten years), the consulates' own rule of two blank pages, Regulation (EC) 810/2009 for the visa; the days: `schengen`.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from logistics import schengen
from logistics.schengen import Stay

BEYOND_MONTHS, YEARS, BLANK_PAGES = 3, 10, 2
CHECKED_WITHIN = timedelta(days=14)
LODGE_FROM_MONTHS, LODGE_UNTIL = 6, timedelta(days=15)
ANY_NUMBER = 99  # of entries


class Rule(StrEnum):
    """What is looked at, in the order in which it is shown."""

    CROSSES = "crosses"
    DOCUMENT = "document"
    LASTS = "lasts"
    ISSUED = "issued"
    PAGES = "pages"
    LODGE = "lodge"
    ENTRIES = "entries"
    DAYS = "days"
    EXIT = "exit"
    MINOR = "minor"
    DEBTS = "debts"
    WANTED = "wanted"


# How long before the day it is needed something is to be settled, since offices take their time.
LEAD = {
    Rule.CROSSES: timedelta(days=14),
    Rule.DOCUMENT: timedelta(days=42),
    Rule.LASTS: timedelta(days=42),
    Rule.ISSUED: timedelta(days=42),
    Rule.PAGES: timedelta(days=42),
    Rule.LODGE: LODGE_UNTIL,
    Rule.ENTRIES: timedelta(days=21),
    Rule.DAYS: timedelta(days=14),
    Rule.EXIT: timedelta(days=28),
    Rule.MINOR: timedelta(days=21),
    Rule.DEBTS: timedelta(days=3),
    Rule.WANTED: timedelta(days=3),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that somebody has verified, as far as the rules look at it."""

    issued_on: date | None = None
    expires_on: date | None = None
    blank_pages: int | None = None

    def lasts(self, day: date) -> bool:
        """Whether it is valid on a day; one without an end is."""
        return self.expires_on is None or self.expires_on >= day


@dataclass(frozen=True, slots=True)
class Visa:
    """A granted visa. A long-stay one is outside the ninety days."""

    first: date
    last: date
    entries: int = 1
    long_stay: bool = False

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Check:
    """A look at what may stop somebody at the border; the day of clearing and the day of looking are two days."""

    looked_on: date | None = None
    cleared_on: date | None = None
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """The days of a way on which it crosses borders, each in the time of the place, and what it needs."""

    starts: date
    ends: date
    crosses: tuple[date, ...] = ()
    enters: tuple[date, ...] = ()
    leaves: tuple[date, ...] = ()
    minor: bool = False
    needs_exit: bool = False

    @property
    def out_after(self) -> date | None:
        """The day on which the way leaves the area again, after the last entry; None where it stays there."""
        later = [day for day in self.leaves if day >= self.enters[-1]] if self.enters else []
        return later[-1] if later else None


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody has."""

    documents: tuple[Paper, ...] = ()
    permits: tuple[Paper, ...] = ()
    waivers: tuple[Paper, ...] = ()
    exits: tuple[Paper, ...] = ()
    consents: tuple[Paper, ...] = ()
    visas: tuple[Visa, ...] = ()
    visa_free: bool = False
    stays: tuple[Stay, ...] = ()
    checks: dict[str, Check] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's answer: whether it holds, the day that decides, and by when it is to be settled. `code` says which sentence."""

    rule: Rule
    holds: bool
    code: str
    day: date | None = None
    due: date | None = None
    number: int = 0


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def judge(way: Way, held: Held) -> list[Finding]:
    """Every rule that this way asks about, in order."""
    if not way.crosses:
        return [_found(Rule.CROSSES, False, "unsaid", way.starts)]
    return [*_document(way, held), *(_area(way, held) if way.enters else ()), *_leaving(way, held), *_checks(way, held)]


def _found(rule: Rule, holds: bool, code: str, needed: date, *, day: date | None = None, number: int = 0) -> Finding:
    return Finding(rule, holds, code, day or needed, None if holds else needed - LEAD[rule], number)


def best_document(way: Way, held: Held) -> Paper | None:
    """The travel document that is judged: one that meets most of the rules, and of those the one that lasts longest."""
    return max(
        held.documents,
        key=lambda paper: (sum(finding.holds for finding in _of_document(way, held, paper)), paper.expires_on or date.min),
        default=None,
    )


def _document(way: Way, held: Held) -> list[Finding]:
    paper = best_document(way, held)
    if paper is None:
        return [_found(Rule.DOCUMENT, False, "none", way.crosses[0])]
    return _of_document(way, held, paper)


def _of_document(way: Way, held: Held, paper: Paper) -> list[Finding]:
    """Valid beyond the last arrival; into the area on a short stay, also what the Borders Code asks."""
    valid = paper.expires_on is not None and paper.expires_on > way.ends
    found = [_found(Rule.DOCUMENT, valid, "valid" if valid else "ends", way.crosses[0], day=paper.expires_on)]
    if not way.enters or outside_the_ninety(way, held) or any(waiver.lasts(way.enters[-1]) for waiver in held.waivers):
        return found
    return [*found, *_in_the_area(way, held, paper)]


def _in_the_area(way: Way, held: Held, paper: Paper) -> Iterator[Finding]:
    first = way.enters[0]
    until = months_after(stays_until(way, held), BEYOND_MONTHS)
    lasts = paper.expires_on is not None and paper.expires_on >= until
    yield _found(Rule.LASTS, lasts, "lasts" if lasts else "short", first, day=until)
    if paper.issued_on is None:
        yield _found(Rule.ISSUED, False, "unknown", first)
    else:
        too_old = months_after(paper.issued_on, YEARS * 12)
        yield _found(Rule.ISSUED, way.enters[-1] < too_old, "young" if way.enters[-1] < too_old else "old", first, day=too_old)
    pages = paper.blank_pages
    code = "unknown" if pages is None else "enough" if pages >= BLANK_PAGES else "few"
    yield _found(Rule.PAGES, code == "enough", code, first, number=pages or 0)


def outside_the_ninety(way: Way, held: Held) -> bool:
    """Whether somebody enters on a residence permit or a long-stay visa."""
    entry = way.enters[-1]
    visa = visa_for(way, held)
    return any(permit.lasts(entry) for permit in held.permits) or (visa is not None and visa.long_stay and visa.covers(entry))


def stays_until(way: Way, held: Held) -> date:
    """The intended departure from the area: the leg that leaves it, else the visa's last day, else the day of entry."""
    visa = visa_for(way, held)
    return way.out_after or (max(visa.last, way.enters[-1]) if visa else way.enters[-1])


def visa_for(way: Way, held: Held) -> Visa | None:
    """The visa that covers every entry; where none does, the one that lasts longest. None where none is needed."""
    if held.visa_free:
        return None
    covering = [visa for visa in held.visas if all(visa.covers(day) for day in way.enters)]
    return max(covering or held.visas, key=lambda visa: visa.last, default=None)


def _area(way: Way, held: Held) -> Iterator[Finding]:
    """A visa that is applied for in time and allows as many entries; and the ninety days."""
    if any(permit.lasts(way.enters[-1]) for permit in held.permits):
        return
    visa = visa_for(way, held)
    if visa is not None:
        entered = sum(visa.covers(stay.first) and stay.counts for stay in held.stays)
        enough = visa.entries >= ANY_NUMBER or entered + len(way.enters) <= visa.entries
        yield _found(Rule.ENTRIES, enough, "enough" if enough else "few", way.enters[0], number=visa.entries)
    elif not held.visa_free:
        yield _found(Rule.LODGE, False, "lodge", way.enters[0], day=months_after(way.enters[0], -LODGE_FROM_MONTHS))
    if not outside_the_ninety(way, held):
        yield _ninety(way, held)


def _ninety(way: Way, held: Held) -> Finding:
    stays = [*held.stays]
    for entry in way.enters:
        if not schengen.may_enter(stays, entry):
            first = schengen.first_day(stays, entry)
            return _found(Rule.DAYS, False, "used", entry, day=first, number=schengen.on_entry(stays, entry))
        out = min((day for day in way.leaves if day >= entry), default=None)
        last = schengen.last_day(stays, entry)
        if out and last and out > last:
            return _found(Rule.DAYS, False, "over", out, day=last)
        stays.append(Stay(entry, out or entry))
    return _found(Rule.DAYS, True, "free", way.enters[-1], day=schengen.last_day(stays[:-1], way.enters[-1]))


def _leaving(way: Way, held: Held) -> Iterator[Finding]:
    """What the country that is left asks for."""
    first, last = way.crosses[0], way.crosses[-1]
    if way.needs_exit or held.exits:
        yield _permission(Rule.EXIT, held.exits, first, first)
    if way.minor:
        yield _permission(Rule.MINOR, held.consents, first, last)


def _permission(rule: Rule, papers: Sequence[Paper], needed: date, until: date) -> Finding:
    good = next((paper for paper in papers if paper.lasts(until)), None)
    code = "given" if good else "ended" if papers else "none"
    return _found(rule, good is not None, code, needed, day=good.expires_on if good else until)


def _checks(way: Way, held: Held) -> Iterator[Finding]:
    """Looked at within 14 days before the first border, and for debts after they were cleared, since a ban lifts days later."""
    first = way.crosses[0]
    for rule in (Rule.DEBTS, Rule.WANTED):
        yield _checked(rule, held.checks.get(rule), first)


def _checked(rule: Rule, check: Check | None, first: date) -> Finding:
    since = first - CHECKED_WITHIN
    if check is not None and check.skipped:
        return _found(rule, True, "skipped", first)
    if check is None or check.looked_on is None:
        return _found(rule, False, "never", first, day=since)
    if check.cleared_on is not None and check.looked_on < check.cleared_on:
        return _found(rule, False, "before_clearing", first, day=check.cleared_on)
    recent = check.looked_on >= since
    return _found(rule, recent, "recent" if recent else "early", first, day=check.looked_on if recent else since)

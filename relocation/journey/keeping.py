"""What is kept longer than its time, for a reason; and what is about to go, for whoever answers for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import approvals
from relocation.journey.conditions import Met, Unmet
from relocation.models import Account, Approval, Case, Expiry, Keeping
from relocation.safety import access, ledger
from relocation.safety.refusal import Refusal
from relocation.safety.retention import GRACE, KINDS, Kind

AGREED = "keep.longer"
LONGEST = timedelta(days=730)


class NotKept(Refusal):
    """It goes when it goes, and why."""

    kind = "not_kept"


@dataclass(frozen=True)
class Term:
    """One kind of record of one case: when it goes (UTC), if that is known yet; when it went; how often it was kept longer."""

    name: str
    kind: Kind
    goes_at: datetime | None
    gone_at: datetime | None
    kept: int

    @property
    def is_due(self) -> bool:
        return self.goes_at is not None and self.gone_at is None


def terms(case: Case) -> Iterator[Term]:
    """Every kind, in the order in which they go."""
    warned = {row.kind: row for row in Expiry.objects.filter(case=case)}
    for name, kind in KINDS.items():
        row, kept = warned.get(name), Keeping.objects.filter(case=case, kind=name)
        until = kept.aggregate(last=Max("until"))["last"]
        goes = max(filter(None, [row.goes_at, _after(until)])) if row else None
        yield Term(name, kind, goes, row.gone_at if row else None, kept.count())


def soon(account: Account) -> list[tuple[Case, Term]]:
    """The next thing that goes of each case that this account coordinates."""
    cases = access.permitted(account, "case.assign").filter(expirys__gone_at=None, expirys__goes_at__isnull=False).distinct()
    found = []
    for case in cases:
        if due := [term for term in terms(case) if term.is_due]:
            found.append((case, min(due, key=lambda term: term.goes_at or timezone.now())))
    return found


def ask(case: Case, *, by: Account, reason: str, session: str) -> Approval:
    """Ask a second person whether something may be kept once more. Raises `Denied`, `NotAnswered`."""
    return approvals.ask_about(case, AGREED, case.pk.bytes, by=by, reason=reason, session=session)


def word(case: Case, *, by: Account) -> Met | Unmet:
    """What the second person said."""
    return approvals.state(case, AGREED, case.pk.bytes, asker=by)


def keep(case: Case, name: str, until: date, *, by: Account, reason: str) -> Keeping:
    """Keep a kind of record until a day; the second time with a second person's word. Raises `Denied`, `NotKept`."""
    access.require(by, "case.assign", case.pk)
    with transaction.atomic():
        term = next(term for term in terms(case) if term.name == name)
        if obstacle := _obstacle(term, until, reason):
            raise NotKept(case.pk, "keep", by.pk, obstacle)
        kept = Keeping(case=case, by=by, kind=name, until=until, words=reason, agreed=_agreed(case, by) if term.kept else None)
        kept.save(force_insert=True)
        ledger.record("retention.kept", case.pk, by=by, about=kept.pk, detail=name, reason=reason)
        return kept


def _agreed(case: Case, by: Account) -> Approval:
    """Use up the word that was given. Raises `NotKept`."""
    given = approvals.asked(case, AGREED, asker=by)
    missing = approvals.use_about(case, AGREED, case.pk.bytes, asker=by)
    if missing or given is None:
        raise NotKept(case.pk, "keep", by.pk, missing.sentence if missing else _("Ask a second person first."))
    return given


def _obstacle(term: Term, until: date, reason: str) -> str:
    today = timezone.localdate()
    if not reason.strip():
        return _("Say why it is kept longer.")
    if not term.is_due:
        return _("This has gone already, or nobody was warned of it yet.")
    if not today < until <= today + LONGEST:
        return _("Choose a day within the next two years.")
    return ""


def _after(until: date | None) -> datetime | None:
    """The end of the grace that follows a day, as the database reckons it."""
    if until is None:
        return None
    return datetime.combine(until + timedelta(days=GRACE + 1), time.min, tzinfo=timezone.get_default_timezone())

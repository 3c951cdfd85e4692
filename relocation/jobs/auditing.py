"""The whole look at the ledger: every chain read again, and every anchor held against it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.jobs.anchoring import OWNER, known
from relocation.models import Account, LedgerEntry
from relocation.safety import anchor, chain, ledger
from relocation.safety.anchor import Anchor, Bad
from relocation.safety.chain import Flaw, Head, Verdict

VERIFIED, BROKEN = "ledger.verified", "ledger.broken"


@dataclass(frozen=True)
class Audit:
    """What was found: the chains, the anchors that were there, and the first of each that does not hold."""

    verdict: Verdict
    anchors: int
    last: Anchor | None
    bad: Bad | None
    below: int
    unheld: Flaw | None

    @property
    def holds(self) -> bool:
        return not (self.verdict.broken or self.bad or self.unheld)

    @property
    def sentence(self) -> str:
        """The first thing that is wrong, or that all is well."""
        if self.verdict.broken:
            return _entry(self.verdict.broken)
        if self.unheld:
            return _("%(entry)s Anchor %(number)d says so.") % {"entry": _entry(self.unheld), "number": self.below}
        if self.bad:
            return _("Anchor %(number)d: %(wrong)s") % {"number": self.bad.number, "wrong": anchor.WRONG[self.bad.wrong]}
        told = {"entries": self.verdict.entries, "chains": self.verdict.chains}
        return _("Entries: %(entries)d, in chains: %(chains)d. All of them hold.") % told + " " + self._anchored()

    def _anchored(self) -> str:
        if not self.anchors:
            return _("There is no anchor yet.")
        return ngettext("%(n)d anchor agrees.", "%(n)d anchors agree.", self.anchors) % {"n": self.anchors}


def _entry(flaw: Flaw) -> str:
    """The entry that does not hold, by chain, number and time."""
    at = f"{flaw.at:%Y-%m-%d %H:%M:%S} UTC" if flaw.at else _("time unknown")
    told = {"number": flaw.number, "chain": flaw.chain, "at": at, "wrong": chain.WRONG[flaw.wrong]}
    return _("Entry %(number)d of chain %(chain)s (%(at)s): %(wrong)s") % told


def audit(folder: Path) -> Audit:
    """Read everything, as an auditor or as the sweep. Raises `ProgrammingError` for others, `Shut` without the master key."""
    verdict, found = chain.verify(), anchor.read(folder)
    bad = anchor.judge(found, known=known(), owner=OWNER)
    good = [a for a in found if isinstance(a, Anchor) and (bad is None or a.number < bad.number or bad.wrong != "forged")]
    below, unheld = _held_against(good, chain.heads())
    return Audit(verdict, len(found), good[-1] if good else None, bad, below, unheld)


def _held_against(anchors: list[Anchor], now: list[Head]) -> tuple[int, Flaw | None]:
    """The first anchor that the ledger no longer holds against, and the entry."""
    called: dict[int, dict[str, Head]] = {}
    seen: set[tuple[str, int, str]] = set()
    for made in anchors:
        names = called.setdefault(made.key, dict(zip(anchor.names(now, OWNER, made.key), now, strict=True)))
        fresh = [head for head in made.heads if head not in seen]
        if gone := next((head for head in fresh if head[0] not in names), None):
            return made.number, Flaw(UUID(gone[0]), gone[1], None, "truncated")  # its name is all that is left of it
        if flaw := chain.unheld([(names[name].chain, number, bytes.fromhex(hash)) for name, number, hash in fresh]):
            return made.number, flaw
        seen.update(fresh)
    return 0, None


def note(found: Audit, *, by: Account) -> None:
    """Write into the ledger that it was looked at, and how that ended."""
    told = f"{found.verdict.entries}/{found.verdict.chains}/{found.anchors}"
    ledger.record(VERIFIED if found.holds else BROKEN, by.pk, by=by, detail=told)


@dataclass(frozen=True)
class Standing:
    """What the ledger's page says about itself: when it was last looked at, how that ended, and the last anchor."""

    holds: bool
    looked_at: datetime | None
    anchor: int
    anchored_at: datetime | None


def standing() -> Standing:
    """As the ledger remembers; for an auditor."""
    newest: Any = LedgerEntry.objects.defer("reason").order_by("-at", "-id")
    looked = newest.filter(what__in=(VERIFIED, BROKEN)).first()
    made = newest.filter(case_id=OWNER, what="anchor.made").first()
    number = int(made.detail.partition(" ")[0]) if made else 0
    return Standing(looked is None or looked.what == VERIFIED, looked and looked.at, number, made and made.at)

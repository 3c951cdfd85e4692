"""Reads the ledger's chains again, inside the database: numbers without gaps, each hash over the one before."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from relocation.safety.questions import rows

WRONG = {
    "edited": _("It was edited."),
    "deleted": _("What stood before it was deleted."),
    "inserted": _("It was inserted afterwards."),
    "reordered": _("It was moved to another place."),
    "rechained": _("It was written anew, and what follows was chained to it."),
    "truncated": _("The end of its chain was cut off."),
}
UNHELD = "SELECT * FROM harbour_unheld(%s::uuid[], %s::bigint[], %s::bytea[])"


class Flaw(NamedTuple):
    """The first entry of a chain that does not hold, when it says it was written (UTC), and a key of `WRONG`."""

    chain: UUID
    number: int
    at: datetime | None
    wrong: str


class Verdict(NamedTuple):
    """How many entries of how many chains were read, and the first that does not hold, if any."""

    entries: int
    chains: int
    broken: Flaw | None


class Head(NamedTuple):
    """The newest entry of a chain: its number, how many entries there are, and its hash."""

    chain: UUID
    number: int
    entries: int
    hash: bytes


def verify() -> Verdict:
    """Read every entry. Raises `ProgrammingError` where whoever acts is neither an auditor nor the sweep of anchors."""
    found = heads()
    broken = _flaw(rows("SELECT * FROM harbour_broken() WHERE chain IS NOT NULL"))
    return Verdict(sum(head.entries for head in found), len(found), broken)


def heads() -> list[Head]:
    """The newest entry of every chain, as of one moment. Raises as `verify` does."""
    found = rows("SELECT * FROM harbour_heads() ORDER BY chain")
    return [Head(chain, number, entries, bytes(hash)) for chain, number, entries, hash in found]


def unheld(anchored: list[tuple[UUID, int, bytes]]) -> Flaw | None:
    """The first of these heads that the ledger no longer has, or no longer as it was. Raises as `verify` does."""
    if not anchored:
        return None
    chains, numbers, hashes = zip(*anchored, strict=True)
    return _flaw(rows(UNHELD, list(chains), list(numbers), list(hashes)))


def _flaw(found: list[tuple[Any, ...]]) -> Flaw | None:
    return Flaw(*found[0]) if found else None

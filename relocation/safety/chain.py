"""Reads the ledger's chains again, inside the database: numbers without gaps, each hash over the one before."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

BROKEN = """
  SELECT case_id, seq, at FROM (
    SELECT e.case_id, e.seq, e.at,
      e.seq <> row_number() OVER chain
      OR e.prev <> coalesce(lag(e.hash) OVER chain, ''::bytea)
      OR e.hash <> sha256(e.prev || convert_to(harbour_line(e), 'UTF8')) AS broken
    FROM relocation_ledgerentry e WINDOW chain AS (PARTITION BY e.case_id ORDER BY e.seq)
  ) links WHERE broken ORDER BY at LIMIT 1"""


@dataclass(frozen=True)
class Verdict:
    """How many entries of how many chains were read, and the first that does not hold, if any."""

    entries: int
    chains: int
    broken: tuple[UUID, int, datetime] | None


def verify() -> Verdict:
    """Read every entry that the acting account may see; an auditor sees all of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT case_id) FROM relocation_ledgerentry")
        entries, chains = cursor.fetchone()
        cursor.execute(BROKEN)
        return Verdict(entries, chains, cursor.fetchone())

"""What the database watches with every entry of the ledger: too much read in one hour, and a honey case that was touched.

The counts are of the last hour by the database's clock. Whoever passes them is locked out at once, and two others are told.
"""

from collections.abc import Iterator
from typing import NamedTuple

from relocation.safety.guards import WHO
from relocation.safety.triggers import HEAD


class Limit(NamedTuple):
    """How much one account opens in one hour in ordinary work: different cases, and different sealed fields or reveals."""

    cases: int
    reveals: int


# By the part of the account. A figure is about three times what the busiest hour of that part's work takes.
LIMITS: dict[str, Limit] = {
    "desk": Limit(cases=80, reveals=60),
    "house": Limit(cases=15, reveals=40),
    "road": Limit(cases=15, reveals=40),
    "post": Limit(cases=40, reveals=80),
    "office": Limit(cases=10, reveals=10),
}


def _limit(name: str) -> str:
    parts = " ".join(f"WHEN '{part}' THEN {getattr(limit, name)}" for part, limit in LIMITS.items())
    return f"(CASE who.part {parts} END)"


# The account's own chain is no case. A touch by whoever holds the case, by a sweep, or by the custodian's review is none.
BODY = f"""
DECLARE who record; seen record;
BEGIN
  SELECT a.part, a.name INTO who FROM relocation_account a WHERE a.id = new.actor_id AND a.part <> 'system';
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF EXISTS (SELECT FROM relocation_honey h WHERE h.case_id = new.case_id)
      AND NOT EXISTS (SELECT FROM relocation_casegrant g WHERE g.case_id = new.case_id AND g.user_id = new.actor_id)
      AND NOT (new.what LIKE 'grant.%' AND harbour_custodian(new.case_id)) THEN
    PERFORM harbour_signal('honey', new.actor_id);
  END IF;
  IF new.case_id <> new.actor_id AND (new.what LIKE 'reveal.%' OR new.what LIKE 'view.%' OR new.what LIKE 'read.%') THEN
    SELECT count(DISTINCT e.case_id) AS cases,
      count(DISTINCT (e.what, e.about)) FILTER (WHERE e.what LIKE 'reveal.%') AS reveals INTO seen
      FROM relocation_ledgerentry e WHERE e.actor_id = new.actor_id AND e.at > clock_timestamp() - interval '1 hour'
      AND e.case_id <> new.actor_id AND (e.what LIKE 'reveal.%' OR e.what LIKE 'view.%' OR e.what LIKE 'read.%');
    IF seen.cases > {_limit("cases")} OR seen.reveals > {_limit("reveals")} THEN
      IF EXISTS (SELECT FROM relocation_account a WHERE a.id = new.actor_id AND a.is_active) THEN
        PERFORM harbour_lock_now(gen_random_uuid(), 'account', new.actor_id, 'bulk', who.name, NULL);
        PERFORM harbour_signal('bulk', new.actor_id);
      END IF;
    END IF;
  END IF;
  RETURN NULL;
END"""

# A code that belongs to a honey case is typed by nobody who was not shown it.
SOUGHT = f"""CREATE OR REPLACE FUNCTION harbour_sought(code text) RETURNS void LANGUAGE plpgsql VOLATILE {HEAD}
  BEGIN
    IF {WHO} IS NOT NULL AND EXISTS (SELECT FROM relocation_honey h JOIN relocation_case k ON k.id = h.case_id
        WHERE k.code = upper($1) AND NOT EXISTS (SELECT FROM relocation_casegrant g
          WHERE g.case_id = k.id AND g.user_id = {WHO})) THEN
      PERFORM harbour_signal('honey', {WHO});
    END IF;
  END $$"""


def functions() -> Iterator[str]:
    """The trigger on the ledger, and what a search asks."""
    yield f"CREATE OR REPLACE FUNCTION harbour_watch() RETURNS trigger LANGUAGE plpgsql {HEAD} {BODY} $$"
    yield ("CREATE OR REPLACE TRIGGER watch AFTER INSERT ON relocation_ledgerentry FOR EACH ROW EXECUTE FUNCTION harbour_watch()")
    yield SOUGHT

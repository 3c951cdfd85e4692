"""What the database itself does about money: who sees what, when an expense counts, and what a funder is told of."""

from __future__ import annotations

from relocation.safety.guards import APP_ACTS, WHO
from relocation.safety.policy import Role
from relocation.safety.triggers import HEAD
from relocation.safety.walls import APP

_MINE = f"EXISTS (SELECT FROM relocation_account a WHERE a.id = {WHO} AND a.organisation_id = {{organisation}})"
_FUNDER = "EXISTS (SELECT FROM logistics_funder f WHERE f.id = funder_id AND {what})"
TOGETHER = "24 hours"  # payments within which the same person may not stay below a limit by paying in parts

OF_ORGANISATION = {
    "SELECT": f"harbour_part('desk') AND {_MINE.format(organisation='organisation_id')}",
    "INSERT": f"by_id = {WHO} AND harbour_coordinates_in(organisation_id)",
    "UPDATE": "harbour_coordinates_in(organisation_id)",
    "DELETE": "false",
}
_WAVE = "EXISTS (SELECT FROM relocation_wave w WHERE w.id = wave_id{more})"
OF_WAVE = {
    "SELECT": _WAVE.format(more=""),
    "INSERT": f"by_id = {WHO} AND {_WAVE.format(more=' AND harbour_coordinates_in(w.organisation_id)')}",
    "UPDATE": "false",
    "DELETE": "false",
}
_TELLS = _FUNDER.format(what="harbour_coordinates_in(f.organisation_id)")
OF_FUNDER = {"SELECT": _TELLS, "INSERT": f"by_id = {WHO} AND {_TELLS}", "UPDATE": "false", "DELETE": "false"}


def _trigger(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION harbour_{name}() RETURNS trigger LANGUAGE plpgsql {HEAD} {body} $$"


def _on(table: str, name: str, when: str) -> str:
    return f"CREATE OR REPLACE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION harbour_{name}()"


# A limit is proposed by one coordinator and holds once another one agrees; nobody lowers or raises it alone.
LIMITS = (
    f"REVOKE UPDATE ON logistics_limit FROM {APP}; GRANT UPDATE (agreed_by_id, agreed_at) ON logistics_limit TO {APP}",
    _trigger(
        "limit_agreed",
        f"""BEGIN
  IF session_user = 'harbour_owner' THEN RETURN new; END IF;
  IF tg_op = 'INSERT' THEN
    new.at := statement_timestamp(); new.agreed_by_id := NULL; new.agreed_at := NULL; RETURN new;
  END IF;
  IF old.agreed_by_id IS NOT NULL OR new.agreed_by_id IS DISTINCT FROM {WHO} OR new.agreed_by_id = old.by_id THEN
    RAISE EXCEPTION 'a limit is agreed to once, by somebody else' USING ERRCODE = 'insufficient_privilege';
  END IF;
  new.agreed_at := statement_timestamp(); RETURN new;
END""",
    ),
    _on("logistics_limit", "limit_agreed", "INSERT OR UPDATE"),
)

_HELD = """SELECT l.minor FROM logistics_limit l JOIN relocation_case k ON k.id = new.case_id
    WHERE l.organisation_id = k.organisation_id AND l.currency = new.currency AND l.agreed_at IS NOT NULL
    ORDER BY l.agreed_at DESC, l.at DESC LIMIT 1"""
_PARTS = f"""SELECT coalesce(sum(e.minor), 0) FROM logistics_expense e WHERE e.case_id = new.case_id AND e.by_id = new.by_id
    AND e.currency = new.currency AND e.reverses_id IS NULL AND e.state = 'booked'
    AND e.at > statement_timestamp() - interval '{TOGETHER}'"""
_SAME = """EXISTS (SELECT FROM logistics_expense o WHERE o.id = new.reverses_id AND o.case_id = new.case_id
    AND o.state = 'booked' AND o.reverses_id IS NULL
    AND (o.currency, o.minor, o.category) = (new.currency, new.minor, new.category)
    AND o.funder_id IS NOT DISTINCT FROM new.funder_id AND o.wave_id IS NOT DISTINCT FROM new.wave_id)"""
_OWN = (
    "EXISTS (SELECT FROM logistics_funder f JOIN relocation_case k ON k.id = new.case_id "
    "WHERE f.id = new.funder_id AND f.organisation_id = k.organisation_id)"
)

# The case is locked first, so that two payments at once do not both pass below the limit. Without a limit two people agree.
_ENTERED = f"""
  PERFORM FROM relocation_case WHERE id = new.case_id FOR NO KEY UPDATE;
  IF new.reverses_id IS NOT NULL AND NOT {_SAME} THEN
    RAISE EXCEPTION 'a correction is exactly what it takes back' USING ERRCODE = 'check_violation';
  END IF;
  IF new.funder_id IS NOT NULL AND NOT {_OWN} THEN
    RAISE EXCEPTION 'another organisation''s funder' USING ERRCODE = 'check_violation';
  END IF;
  new.at := statement_timestamp(); new.decided_by_id := NULL; new.decided_at := NULL; new.booked_at := NULL;
  new.state := 'waiting';
  below := ({_HELD}) >= new.minor + CASE WHEN new.reverses_id IS NULL THEN ({_PARTS}) ELSE 0 END;
  IF below THEN new.state := 'booked'; new.booked_at := statement_timestamp(); END IF;
  RETURN new;"""
# What an expense waits for is somebody else's answer to the question about this very row.
_DECIDED = f"""
  IF old.state <> 'waiting' OR new.decided_by_id IS DISTINCT FROM {WHO} OR new.decided_by_id = old.by_id
    OR NOT harbour_holds(old.case_id, ARRAY['{Role.COORDINATOR}'])
    OR NOT EXISTS (SELECT FROM relocation_approval p WHERE p.case_id = old.case_id AND p.about = old.id
      AND p.given = (new.state = 'booked')
      AND p.what = 'expense.book' AND p.decided_by_id = new.decided_by_id) THEN
    RAISE EXCEPTION 'an expense is agreed to once, by somebody else' USING ERRCODE = 'insufficient_privilege';
  END IF;
  new.decided_at := statement_timestamp();
  new.booked_at := CASE WHEN new.state = 'booked' THEN statement_timestamp() END;
  RETURN new;"""
EXPENSES = (
    f"REVOKE UPDATE, DELETE ON logistics_expense FROM {APP}; "
    f"GRANT UPDATE (state, booked_at, decided_by_id, decided_at) ON logistics_expense TO {APP}",
    f"REVOKE UPDATE, DELETE ON logistics_casebudget, logistics_receipt FROM {APP}",
    _trigger(
        "expense",
        f"""DECLARE below boolean; BEGIN
  IF NOT ({APP_ACTS}) THEN RETURN new; END IF;
  IF tg_op = 'INSERT' THEN {_ENTERED} END IF; {_DECIDED}
END""",
    ),
    _on("logistics_expense", "expense", "INSERT OR UPDATE"),
)

# For whoever coordinates in the organisation: what each person cost in a quarter that is over, and no word of who they are.
REPORTS = (
    f"""CREATE OR REPLACE FUNCTION harbour_spent(f uuid, since date)
  RETURNS TABLE (person bigint, category text, currency text, minor bigint) LANGUAGE sql STABLE {HEAD}
  SELECT dense_rank() OVER (ORDER BY e.case_id), e.category::text, e.currency::text,
    sum(CASE WHEN e.reverses_id IS NULL THEN e.minor ELSE -e.minor END)::bigint
  FROM logistics_expense e JOIN logistics_funder u ON u.id = e.funder_id
  WHERE e.funder_id = f AND harbour_coordinates_in(u.organisation_id) AND e.state = 'booked'
    AND since = date_trunc('quarter', since) AND since + interval '3 months' <= statement_timestamp()
    AND e.booked_at >= since AND e.booked_at < since + interval '3 months'
  GROUP BY e.case_id, e.category, e.currency $$""",
)

"""Definer functions and triggers: the graph, the witness, the chain, and who may let whom in."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from relocation.safety import guards, trail
from relocation.safety.policy import POLICY, SCOPED, Role

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET TimeZone = 'UTC' AS $$"
RECEIVED_FOR = (POLICY.ends[Role.RECEIVER] or timedelta()).days
DESK_ROLES = ", ".join(f"'{role}'" for role in Role if role not in SCOPED)


def functions(actor: str, admits: Mapping[Role, frozenset[Role]], ends: Mapping[Role, frozenset[Role]]) -> Iterator[str]:
    """Questions that policies ask about rows which the actor may not see; each answers yes, no or one word."""
    live = f"g.user_id = {actor} AND g.expires_at > statement_timestamp() AND NOT g.locked"
    role_of = "JOIN auth_permission p ON p.id = g.permission_id"
    yield _question(
        "office",
        "office text",
        f"EXISTS (SELECT FROM relocation_account a WHERE a.id = {actor} AND a.is_active AND office = ANY (a.offices))",
    )
    yield _question(
        "part",
        "part text",
        f"EXISTS (SELECT FROM relocation_account a WHERE a.id = {actor} AND a.is_active AND a.part = $1)",
    )
    yield _question(
        "sweeps",
        "sweep text",
        f"EXISTS (SELECT FROM relocation_account a WHERE a.id = {actor} "
        "AND a.part = 'system' AND a.username = 'system.' || sweep)",
    )
    yield _question(
        "unborn",
        "c uuid",
        "NOT EXISTS (SELECT FROM relocation_case WHERE id = c) "
        "AND NOT EXISTS (SELECT FROM relocation_tombstone t WHERE t.case_id = c)",
    )
    yield _question(
        "newborn",
        "c uuid",
        f"EXISTS (SELECT FROM relocation_case k WHERE k.id = c "
        f"AND k.created_by_id = {actor} AND k.born_in = pg_current_xact_id()::text::bigint)",
    )
    yield _question(
        "colleague",
        "c uuid",
        f"EXISTS (SELECT FROM relocation_casegrant g {role_of} WHERE g.case_id = c AND {live} AND p.codename IN ({DESK_ROLES}))",
    )
    yield _question(
        "on_call",
        "who uuid, until timestamptz",
        "EXISTS (SELECT FROM relocation_dutyshift s "
        "WHERE s.account_id = who AND now() BETWEEN s.starts_at AND s.ends_at AND s.ends_at >= until)",
    )
    yield _question(
        "holds",
        "c uuid, roles text[]",
        f"EXISTS (SELECT FROM relocation_casegrant g {role_of} WHERE g.case_id = c AND {live} AND p.codename = ANY (roles))",
    )
    # The access custodian lets in anybody else, on the cases of her organisation; a coordinator and a lead let in, and let go,
    # whom the tables say; whoever works on a case may call the people on call to it, as coordinators, until their shift ends,
    # and not send them away. Of another organisation only whom the person's consent covers. The sweeps of check-ins and of
    # burned houses, and of conflicts, call the people on call to a case on which an alarm of their own is open, and nobody else.
    for name, table in (("gives", admits), ("ends", ends)):
        yield _question(
            name,
            "c uuid, permission integer",
            f"harbour_custodian(c) OR EXISTS (SELECT FROM relocation_casegrant g {role_of} "
            f"JOIN auth_permission wanted ON wanted.id = permission WHERE g.case_id = c AND {live} AND ({_over(table)}))",
        )
    yield _question(
        "may_admit",
        "c uuid, permission integer, who uuid, until timestamptz",
        f"(harbour_gives(c, permission) AND harbour_covered(c, permission, who, until)) "
        f"OR ((harbour_on_call(who, until) OR harbour_stands_in(c, who, until)) "
        f"AND EXISTS (SELECT FROM auth_permission WHERE id = permission AND codename = 'coordinator') "
        f"AND (EXISTS (SELECT FROM relocation_casegrant g WHERE g.case_id = c AND {live}) "
        f"OR ((harbour_sweeps('check-ins') OR harbour_sweeps('burned-house') OR harbour_sweeps('conflicts')) "
        f"AND EXISTS (SELECT FROM relocation_alarm a WHERE a.case_id = c AND a.by_id = {actor} AND a.closed_at IS NULL))))",
    )
    yield _word(
        "furthest",
        "c uuid",
        "SELECT state FROM relocation_application WHERE case_id = c AND state IN ('applying', 'lodged', 'granted') "
        f"AND EXISTS (SELECT FROM relocation_casegrant g WHERE g.case_id = c AND {live}) "
        "ORDER BY array_position(ARRAY['granted', 'lodged', 'applying'], state::text) LIMIT 1",
    )
    # Who leads a case or counsels, for telling them: an officer, a host, an escort or the sweep of conflicts causes it and may
    # not see their grants.
    for name, role in (("leads", Role.LEAD), ("lawyers", Role.LAWYER)):
        yield (
            f"CREATE OR REPLACE FUNCTION harbour_{name}(c uuid) RETURNS SETOF uuid LANGUAGE sql STABLE {HEAD} "
            f"SELECT l.user_id FROM relocation_casegrant l JOIN auth_permission lp ON lp.id = l.permission_id "
            f"WHERE l.case_id = c AND lp.codename = '{role}' AND l.expires_at > now() "
            f"AND (harbour_sweeps('conflicts') OR EXISTS (SELECT FROM relocation_casegrant g WHERE g.case_id = c AND {live})) $$"
        )
    yield _word(
        "paper_state",
        "d bytea",
        "SELECT kind || ' ' || version || ' ' || state FROM relocation_paper WHERE code_digest = d "
        "UNION ALL SELECT 'paper 0 revoked' FROM relocation_revokedpaper WHERE code_digest = d",  # erased, and no more is known
    )


def _over(table: Mapping[Role, frozenset[Role]]) -> str:
    """SQL: a role `p` that is over the role `wanted`, as a table says."""
    return " OR ".join(
        f"(p.codename = '{role}' AND wanted.codename IN ({', '.join(repr(str(r)) for r in sorted(taken))}))"
        for role, taken in table.items()
    )


def _question(name: str, arguments: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION harbour_{name}({arguments}) RETURNS boolean LANGUAGE sql STABLE {HEAD} SELECT {body} $$"


def _word(name: str, arguments: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION harbour_{name}({arguments}) RETURNS text LANGUAGE sql STABLE {HEAD} {body} $$"


def triggers(pairs: Mapping[str, Any], initial: Mapping[str, str]) -> Iterator[str]:
    yield _trigger_function(
        "graph", "".join(_column_graph(column, pairs[column], initial[column]) for column in pairs) + " RETURN new;"
    )
    yield _trigger_function("born", BORN)
    yield _trigger_function("witness", WITNESS)
    yield _trigger_function("touch", TOUCH)
    yield _trigger_function("copy", COPY)
    yield _trigger_function("turn", TURN)
    yield from trail.functions()
    yield _trigger_function("chain", trail.CHAIN, "DECLARE last record; ")
    for name, body in guards.bodies().items():
        yield _trigger_function(name, body)
    for table in guards.tables_on_case():
        yield _trigger("envelope", table, "BEFORE UPDATE OF id, case_id, by_id", guards.ENVELOPE_CHANGED)
    yield _trigger("card", "relocation_case", "BEFORE UPDATE")
    yield _trigger("word", "relocation_approval", "BEFORE INSERT OR UPDATE OR DELETE")
    yield _trigger("given", "relocation_casegrant", "BEFORE UPDATE")
    yield _trigger("station", "relocation_account", "BEFORE INSERT")
    yield _trigger("secret", "relocation_account", "BEFORE UPDATE OF password", "old.password IS DISTINCT FROM new.password")
    columns = ", ".join(pairs)
    moved = " OR ".join(f"old.{column} IS DISTINCT FROM new.{column}" for column in pairs)
    yield _trigger("graph", "relocation_case", f"BEFORE INSERT OR UPDATE OF {columns}")
    yield _trigger("born", "relocation_case", "BEFORE INSERT OR UPDATE")
    yield _trigger("copy", "relocation_casegrant", "BEFORE INSERT")
    yield _trigger("turn", "relocation_casegrant", "BEFORE INSERT OR UPDATE OF expires_at")
    yield _trigger("chain", "relocation_ledgerentry", "BEFORE INSERT")
    yield _trigger("touch", "relocation_case", f"AFTER UPDATE OF {columns}", moved)
    yield "DROP TRIGGER IF EXISTS witness ON relocation_case"  # constraint triggers cannot be replaced
    yield (
        f"CREATE CONSTRAINT TRIGGER witness AFTER UPDATE OF {columns} ON relocation_case DEFERRABLE INITIALLY DEFERRED "
        f"FOR EACH ROW WHEN ({moved}) EXECUTE FUNCTION harbour_witness()"
    )


def _trigger_function(name: str, body: str, declare: str = "") -> str:
    return f"CREATE OR REPLACE FUNCTION harbour_{name}() RETURNS trigger LANGUAGE plpgsql {HEAD} {declare}BEGIN {body} END $$"


def _trigger(name: str, table: str, when: str, only: str = "") -> str:
    condition = f"WHEN ({only}) " if only else ""
    return f"CREATE OR REPLACE TRIGGER {name} {when} ON {table} FOR EACH ROW {condition}EXECUTE FUNCTION harbour_{name}()"


def _column_graph(column: str, pairs: Any, initial: str) -> str:
    allowed = ", ".join(f"('{a}','{b}')" for a, b in sorted(pairs))
    return f"""
    IF tg_op = 'INSERT' THEN
      IF new.{column} <> '{initial}' THEN
        RAISE EXCEPTION 'a case cannot begin at %', new.{column} USING ERRCODE = 'check_violation';
      END IF;
    ELSIF new.{column} <> old.{column} AND (old.{column}, new.{column}) NOT IN (VALUES {allowed}) THEN
      RAISE EXCEPTION 'no step leads from % to %', old.{column}, new.{column} USING ERRCODE = 'check_violation';
    END IF;"""


# Whoever bears a case writes every compartment in that one transaction; a birth that could be told anew would open them again.
BORN = """
  IF tg_op = 'INSERT' THEN
    new.born_in := pg_current_xact_id()::text::bigint;
  ELSE
    new.id := old.id; new.born_in := old.born_in; new.created_by_id := old.created_by_id;
  END IF;
  RETURN new;"""

WITNESS = """
  IF NOT EXISTS (SELECT FROM relocation_ledgerentry l WHERE l.case_id = new.id AND l.stage = new.stage
                 AND l.standing = new.standing AND l.txid = pg_current_xact_id()::text::bigint) THEN
    RAISE EXCEPTION 'a case moved without a ledger entry' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;"""

# A case that falls silent keeps its version and its place in the list, or the list would tell. Whoever receives stays for a
# while after the arrival that happens, however early or late it is, and whoever says so.
TOUCH = f"""
  UPDATE relocation_casegrant SET stage = new.stage, standing = new.standing,
    last_activity_at = CASE WHEN new.version = old.version THEN last_activity_at ELSE now() END WHERE case_id = new.id;
  IF old.stage = 'travelling' AND new.stage = 'resettled' THEN
    UPDATE relocation_casegrant g SET expires_at = now() + interval '{RECEIVED_FOR} days' FROM auth_permission p
    WHERE g.case_id = new.id AND p.id = g.permission_id AND p.codename = '{Role.RECEIVER}' AND g.expires_at > now();
  END IF;
  RETURN NULL;"""

# Whoever is let in later begins with the case as it is; one that is being born has no row yet.
COPY = """
  SELECT stage, standing INTO new.stage, new.standing FROM relocation_case WHERE id = new.case_id;
  new.stage := coalesce(new.stage, 'referred'); new.standing := coalesce(new.standing, 'active');
  new.locked := harbour_locked(new.case_id, new.user_id);
  RETURN new;"""

# One person's grants on a case are given and ended one after another: two at once would wait for each other in the constraint.
TURN = """
  PERFORM pg_advisory_xact_lock(hashtextextended(new.case_id::text || new.user_id::text, 11));
  RETURN new;"""

"""What the database itself does when a case is erased or a kind of record goes: in one transaction, as its owner, for few.

The tables are named when the walls are laid. Nothing here is reversible; who may ask stands in `ERASE` and `EXPIRE`.
"""

from collections.abc import Iterator

from relocation.safety.guards import WHO
from relocation.safety.retention import ENDED, GRACE, KINDS, LAST, WARNED_BEFORE, tables

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET TimeZone = 'UTC' AS $$"
SWEEP = "retention"
OVER = ", ".join(f"'{stage}'" for stage in ENDED)
SENT = "'ready', 'superseded', 'revoked'"  # states of a paper whose code may be in somebody's hands


PAPERS = f"""
  INSERT INTO relocation_revokedpaper (id, code_digest) SELECT gen_random_uuid(), code_digest FROM relocation_paper
    WHERE case_id = c AND code_digest IS NOT NULL AND state IN ({SENT}) ON CONFLICT DO NOTHING;
  DELETE FROM relocation_papersubject WHERE paper_id IN (SELECT id FROM relocation_paper WHERE case_id = c);"""
# Somebody else's paper on which the erased person stands too: they need a new one.
SHARED = """
  UPDATE relocation_paper SET state = 'revoked', content = NULL, body = NULL, password = NULL, code = NULL, sha256 = NULL
    WHERE id IN (SELECT paper_id FROM relocation_papersubject WHERE case_id = c);"""
# A leg goes with what changed on it once nobody else sits on it or may have to.
THEIRS = """
  SELECT array_agg(leg_id) INTO legs FROM (SELECT leg_id FROM logistics_seat WHERE case_id = c
    UNION SELECT leg_id FROM logistics_alternate WHERE case_id = c) theirs;"""
LEGS = """
  SELECT array_agg(l.id) INTO legs FROM logistics_leg l WHERE l.id = ANY (legs)
    AND NOT EXISTS (SELECT FROM logistics_seat s WHERE s.leg_id = l.id)
    AND NOT EXISTS (SELECT FROM logistics_alternate a WHERE a.leg_id = l.id);
  DELETE FROM logistics_change WHERE leg_id = ANY (legs); DELETE FROM logistics_seen WHERE leg_id = ANY (legs);
  DELETE FROM logistics_leg WHERE id = ANY (legs);"""

OPEN = "NOT EXISTS (SELECT FROM relocation_lock k WHERE k.scope = 'case' AND k.subject_id = c AND k.lifted_at IS NULL)"
# Whose case it is, the coordinator with a second person's word for exactly this; the sweep when time has run out; the owner, who
# erases again what an old backup brought back.
MAY = f"""session_user = 'harbour_owner'
    OR (why = 'retention' AND harbour_sweeps('{SWEEP}') AND harbour_run_out(c, '{LAST}'))
    OR (why <> 'retention' AND {OPEN} AND harbour_holds(c, ARRAY['coordinator']) AND EXISTS (
      SELECT FROM relocation_approval a WHERE a.case_id = c AND a.what = 'erase.' || why AND a.by_id = {WHO} AND a.given
        AND a.expires_at > statement_timestamp())
      AND (why = 'demand' OR subject.stage IN ({OVER}) OR subject.standing IN ('withdrawn', 'deceased')))"""

ERASE = f"""CREATE OR REPLACE FUNCTION harbour_erase(c uuid, why text) RETURNS boolean LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE subject record; named text[];
  BEGIN
    SELECT * INTO subject FROM relocation_case WHERE id = c FOR UPDATE;
    IF NOT FOUND THEN RETURN false; END IF;
    IF ({MAY}) IS NOT TRUE THEN
      RAISE EXCEPTION 'this case may not be erased now' USING ERRCODE = 'insufficient_privilege';
    END IF;
    named := harbour_named(c);
    INSERT INTO relocation_tombstone (case_id, why, by) VALUES (c, why, {WHO}) ON CONFLICT DO NOTHING;
    INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, detail)
      VALUES (gen_random_uuid(), c, {WHO}, 'case.erased', '', '', why);
    PERFORM harbour_wipe(c, '{LAST}');
    DELETE FROM relocation_breakglass WHERE grant_id IN (SELECT id FROM relocation_casegrant WHERE case_id = c);
    DELETE FROM relocation_honey WHERE case_id = c;
    DELETE FROM relocation_grantreview WHERE grant_id IN (SELECT id FROM relocation_casegrant WHERE case_id = c);
    DELETE FROM relocation_casegrant WHERE case_id = c;
    DELETE FROM relocation_referralfile WHERE c = ANY (added);
    DELETE FROM relocation_lock k WHERE k.scope = 'case' AND k.subject_id = c;
    DELETE FROM relocation_filelink f WHERE f.about::text = ANY (named);
    DELETE FROM relocation_outbox o WHERE EXISTS (SELECT FROM jsonb_each_text(o.ids) v WHERE v.value = ANY (named));
    DELETE FROM relocation_case WHERE id = c;
    DELETE FROM relocation_household h WHERE h.id = subject.household_id
      AND NOT EXISTS (SELECT FROM relocation_case k WHERE k.household_id = h.id);
    RETURN true;
  END $$"""

RUN_OUT = f"""CREATE OR REPLACE FUNCTION harbour_run_out(c uuid, what text) RETURNS boolean LANGUAGE sql STABLE {HEAD}
  SELECT EXISTS (SELECT FROM relocation_expiry e JOIN relocation_case k ON k.id = e.case_id
    WHERE e.case_id = c AND e.kind = what AND e.gone_at IS NULL AND k.stage IN ({OVER})
    AND e.goes_at <= statement_timestamp() AND {OPEN}
    AND NOT EXISTS (SELECT FROM relocation_keeping p WHERE p.case_id = c AND p.kind = what
      AND p.until + {GRACE} >= current_date)) $$"""

# Whoever keeps something for the second time needs somebody else's word, which serves once.
MAY_KEEP = f"""CREATE OR REPLACE FUNCTION harbour_may_keep(c uuid, what text, word uuid) RETURNS boolean
  LANGUAGE sql STABLE {HEAD}
  SELECT NOT EXISTS (SELECT FROM relocation_keeping p WHERE p.case_id = c AND p.kind = what)
    OR EXISTS (SELECT FROM relocation_approval a WHERE a.id = word AND a.case_id = c AND a.what = 'keep.longer'
      AND a.by_id = {WHO} AND a.given) $$"""

DAYS = ", ".join(f"('{name}', {kind.days})" for name, kind in KINDS.items())
# What ended is counted from the moment it ended; whoever was not warned for a month, since nothing swept, is warned first.
EXPIRE = f"""CREATE OR REPLACE FUNCTION harbour_expire() RETURNS TABLE (gone uuid, what text) LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE late record;
  BEGIN
    IF NOT harbour_sweeps('{SWEEP}') THEN
      RAISE EXCEPTION 'only the sweep looks at what runs out' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('{SWEEP}', 7));
    DELETE FROM relocation_expiry e USING relocation_case k WHERE k.id = e.case_id
      AND (k.stage NOT IN ({OVER}) OR e.at < k.stage_since);
    WITH warned AS (
      INSERT INTO relocation_expiry (id, case_id, by_id, kind, goes_at)
      SELECT gen_random_uuid(), k.id, {WHO}, r.kind,
        greatest(k.stage_since + make_interval(days => r.days), statement_timestamp() + interval '{WARNED_BEFORE} days')
        + interval '{GRACE} days'
      FROM relocation_case k CROSS JOIN (VALUES {DAYS}) AS r (kind, days)
      WHERE k.stage IN ({OVER}) AND k.stage_since + make_interval(days => r.days - {WARNED_BEFORE}) <= statement_timestamp()
      ON CONFLICT (case_id, kind) DO NOTHING RETURNING id, case_id, kind)
    INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, about, detail)
      SELECT gen_random_uuid(), case_id, {WHO}, 'retention.warned', '', '', id, kind FROM warned;
    FOR late IN SELECT e.id, e.case_id, e.kind FROM relocation_expiry e WHERE harbour_run_out(e.case_id, e.kind)
        ORDER BY e.kind = '{LAST}' LOOP
      IF late.kind = '{LAST}' THEN
        PERFORM harbour_erase(late.case_id, 'retention');
      ELSE
        PERFORM harbour_wipe(late.case_id, late.kind);
        UPDATE relocation_expiry SET gone_at = statement_timestamp() WHERE id = late.id;
        INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, about, detail)
          VALUES (gen_random_uuid(), late.case_id, {WHO}, 'retention.gone', '', '', late.id, late.kind);
      END IF;
      gone := late.case_id; what := late.kind; RETURN NEXT;
    END LOOP;
  END $$"""


def functions() -> Iterator[str]:
    """Lay them; which rows there are of a case, their removal, and whether time ran out is asked by the others alone."""
    rows = " UNION ALL ".join(f"SELECT id FROM {table} WHERE case_id = c" for table in tables(LAST))
    yield (
        f"CREATE OR REPLACE FUNCTION harbour_named(c uuid) RETURNS text[] LANGUAGE sql STABLE {HEAD} "
        f"SELECT array_append(array_agg(id::text), c::text) FROM ({rows}) AS found (id) $$"
    )
    branches = "".join(f"IF what = '{name}' THEN {_removal(name)} END IF; " for name in KINDS)
    yield (
        f"CREATE OR REPLACE FUNCTION harbour_wipe(c uuid, what text) RETURNS void LANGUAGE plpgsql VOLATILE {HEAD} "
        f"DECLARE legs uuid[]; BEGIN {branches} END $$"
    )
    yield from (RUN_OUT, MAY_KEEP, ERASE, EXPIRE)
    for signature in ("harbour_named(uuid)", "harbour_wipe(uuid, text)", "harbour_run_out(uuid, text)"):
        yield f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC"


def _removal(kind: str) -> str:
    """The statements that remove one kind; keys of rows are checked when the transaction ends, so any order will do."""
    names = list(tables(kind))
    lines = [PAPERS] if "relocation_paper" in names else []
    lines += [SHARED] if "relocation_papersubject" in names else []
    seated = "logistics_seat" in names
    lines += [THEIRS] if seated else []
    lines += [f"DELETE FROM {name} WHERE case_id = c;" for name in names]
    return "".join([*lines, *([LEGS] if seated else [])])

"""What the database itself answers about the ledger, so that no entry leaves it: the heads of chains, and what does not hold.

Only an auditor and the sweep that makes anchors may ask.
"""

from collections.abc import Iterator

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET TimeZone = 'UTC' AS $$"
SWEEP = "anchors"
MAY_ASK = f"harbour_office('auditor') OR harbour_sweeps('{SWEEP}')"

# An explicit, versioned list of columns, in UTC: see docs/decisions. Python can compute the same line.
WORDS = """jsonb_build_array('v1', e.id, e.case_id, e.seq, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
    e.actor_id, e.what, e.stage, e.standing, e.about, e.detail, encode(sha256(e.reason), 'hex'))::text"""

LINE = f"""CREATE OR REPLACE FUNCTION harbour_line(e relocation_ledgerentry) RETURNS text LANGUAGE sql STABLE {HEAD}
  SELECT {WORDS} $$"""

CHAIN = """
  PERFORM pg_advisory_xact_lock(hashtextextended(new.case_id::text, 7));
  SELECT seq, hash INTO last FROM relocation_ledgerentry WHERE case_id = new.case_id ORDER BY seq DESC LIMIT 1;
  new.seq := coalesce(last.seq, 0) + 1;
  new.prev := coalesce(last.hash, ''::bytea);
  new.at := clock_timestamp();
  new.txid := pg_current_xact_id()::text::bigint;
  new.hash := sha256(new.prev || convert_to(harbour_line(new), 'UTF8'));
  RETURN new;"""

# The line is written out here: a call for each entry would cost more than the hash.
FIRST_BAD = f"""
  SELECT DISTINCT ON (case_id) * FROM (
    SELECT e.case_id, e.seq, e.at, e.prev, row_number() OVER chain AS place, lag(e.hash) OVER chain AS before,
      e.prev = coalesce(lag(e.hash) OVER chain, ''::bytea) AS linked,
      e.hash = sha256(e.prev || convert_to({WORDS}, 'UTF8')) AS own
    FROM relocation_ledgerentry e WINDOW chain AS (PARTITION BY e.case_id ORDER BY e.seq)
  ) links WHERE seq <> place OR linked IS NOT TRUE OR own IS NOT TRUE ORDER BY case_id, seq"""

# What was done to a chain is read from its first link that does not hold and from the entries around it.
BROKEN = f"""CREATE OR REPLACE FUNCTION harbour_broken(OUT chain uuid, OUT number bigint, OUT written timestamptz, OUT wrong text)
  LANGUAGE plpgsql STABLE {HEAD}
  DECLARE bad record; past bigint;
  BEGIN
    PERFORM harbour_may_audit();
    SELECT * INTO bad FROM ({FIRST_BAD}) firsts ORDER BY at LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    chain := bad.case_id; number := bad.seq; written := bad.at;
    IF bad.seq > bad.place THEN wrong := 'deleted'; RETURN; END IF;
    IF bad.seq < bad.place OR EXISTS (SELECT FROM relocation_ledgerentry n WHERE n.case_id = bad.case_id
        AND n.seq = bad.seq + 1 AND n.prev = coalesce(bad.before, ''::bytea)) THEN wrong := 'inserted'; RETURN; END IF;
    IF bad.linked THEN wrong := 'edited'; RETURN; END IF;
    SELECT p.seq INTO past FROM relocation_ledgerentry p WHERE p.case_id = bad.case_id AND p.hash = bad.prev LIMIT 1;
    IF bad.prev = ''::bytea THEN past := 0; END IF;
    IF past < bad.seq THEN wrong := 'inserted'; number := past + 1;
    ELSIF past IS NOT NULL THEN wrong := 'reordered';
    ELSIF bad.own THEN wrong := 'rechained'; number := bad.seq - 1;
    ELSE wrong := 'deleted';
    END IF;
  END $$"""

MAY = f"""CREATE OR REPLACE FUNCTION harbour_may_audit() RETURNS void LANGUAGE plpgsql STABLE {HEAD}
  BEGIN
    IF NOT ({MAY_ASK}) THEN
      RAISE EXCEPTION 'only an auditor asks this of the ledger' USING ERRCODE = 'insufficient_privilege';
    END IF;
  END $$"""

HEADS = f"""CREATE OR REPLACE FUNCTION harbour_heads() RETURNS TABLE (chain uuid, number bigint, entries bigint, hash bytea)
  LANGUAGE plpgsql STABLE {HEAD}
  BEGIN
    PERFORM harbour_may_audit();
    RETURN QUERY SELECT e.case_id, e.seq, c.entries, e.hash
      FROM (SELECT l.case_id, max(l.seq) AS seq, count(*) AS entries FROM relocation_ledgerentry l GROUP BY l.case_id) c
      JOIN relocation_ledgerentry e ON e.case_id = c.case_id AND e.seq = c.seq;
  END $$"""

# An anchored head that is no longer there, or no longer says the same; asked anchor by anchor, the oldest first.
UNHELD = f"""CREATE OR REPLACE FUNCTION harbour_unheld(chains uuid[], numbers bigint[], hashes bytea[])
  RETURNS TABLE (chain uuid, number bigint, written timestamptz, wrong text) LANGUAGE plpgsql STABLE {HEAD}
  BEGIN
    PERFORM harbour_may_audit();
    RETURN QUERY SELECT a.chain, a.number, e.at, CASE WHEN e.id IS NULL THEN 'truncated' ELSE 'rechained' END
      FROM unnest(chains, numbers, hashes) AS a (chain, number, hash)
      LEFT JOIN relocation_ledgerentry e ON e.case_id = a.chain AND e.seq = a.number
      WHERE e.hash IS DISTINCT FROM a.hash ORDER BY a.chain LIMIT 1;
  END $$"""


def functions() -> Iterator[str]:
    """The questions; the walls lay them again after every migrate."""
    yield from (LINE, MAY, BROKEN, HEADS, UNHELD)

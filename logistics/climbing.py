"""The check-in ladder inside the database, by its clock alone: when a word is due, who is late, and one rung at a time.

The sweep of check-ins may ask, and sees no row of any case; what it does is written here and nowhere else. A rung is told
once, since plan, moment and rung are one key. After a time in which nothing swept only the highest rung that is due is told;
those below it are noted as passed over. Contact counts as lost only once the people on call have had their time.
"""

from relocation.safety.actor import system_account
from relocation.safety.triggers import HEAD

SWEEP = "check-ins"
SYSTEM = system_account(SWEEP)
GRACE, SECOND_CHANNEL, ON_CALL, LAWYER = range(4)
OVER_STAGES, OVER_STANDINGS = ("declined", "closed"), ("withdrawn", "deceased")
# Elsewhere everybody knows already, or nobody has to be heard from.
CLIMBS = "'active', 'on_hold', 'compromised'"
_stages, _standings = ("', '".join(names) for names in (OVER_STAGES, OVER_STANDINGS))
CODES = ("ladder.grace", "ladder.second_channel", "ladder.on_call", "ladder.lawyer")
_CODES = ", ".join(f"'{code}'" for code in CODES)
_SWEEP_ALONE = f"""IF NOT harbour_sweeps('{SWEEP}') THEN
      RAISE EXCEPTION 'only the sweep looks at check-ins' USING ERRCODE = 'insufficient_privilege'; END IF;"""

# When the next word is due, or NULL once the plan asks for none. Whoever cannot speak at that hour is due when their window
# closes before it, if half of the time has gone by then; else when it opens next. A window may reach over midnight.
DUE = """CREATE OR REPLACE FUNCTION harbour_due(begins timestamptz, ends timestamptz, heard timestamptz, hours integer,
    zone text, opens time, closes time) RETURNS timestamptz LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
  DECLARE due timestamptz := begins; opening interval; width interval; word timestamp; wanted timestamp;
    day timestamp;
  BEGIN
    IF heard >= begins THEN
      due := (heard AT TIME ZONE zone + make_interval(days => hours / 24)) AT TIME ZONE zone
        + make_interval(hours => hours % 24);
      IF opens IS NOT NULL THEN
        opening := opens::interval;
        width := closes::interval - opening + CASE WHEN closes < opens THEN interval '24 hours' ELSE interval '0' END;
        word := heard AT TIME ZONE zone - opening;
        wanted := due AT TIME ZONE zone - opening;
        day := date_trunc('day', wanted);
        IF wanted - day > width THEN
          wanted := CASE WHEN day + width - word >= (wanted - word) / 2 THEN day + width ELSE day + interval '24 hours' END;
          due := (wanted + opening) AT TIME ZONE zone;
        END IF;
      END IF;
    END IF;
    RETURN CASE WHEN due > ends THEN NULL ELSE due END;
  END $$"""

# The plan that counts of one case (NULL: of each), as far as whoever asks may see: the way's while it lasts, else the person's.
WATCHED = f"""CREATE OR REPLACE FUNCTION harbour_watched(c uuid)
    RETURNS TABLE (case_id uuid, plan_id uuid, due_at timestamptz, heard_at timestamptz)
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT ON (p.case_id) p.case_id, p.id, d.due, h.heard
  FROM relocation_checkinplan p JOIN relocation_case k ON k.id = p.case_id
  CROSS JOIN LATERAL (SELECT max(i.at) AS heard FROM logistics_checkin i WHERE i.case_id = p.case_id AND i.outcome = 'heard') h
  CROSS JOIN LATERAL (SELECT harbour_due(p.starts_at, p.ends_at, h.heard, p.every_hours, p.zone, p.opens_at, p.closes_at)) d (due)
  WHERE (c IS NULL OR p.case_id = c) AND k.stage NOT IN ('{_stages}') AND k.standing NOT IN ('{_standings}')
    AND d.due IS NOT NULL AND (p.about IS NULL OR (p.starts_at <= statement_timestamp()
      AND EXISTS (SELECT FROM logistics_passage w WHERE w.id = p.about AND w.state IN ('planned', 'confirmed'))))
    AND NOT EXISTS (SELECT FROM relocation_checkinplan n WHERE n.case_id = p.case_id AND n.about IS NOT DISTINCT FROM p.about
      AND n.at > p.at)
  ORDER BY p.case_id, p.about IS NULL, p.at DESC $$"""

# Whose grace is over, and the highest rung that is due. The last one waits until the people on call have had their time.
LATE = f"""CREATE OR REPLACE FUNCTION harbour_late(c uuid)
    RETURNS TABLE (case_id uuid, plan_id uuid, due_at timestamptz, rung integer) LANGUAGE sql STABLE {HEAD}
  SELECT w.case_id, w.plan_id, w.due_at, CASE WHEN r.rung < {LAWYER} OR EXISTS (SELECT FROM logistics_rung f
      WHERE f.plan_id = w.plan_id AND f.due_at = w.due_at AND f.rung = {ON_CALL} AND f.told
      AND f.at + make_interval(mins => p.step_minutes) <= statement_timestamp()) THEN r.rung ELSE {ON_CALL} END
  FROM harbour_watched(c) w JOIN relocation_checkinplan p ON p.id = w.plan_id JOIN relocation_case k ON k.id = w.case_id
  CROSS JOIN LATERAL (SELECT least({LAWYER}, floor(extract(epoch FROM statement_timestamp() - w.due_at) / 60 - p.grace_minutes)
    ::integer / p.step_minutes) AS rung) r
  WHERE k.standing IN ({CLIMBS}) AND w.due_at + make_interval(mins => p.grace_minutes) <= statement_timestamp() $$"""

# A rung is answered once the person was heard from at or after the moment at which a word was due.
ANSWERED = """EXISTS (SELECT FROM logistics_checkin i WHERE i.case_id = r.case_id AND i.outcome = 'heard' AND i.at >= r.due_at)"""

MISSED = f"""CREATE OR REPLACE FUNCTION harbour_missed() RETURNS SETOF uuid LANGUAGE plpgsql STABLE {HEAD}
  BEGIN
    {_SWEEP_ALONE}
    RETURN QUERY SELECT l.case_id FROM harbour_late(NULL) l WHERE NOT EXISTS (SELECT FROM logistics_rung f
        WHERE f.plan_id = l.plan_id AND f.due_at = l.due_at AND f.rung >= l.rung)
      UNION SELECT r.case_id FROM logistics_rung r WHERE r.answered_at IS NULL AND {ANSWERED};
  END $$"""

# What the sweep may leave behind: an entry, an alarm with its day, a job. Nobody else calls these.
_NOTE = f"""CREATE OR REPLACE FUNCTION harbour_ladder_note(c uuid, said text, number uuid, told text) RETURNS void
  LANGUAGE sql VOLATILE {HEAD}
  INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, about, detail)
    VALUES (gen_random_uuid(), c, '{SYSTEM}', said, '', '', number, told) $$"""
_TELL = f"""CREATE OR REPLACE FUNCTION harbour_ladder_tell(c uuid, job text, number uuid, named text) RETURNS void
  LANGUAGE sql VOLATILE {HEAD}
  INSERT INTO relocation_outbox (kind, ids, originator_id, key, attempts, failed)
    VALUES (job, jsonb_build_object('case', c::text, named, number::text), '{SYSTEM}', job || ':' || number, 0, '')
    ON CONFLICT DO NOTHING $$"""
_ALARM = f"""CREATE OR REPLACE FUNCTION harbour_ladder_alarm(c uuid, why text) RETURNS void LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE number uuid := gen_random_uuid();
  BEGIN
    INSERT INTO relocation_alarm (id, case_id, at, by_id, kind) VALUES (number, c, statement_timestamp(), '{SYSTEM}', why);
    INSERT INTO relocation_deadline (id, case_id, at, by_id, kind, what, due_at)
      VALUES (gen_random_uuid(), c, statement_timestamp(), '{SYSTEM}', 'alarm', why, statement_timestamp() + interval '24 hours');
    PERFORM harbour_ladder_note(c, 'alarm.raised', number, why);
    PERFORM harbour_ladder_tell(c, 'tell_on_call', number, 'alarm');
    PERFORM harbour_ladder_tell(c, 'ring_on_call', number, 'alarm');
  END $$"""

# Contact is lost, as the step `lose_contact` says it: the one move that a sweep makes.
_LOSE = f"""CREATE OR REPLACE FUNCTION harbour_ladder_lose(c uuid) RETURNS void LANGUAGE plpgsql VOLATILE {HEAD}
  BEGIN
    UPDATE relocation_case SET standing = 'lost_contact', standing_since = statement_timestamp(), version = version + 1
      WHERE id = c AND standing IN ({CLIMBS});
    INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, detail)
      SELECT gen_random_uuid(), c, '{SYSTEM}', 'step.lose_contact', k.stage, k.standing, '' FROM relocation_case k WHERE k.id = c;
    PERFORM harbour_ladder_alarm(c, 'lost');
  END $$"""

# The person was heard from after all: those who were told hear so, once, and the alarm of the missed check-in is settled.
_EASE = f"""CREATE OR REPLACE FUNCTION harbour_ladder_ease(c uuid) RETURNS integer LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE eased uuid[]; settled uuid;
  BEGIN
    WITH done AS (UPDATE logistics_rung r SET answered_at = statement_timestamp()
      WHERE r.case_id = c AND r.answered_at IS NULL AND {ANSWERED} RETURNING r.id, r.told)
    SELECT array_agg(id) INTO eased FROM done WHERE told;
    IF eased IS NULL THEN RETURN 0; END IF;
    UPDATE relocation_alarm SET closed_at = statement_timestamp(), closed_by_id = '{SYSTEM}'
      WHERE case_id = c AND kind = 'missed' AND closed_at IS NULL;
    FOR settled IN UPDATE relocation_deadline SET done_at = statement_timestamp(), done_by_id = '{SYSTEM}'
        WHERE case_id = c AND kind = 'alarm' AND what = 'missed' AND done_at IS NULL RETURNING id LOOP
      PERFORM harbour_ladder_note(c, 'deadline.done', settled, 'alarm missed');
    END LOOP;
    PERFORM harbour_ladder_note(c, 'ladder.answered', eased[1], '');
    PERFORM harbour_ladder_tell(c, 'tell_answered', eased[1], 'rung');
    RETURN 1;
  END $$"""

# One case, while nobody else holds it: what was answered first, then the rung that is due. Returns how much was told.
CLIMB = f"""CREATE OR REPLACE FUNCTION harbour_climb(c uuid) RETURNS integer LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE late record; number uuid := gen_random_uuid(); told integer;
  BEGIN
    {_SWEEP_ALONE}
    PERFORM FROM relocation_case k WHERE k.id = c FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN 0; END IF;
    told := harbour_ladder_ease(c);
    SELECT * INTO late FROM harbour_late(c);
    IF NOT FOUND THEN RETURN told; END IF;
    INSERT INTO logistics_rung (id, case_id, at, by_id, plan_id, due_at, rung, told)
      VALUES (number, c, statement_timestamp(), '{SYSTEM}', late.plan_id, late.due_at, late.rung, true)
      ON CONFLICT (plan_id, due_at, rung) DO NOTHING;
    IF NOT FOUND THEN RETURN told; END IF;
    INSERT INTO logistics_rung (id, case_id, at, by_id, plan_id, due_at, rung, told)
      SELECT gen_random_uuid(), c, statement_timestamp(), '{SYSTEM}', late.plan_id, late.due_at, below, false
      FROM generate_series(0, late.rung - 1) below ON CONFLICT (plan_id, due_at, rung) DO NOTHING;
    PERFORM harbour_ladder_note(c, (ARRAY[{_CODES}])[late.rung + 1], number, '');
    IF late.rung = {ON_CALL} THEN PERFORM harbour_ladder_alarm(c, 'missed'); END IF;
    IF late.rung = {LAWYER} THEN PERFORM harbour_ladder_lose(c); END IF;
    PERFORM harbour_ladder_tell(c, 'tell_rung', number, 'rung');
    RETURN told + 1;
  END $$"""

# Whom a rung tells: who answers for the plan, then everybody who writes the card, then their coordinators while the people on
# call are woken by the alarm, then the lawyers too. Once it is answered, everybody whom any rung of that moment told.
TELLS = f"""CREATE OR REPLACE FUNCTION harbour_rung_tells(number uuid, upwards boolean) RETURNS SETOF uuid
  LANGUAGE plpgsql STABLE {HEAD}
  BEGIN
    {_SWEEP_ALONE}
    RETURN QUERY SELECT DISTINCT g.user_id FROM logistics_rung r JOIN relocation_checkinplan p ON p.id = r.plan_id
      JOIN logistics_rung f ON f.id = r.id OR (NOT upwards AND f.plan_id = r.plan_id AND f.due_at = r.due_at AND f.told)
      JOIN relocation_casegrant g ON g.case_id = r.case_id AND g.expires_at > statement_timestamp()
      JOIN auth_permission q ON q.id = g.permission_id
      WHERE r.id = number AND CASE f.rung
        WHEN {GRACE} THEN
          CASE WHEN harbour_answers(r.case_id, p.owner_id) THEN g.user_id = p.owner_id ELSE q.codename = 'lead' END
        WHEN {LAWYER} THEN q.codename IN ('lead', 'worker', 'coordinator', 'lawyer')
        ELSE q.codename IN ('lead', 'worker', 'coordinator') END;
  END $$"""
_ANSWERS = f"""CREATE OR REPLACE FUNCTION harbour_answers(c uuid, who uuid) RETURNS boolean LANGUAGE sql STABLE {HEAD}
  SELECT EXISTS (SELECT FROM relocation_casegrant g JOIN relocation_account a ON a.id = g.user_id AND a.is_active
    WHERE g.case_id = c AND g.user_id = who AND g.expires_at > statement_timestamp()) $$"""

_INNER = (
    "late(uuid)", "ladder_note(uuid, text, uuid, text)", "ladder_tell(uuid, text, uuid, text)", "ladder_alarm(uuid, text)",
    "ladder_lose(uuid)", "ladder_ease(uuid)", "answers(uuid, uuid)",
)  # fmt: skip
STATEMENTS = (
    DUE, WATCHED, LATE, MISSED, _NOTE, _TELL, _ALARM, _LOSE, _EASE, CLIMB, _ANSWERS, TELLS,
    *(f"REVOKE EXECUTE ON FUNCTION harbour_{name} FROM PUBLIC" for name in _INNER),
)  # fmt: skip

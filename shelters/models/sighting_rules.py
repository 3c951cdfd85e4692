"""What the database does when a pursuer's car was seen: one alarm for the case and the sighting, and the host learns nothing."""

from relocation.models.pursuit import CONFLICTS, SWEEP
from relocation.safety.triggers import HEAD
from shelters.models.stay_rules import AHEAD

# Where the person sleeps or is expected there, the alarm says so.
_HERE = f"""EXISTS (SELECT FROM shelters_sighting g JOIN shelters_stay s ON s.house_id = g.house_id WHERE g.id = sighting
      AND s.case_id = c AND {AHEAD})"""
SEEN = f"""CREATE OR REPLACE FUNCTION harbour_pursuer_seen(c uuid, sighting uuid) RETURNS boolean
  LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE number uuid := gen_random_uuid(); why text;
  BEGIN
    IF NOT harbour_sweeps('{SWEEP}') THEN RETURN false; END IF;
    PERFORM FROM relocation_case k WHERE k.id = c AND k.standing <> 'deceased' AND k.stage NOT IN ('closed', 'declined')
      FOR NO KEY UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM relocation_deadline d WHERE d.case_id = c AND d.about = sighting) THEN
      RETURN false;
    END IF;
    why := CASE WHEN {_HERE} THEN 'seen_here' ELSE 'seen' END;
    INSERT INTO relocation_alarm (id, case_id, at, by_id, kind) VALUES (number, c, statement_timestamp(), '{CONFLICTS}', why);
    INSERT INTO relocation_deadline (id, case_id, at, by_id, kind, what, about, due_at) VALUES (gen_random_uuid(), c,
      statement_timestamp(), '{CONFLICTS}', 'alarm', why, sighting, statement_timestamp() + interval '24 hours');
    PERFORM harbour_note(c, 'alarm.raised', number, why);
    INSERT INTO relocation_outbox (kind, ids, originator_id, key, attempts, failed)
      SELECT kind, jsonb_build_object('case', c::text, 'alarm', number::text), '{CONFLICTS}', kind || ':' || number, 0, ''
      FROM unnest(ARRAY['tell_on_call', 'ring_on_call', 'tell_lead']) kind;
    RETURN true;
  END $$"""

# Who has a bed in a house, as cases: only to see whether whoever comes to keep it is one whom they fear.
CASES_IN = f"""CREATE OR REPLACE FUNCTION harbour_cases_in(in_house uuid) RETURNS SETOF uuid LANGUAGE sql STABLE {HEAD}
  SELECT DISTINCT s.case_id FROM shelters_stay s WHERE harbour_sweeps('{SWEEP}') AND s.house_id = in_house
    AND {AHEAD} $$"""

STATEMENTS = (SEEN, CASES_IN)

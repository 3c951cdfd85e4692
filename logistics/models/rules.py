"""What the database itself does about legs: it moves the ends of grants with the arrival, and gives back holds that ran out."""

from datetime import timedelta

from relocation.safety.actor import system_account
from relocation.safety.policy import POLICY, Role
from relocation.safety.triggers import HEAD
from relocation.safety.walls import ACTOR

SWEEP = "holds"
AFTER_ARRIVAL = 12  # hours
RECEIVED_FOR = (POLICY.ends[Role.RECEIVER] or timedelta()).days
LIVE = "g.expires_at > statement_timestamp()"
TERM = f"CASE p.codename WHEN '{Role.ESCORT}' THEN interval '{AFTER_ARRIVAL} hours' ELSE interval '{RECEIVED_FOR} days' END"

# Who was let in until a while after the arrival stays until a while after the new one; whoever was let in for less long does not.
MOVED = (
    f"""CREATE OR REPLACE FUNCTION harbour_leg_moved() RETURNS trigger LANGUAGE plpgsql {HEAD} BEGIN
      UPDATE relocation_casegrant g SET expires_at = CASE
          WHEN g.expires_at = old.arrives_at + {TERM} AND harbour_covered(g.case_id, p.id, g.user_id, new.arrives_at + {TERM})
          THEN greatest(new.arrives_at + {TERM}, statement_timestamp())
          ELSE greatest(least(g.expires_at, new.arrives_at + {TERM}), statement_timestamp()) END
      FROM auth_permission p WHERE p.id = g.permission_id AND g.scope = new.id AND {LIVE}
        AND p.codename IN ('{Role.ESCORT}', '{Role.RECEIVER}') AND EXISTS (SELECT FROM logistics_seat s
          WHERE s.leg_id = new.id AND s.case_id = g.case_id AND s.given_up_at IS NULL);
      RETURN NULL; END $$""",
    "CREATE OR REPLACE TRIGGER leg_moved AFTER UPDATE OF arrives_at ON logistics_leg FOR EACH ROW "
    "WHEN (old.arrives_at IS DISTINCT FROM new.arrives_at) EXECUTE FUNCTION harbour_leg_moved()",
)

# What a carrier no longer holds is nobody's seat: the sweep gives it back, and whoever wants a seat on that leg. The ledger of
# the case says so, and a job tells its people, once.
HOLDS_OVER = f"""CREATE OR REPLACE FUNCTION harbour_holds_over(of_leg uuid) RETURNS SETOF uuid LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE gone record; ended record; BEGIN
  IF NOT (harbour_sweeps('{SWEEP}') OR (of_leg IS NOT NULL AND harbour_part('desk'))) THEN RETURN; END IF;
  FOR gone IN UPDATE logistics_seat s SET given_up_at = statement_timestamp()
      WHERE s.given_up_at IS NULL AND s.ticketed_at IS NULL AND s.progress = 'waiting' AND s.held_until <= statement_timestamp()
        AND (of_leg IS NULL OR s.leg_id = of_leg) RETURNING s.id, s.case_id, s.leg_id LOOP
    FOR ended IN UPDATE relocation_casegrant g SET expires_at = statement_timestamp() FROM auth_permission p
        WHERE p.id = g.permission_id AND g.case_id = gone.case_id AND g.scope = gone.leg_id AND {LIVE}
          AND p.codename IN ('{Role.ESCORT}', '{Role.RECEIVER}') RETURNING g.user_id, p.codename LOOP
      PERFORM harbour_note(gone.case_id, 'grant.ended', ended.user_id, ended.codename);
    END LOOP;
    PERFORM harbour_note(gone.case_id, 'seat.ran_out', gone.id, '');
    INSERT INTO relocation_outbox (kind, ids, originator_id, key, attempts, failed)
      VALUES ('hold_over', jsonb_build_object('leg', gone.leg_id, 'case', gone.case_id), '{system_account(SWEEP)}',
              'hold_over:' || gone.id, 0, '') ON CONFLICT DO NOTHING;
    RETURN NEXT gone.id;
  END LOOP; END $$"""

# Whom a leg concerns: who leads somebody on it, its escort and who receives at its end; told to whoever has to do with the leg.
CONCERNED = f"""CREATE OR REPLACE FUNCTION harbour_concerned(of_leg uuid, c uuid) RETURNS SETOF uuid LANGUAGE sql STABLE {HEAD}
  SELECT DISTINCT g.user_id FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id
  WHERE {LIVE} AND (harbour_sweeps('{SWEEP}') OR EXISTS (SELECT FROM logistics_leg l WHERE l.id = of_leg AND l.by_id = {ACTOR})
      OR EXISTS (SELECT FROM logistics_seat o JOIN relocation_casegrant m ON m.case_id = o.case_id
        WHERE o.leg_id = of_leg AND m.user_id = {ACTOR} AND m.expires_at > statement_timestamp()))
    AND ((p.codename IN ('{Role.ESCORT}', '{Role.RECEIVER}') AND g.scope = of_leg)
      OR (p.codename = '{Role.LEAD}' AND (g.case_id = c OR EXISTS (SELECT FROM logistics_seat s
        WHERE s.leg_id = of_leg AND s.case_id = g.case_id AND s.given_up_at IS NULL)))) $$"""

# Who else has a seat on a leg, as cases, but for the person's own household: only for the comparison of names.
OTHERS_ABOARD = f"""CREATE OR REPLACE FUNCTION harbour_others_aboard(of_leg uuid, c uuid)
  RETURNS SETOF uuid LANGUAGE sql STABLE {HEAD}
  SELECT DISTINCT s.case_id FROM logistics_seat s JOIN relocation_case k ON k.id = s.case_id, relocation_case own
  WHERE harbour_sweeps('conflicts') AND own.id = c AND s.leg_id = of_leg AND s.case_id <> c AND s.given_up_at IS NULL
    AND k.household_id IS DISTINCT FROM COALESCE(own.household_id, c) $$"""

# On which legs somebody will travel, or one stands ready, and with which escort: only to see whether who is noted later is there.
LEGS_OF = f"""CREATE OR REPLACE FUNCTION harbour_legs_of(c uuid) RETURNS TABLE (leg uuid, escort uuid, named text)
  LANGUAGE sql STABLE {HEAD}
  SELECT l.id, l.escort_id, coalesce(a.name, '') FROM logistics_leg l LEFT JOIN relocation_account a ON a.id = l.escort_id
  WHERE harbour_sweeps('conflicts') AND l.cancelled_at IS NULL AND l.arrives_at > statement_timestamp() AND (
    EXISTS (SELECT FROM logistics_seat s WHERE s.leg_id = l.id AND s.case_id = c AND s.given_up_at IS NULL)
    OR EXISTS (SELECT FROM logistics_alternate b WHERE b.leg_id = l.id AND b.case_id = c AND b.withdrawn_at IS NULL)) $$"""

STATEMENTS = (*MOVED, HOLDS_OVER, CONCERNED, OTHERS_ABOARD, LEGS_OF)

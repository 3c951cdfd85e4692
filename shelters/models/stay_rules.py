"""What the database itself says about stays: whose bed is taken, and where nobody is placed."""

from relocation.models import Case
from relocation.safety.actor import system_account
from relocation.safety.triggers import HEAD
from relocation.safety.walls import ACTOR
from shelters.models.house import House
from shelters.models.walls import keeps

# Of a stay `s`: a bed is somebody's, or waits for them; and whether it still will be tomorrow.
IN_FORCE = "(s.state IN ('confirmed', 'arrived', 'not_here') OR (s.state = 'held' AND s.held_until > statement_timestamp()))"
AHEAD = f"upper(s.nights) > (statement_timestamp() AT TIME ZONE 'UTC')::date AND {IN_FORCE}"

# Which nights are taken, not by whom: whoever works at a desk sees that a bed is not free, never another's case.
TAKEN_NIGHTS = f"""CREATE OR REPLACE FUNCTION harbour_taken_nights(in_house uuid, since date, until date)
  RETURNS TABLE (taken_bed uuid, night date) LANGUAGE sql STABLE {HEAD}
  SELECT s.bed_id, n::date FROM shelters_stay s,
    generate_series(
      greatest(lower(s.nights), since)::timestamp, (least(upper(s.nights), until) - 1)::timestamp, '1 day'
    ) n
  WHERE harbour_part('desk') AND s.house_id = in_house AND s.nights && daterange(since, until)
    AND (s.state IN ('confirmed', 'arrived') OR (s.state = 'held' AND s.held_until > statement_timestamp())) $$"""

# Who else sleeps in a house on these nights, as cases, but for the person's own household: only for the comparison of names.
OTHERS_THERE = f"""CREATE OR REPLACE FUNCTION harbour_others_there(in_house uuid, c uuid, since date, until date)
  RETURNS SETOF uuid LANGUAGE sql STABLE {HEAD}
  SELECT DISTINCT s.case_id FROM shelters_stay s JOIN relocation_case k ON k.id = s.case_id, relocation_case own
  WHERE harbour_sweeps('conflicts') AND own.id = c AND s.house_id = in_house AND s.case_id <> c
    AND s.nights && daterange(since, until) AND k.household_id IS DISTINCT FROM COALESCE(own.household_id, c)
    AND {IN_FORCE} $$"""

# In which houses a bed waits for somebody, or they sleep: only to see whether whom they bar is there.
HOUSES_OF = f"""CREATE OR REPLACE FUNCTION harbour_houses_of(c uuid) RETURNS SETOF uuid LANGUAGE sql STABLE {HEAD}
  SELECT DISTINCT s.house_id FROM shelters_stay s WHERE harbour_sweeps('conflicts') AND s.case_id = c
    AND {AHEAD} $$"""

# A hold that ran out belongs to nobody. The bed is free, that case's ledger says so, and whoever leads it is told, once.
_RUN_OUT = f"""WITH late AS (SELECT id FROM shelters_stay WHERE %s AND state = 'held' AND held_until <= statement_timestamp() %s),
    gone AS (UPDATE shelters_stay s SET state = 'released' FROM late WHERE s.id = late.id RETURNING s.id, s.case_id),
    told AS (INSERT INTO relocation_outbox (kind, ids, originator_id, key, attempts, failed)
      SELECT 'stay_changed', jsonb_build_object('stay', id, 'case', case_id), '{system_account("holds")}',
        'stay_changed:' || id || ':ran-out', 0, '' FROM gone),
    written AS (INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, about, detail)
      SELECT gen_random_uuid(), case_id, {ACTOR}, 'stay.released', '', '', id, 'ran out' FROM gone)
  SELECT count(*) FROM gone $$"""

_AS = f"RETURNS bigint LANGUAGE sql VOLATILE {HEAD}"
# Whoever wants the bed gives it back, though the case behind it is hidden.
_ON_THIS_BED = ("harbour_part('desk') AND bed_id = wanted", "FOR UPDATE")
GIVE_BACK = f"CREATE OR REPLACE FUNCTION harbour_give_back(wanted uuid) {_AS} {_RUN_OUT % _ON_THIS_BED}"
# The sweep takes them one by one, so that it never waits for one case while another waits for it.
_ONE = ("harbour_sweeps('holds')", "ORDER BY held_until LIMIT 1 FOR UPDATE SKIP LOCKED")
RUN_OUT = f"CREATE OR REPLACE FUNCTION harbour_run_out() {_AS} {_RUN_OUT % _ONE}"

# A house that is kept for women or for men takes whom it suits by their own word; children come with their household. Asked
# from the row of the case as it is, whoever may read it.
_KEPT = (
    f"home.takes IN ('{House.Takes.WOMEN}', '{House.Takes.MEN}') "
    "AND EXISTS (SELECT FROM relocation_case k WHERE k.id = new.case_id"
)
_COMES_ALONG = f"home.takes = '{House.Takes.WOMEN}' AND k.is_minor AND k.household_id IS NOT NULL"

# Nobody new comes into a house that is closed, burned or without a vetted host, nor onto closed nights. Somebody who comes or
# lies there already is not driven out by this: that a person arrived is true whatever became of the house.
FITS = f"""CREATE OR REPLACE FUNCTION harbour_stay_fits() RETURNS trigger LANGUAGE plpgsql {HEAD}
  DECLARE home shelters_house; refused text;
  BEGIN
    SELECT * INTO home FROM shelters_house WHERE id = new.house_id FOR SHARE;
    refused := CASE
      WHEN NOT EXISTS (SELECT FROM shelters_bed b WHERE b.id = new.bed_id AND b.house_id = home.id) THEN 'stay_bed_in_its_house'
      WHEN NOT home.is_open OR home.compromised_at IS NOT NULL THEN 'stay_in_open_house'
      WHEN NOT EXISTS (SELECT FROM shelters_keeper k JOIN shelters_vetting v USING (house_id, account_id)
        WHERE k.house_id = home.id AND v.withdrawn_at IS NULL AND v.renew_by >= current_date) THEN 'stay_with_vetted_host'
      WHEN EXISTS (SELECT FROM shelters_closure c, shelters_bed b
        WHERE b.id = new.bed_id AND c.house_id = home.id AND c.opened_at IS NULL AND c.nights && new.nights
          AND coalesce(c.bed_id, b.id) = b.id AND coalesce(c.room_id, b.room_id) = b.room_id) THEN 'stay_on_open_nights'
      WHEN {_KEPT} AND k.house_for NOT IN ('', '{Case.HouseFor.EITHER}', home.takes)) THEN 'stay_where_it_suits'
      WHEN {_KEPT} AND k.house_for = '' AND NOT ({_COMES_ALONG})) THEN 'stay_once_asked'
      END;
    IF refused IS NOT NULL THEN
      RAISE EXCEPTION 'harbour: %', refused USING ERRCODE = 'check_violation', CONSTRAINT = refused;
    END IF;
    RETURN new;
  END $$"""
ON_COMING = (
    "CREATE OR REPLACE TRIGGER stay_comes BEFORE INSERT ON shelters_stay FOR EACH ROW "
    "WHEN (new.state NOT IN ('left', 'released', 'not_here')) EXECUTE FUNCTION harbour_stay_fits()",
    "CREATE OR REPLACE TRIGGER stay_changes BEFORE UPDATE ON shelters_stay FOR EACH ROW "
    "WHEN (new.bed_id <> old.bed_id OR new.house_id <> old.house_id OR NOT new.nights <@ old.nights "
    "OR (new.state IN ('held', 'confirmed') AND new.state <> old.state)) EXECUTE FUNCTION harbour_stay_fits()",
)

# Who leads somebody that has a bed in a house, for telling them: its host sees no grants.
LEADS_THERE = f"""CREATE OR REPLACE FUNCTION harbour_leads_in_house(in_house uuid)
  RETURNS SETOF uuid LANGUAGE sql STABLE {HEAD}
  SELECT DISTINCT harbour_leads(s.case_id) FROM shelters_stay s WHERE s.house_id = in_house
    AND upper(s.nights) >= current_date AND s.state IN ('held', 'confirmed', 'arrived', 'not_here')
    AND (harbour_part('desk') OR {keeps("in_house")}) $$"""

STATEMENTS = (
    TAKEN_NIGHTS,
    OTHERS_THERE,
    HOUSES_OF,
    "DROP FUNCTION IF EXISTS harbour_give_back(uuid)",
    GIVE_BACK,
    RUN_OUT,
    FITS,
    *ON_COMING,
    LEADS_THERE,
)

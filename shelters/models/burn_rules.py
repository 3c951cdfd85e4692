"""What the database does when a house is burned, whoever says so and whatever they may see of the cases in it.

The row of `Burn` closes the house, tells whom it touches and who knew, ends what hosts and escorts knew, and wakes those who
watch; all in the one statement, so that no half of it stays.
"""

from relocation.safety.guards import WHO
from relocation.safety.lock_rules import COORDINATES
from relocation.safety.sweeping import SWEEP, function, two_say_it_is_safe
from shelters.models.stay_rules import IN_FORCE

LIVE = "g.expires_at > statement_timestamp()"


# Whoever is on call, and whoever coordinates cases of the organisation whose house it is.
MAY_BURN = function(
    "may_burn",
    "h uuid",
    "boolean",
    f"SELECT EXISTS (SELECT FROM relocation_account a JOIN shelters_house x ON x.id = h WHERE a.id = {WHO} AND a.is_active "
    f"AND a.part = 'desk' AND (harbour_watches() OR (a.organisation_id = x.organisation_id AND {COORDINATES})))",
    "sql STABLE",
)
INSERTS = f"shelters_burn.by_id = {WHO} AND harbour_may_burn(house_id) AND asked_by_id IS NULL AND undone_at IS NULL"

# Held, confirmed and awaited ones are on their way there; a stay that was given back before anybody came touches nobody.
_STAYS = """SELECT s.id, s.case_id, s.nights, s.at, s.arrived_at, CASE
    WHEN s.state = 'arrived' THEN 'present'
    WHEN (s.state IN ('confirmed', 'not_here') OR (s.state = 'held' AND s.held_until > statement_timestamp()))
      AND upper(s.nights) >= (statement_timestamp() AT TIME ZONE h.time_zone)::date THEN 'coming'
    WHEN s.arrived_at IS NOT NULL THEN 'past' END AS was
  FROM shelters_stay s JOIN shelters_house h ON h.id = s.house_id WHERE s.house_id = new.house_id"""

_TOUCHED = f"""
  INSERT INTO shelters_touched (id, case_id, at, by_id, burn_id, stay, was)
    SELECT DISTINCT ON (t.case_id) gen_random_uuid(), t.case_id, statement_timestamp(), new.by_id, new.id, t.id, t.was
    FROM ({_STAYS}) t WHERE t.was IS NOT NULL
    ORDER BY t.case_id, array_position(ARRAY['present', 'coming', 'past'], t.was), upper(t.nights) DESC;"""

# A place that was recorded while somebody stayed there is taken for the house; of one that is erased, the look itself counts.
_WHILE_THERE = "BETWEEN t.at - interval '1 day' AND (upper(t.nights) + 1)::timestamptz"
_LOOKED = f"coalesce((SELECT w.at FROM relocation_whereabouts w WHERE w.id = l.about), l.at) {_WHILE_THERE}"
_GIVEN = "SELECT g.user_id, '{role}', g.granted_at FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id"
_KNOWERS = f"""
  INSERT INTO shelters_knower (burn_id, account_id, how, last_at)
    SELECT new.id, k.account_id, k.how, max(k.at) FROM (
      SELECT r.account_id, 'keeper' AS how, NULL::timestamptz AS at FROM shelters_keeper r WHERE r.house_id = new.house_id
      UNION ALL {_GIVEN.format(role="host")}
        JOIN shelters_stay s ON s.id = g.scope WHERE p.codename = 'host' AND s.house_id = new.house_id
      UNION ALL {_GIVEN.format(role="escort")} JOIN ({_STAYS}) t ON t.case_id = g.case_id
        WHERE p.codename = 'escort' AND t.was IS NOT NULL
        AND g.granted_at <= (upper(t.nights) + 1)::timestamptz AND g.expires_at >= t.at
      UNION ALL SELECT l.actor_id, 'leg', l.at FROM relocation_ledgerentry l JOIN ({_STAYS}) t ON t.case_id = l.case_id
        WHERE t.was IS NOT NULL AND l.what = 'reveal.seat.meeting_point' AND l.at {_WHILE_THERE}
      UNION ALL SELECT l.actor_id, 'place', l.at FROM relocation_ledgerentry l JOIN ({_STAYS}) t ON t.case_id = l.case_id
        WHERE t.was IS NOT NULL AND l.what = 'reveal.whereabouts.place' AND {_LOOKED}
      UNION ALL SELECT l.actor_id, 'address', l.at FROM relocation_ledgerentry l
        WHERE l.case_id = new.house_id AND l.what ~ '^(reveal[.]house[.]|read[.]house$|house[.](made|changed)$)'
    ) k JOIN relocation_account a ON a.id = k.account_id WHERE a.part <> 'system' GROUP BY k.account_id, k.how;"""

# What hosts of the house were told ends; so does the way there. A way that leads on from the house is needed now.
_TELLS_OF_IT = """SELECT g.id FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id
      JOIN shelters_touched t ON t.burn_id = new.id AND t.case_id = g.case_id JOIN shelters_stay s ON s.id = t.stay
      WHERE p.codename = 'escort' AND (t.was = 'coming' OR (t.was = 'present' AND g.granted_at <= s.arrived_at))
    UNION SELECT g.id FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id
      JOIN shelters_stay s ON s.id = g.scope WHERE p.codename = 'host' AND s.house_id = new.house_id"""

# Cases first, then the stays in force, then the house: as whoever confirms a stay locks them. Whoever holds a bed locks the house
# first, and touches no stay but one that ran out.
BURNED = function(
    "burned",
    "",
    "trigger",
    f"""
DECLARE gone record;
BEGIN
  PERFORM FROM relocation_case k WHERE k.id IN (SELECT s.case_id FROM shelters_stay s WHERE s.house_id = new.house_id)
    ORDER BY k.id FOR NO KEY UPDATE;
  PERFORM FROM shelters_stay s WHERE s.house_id = new.house_id AND {IN_FORCE} ORDER BY s.id FOR UPDATE;
  UPDATE shelters_house SET compromised_at = statement_timestamp(), is_open = false WHERE id = new.house_id;
  {_TOUCHED}{_KNOWERS}
  FOR gone IN UPDATE relocation_casegrant g SET expires_at = statement_timestamp() FROM auth_permission p
      WHERE p.id = g.permission_id AND {LIVE} AND g.id IN ({_TELLS_OF_IT}) RETURNING g.case_id, g.user_id, p.codename LOOP
    PERFORM harbour_note(gone.case_id, 'grant.ended', gone.user_id, gone.codename);
  END LOOP;
  FOR gone IN UPDATE shelters_stay s SET state = 'released'
      WHERE s.house_id = new.house_id AND s.state IN ('held', 'confirmed', 'not_here') RETURNING s.id, s.case_id LOOP
    PERFORM harbour_note(gone.case_id, 'stay.released', gone.id, 'burned');
  END LOOP;
  PERFORM harbour_tell_danger('burned:' || new.id, {WHO}, NULL);
  RETURN NULL;
END""",
)

# The sweep comes in to each case that is touched, and everybody at a desk who works on it is told.
ENTER = function(
    "enter_burned",
    "b uuid",
    "SETOF uuid",
    f"""
DECLARE t record;
BEGIN
  FOR t IN SELECT x.case_id, u.by_id, x.was <> 'past' AS there FROM shelters_touched x JOIN shelters_burn u ON u.id = x.burn_id
      JOIN relocation_case k ON k.id = x.case_id
      WHERE u.id = b AND u.undone_at IS NULL AND k.standing <> 'deceased' AND harbour_sweeps('{SWEEP}') ORDER BY x.case_id LOOP
    CONTINUE WHEN CASE WHEN t.there THEN harbour_mark_locked(t.case_id, b, 'move', 'move_house', interval '6 hours')
      ELSE harbour_mark_locked(t.case_id, b, 'review', 'burned', interval '24 hours') END;
    PERFORM harbour_sweep_in(t.case_id, b, t.by_id);
    PERFORM harbour_tell_case('burned:' || b || ':' || t.case_id, t.by_id, t.case_id);
    RETURN NEXT t.case_id;
  END LOOP;
END""",
)

# How many, for whoever sees to it that everybody is moved, of their own cases and of others'.
COUNTED = function(
    "burned_counted",
    "b uuid",
    "TABLE (was text, people bigint, left_there bigint)",
    "SELECT t.was::text, count(*), count(d.id) FROM shelters_touched t JOIN shelters_burn u ON u.id = t.burn_id "
    "LEFT JOIN relocation_deadline d ON d.case_id = t.case_id AND d.about = b AND d.kind = 'move' AND d.done_at IS NULL "
    "WHERE u.id = b AND harbour_may_burn(u.house_id) GROUP BY t.was",
    "sql STABLE",
)

UNBURN = two_say_it_is_safe(
    "unburn",
    "shelters_burn",
    "harbour_may_burn(u.house_id)",
    """UPDATE shelters_house h SET compromised_at = NULL, is_open = NOT EXISTS (SELECT FROM relocation_lock l
    WHERE l.scope = 'house' AND l.subject_id = h.id AND l.lifted_at IS NULL) WHERE h.id = u.house_id;""",
)

# Nobody opens a burned house by hand. Not a definer: it asks as whom the change is made.
KEPT = (
    "CREATE OR REPLACE FUNCTION harbour_kept_burned() RETURNS trigger LANGUAGE plpgsql "
    "SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN "
    "IF current_user <> 'harbour_owner' THEN "
    "RAISE EXCEPTION 'a burned house is opened by two people' USING ERRCODE = 'insufficient_privilege'; END IF; "
    "RETURN new; END $$",
    "CREATE OR REPLACE TRIGGER kept_burned BEFORE UPDATE OF compromised_at, is_open ON shelters_house FOR EACH ROW "
    "WHEN (old.compromised_at IS NOT NULL AND (new.compromised_at IS NULL OR new.is_open)) "
    "EXECUTE FUNCTION harbour_kept_burned()",
)

STATEMENTS = (
    BURNED,
    "CREATE OR REPLACE TRIGGER burned AFTER INSERT ON shelters_burn FOR EACH ROW EXECUTE FUNCTION harbour_burned()",
    ENTER,
    COUNTED,
    UNBURN,
    *KEPT,
)

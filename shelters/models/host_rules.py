"""What the database does for a host who is vouched for after a stay was confirmed: whoever vouches may know of no case in it."""

from relocation.models.pursuit import SWEEP
from relocation.safety.custody import PARTNER
from relocation.safety.policy import Role
from relocation.safety.sweeping import function

TOLD_OF = "('confirmed', 'arrived', 'not_here')"
_LASTS = "upper(s.nights) >= (statement_timestamp() AT TIME ZONE 'UTC')::date"
_KNOWS = (
    "EXISTS (SELECT FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id WHERE g.user_id = host "
    f"AND g.scope = s.id AND p.codename = '{Role.HOST}' AND g.expires_at > statement_timestamp())"
)

# Held ones are waited for too: whoever confirms one just now either sees the vetting or is seen by it.
UNTOLD = function(
    "untold",
    "in_house uuid, host uuid",
    "TABLE (stay uuid, of_case uuid)",
    f"""
BEGIN
  IF NOT harbour_sweeps('{SWEEP}') THEN RETURN; END IF;
  PERFORM FROM shelters_stay s WHERE s.house_id = in_house AND s.state IN ('held', 'confirmed', 'arrived', 'not_here')
    ORDER BY s.id FOR UPDATE;
  RETURN QUERY SELECT s.id, s.case_id FROM shelters_stay s
    WHERE s.house_id = in_house AND s.state IN {TOLD_OF} AND {_LASTS} AND NOT {_KNOWS} ORDER BY s.id;
END""",
)

# Until when the person agreed that somebody's organisation may know of them; null where no such consent is in force.
AGREED_UNTIL = function(
    "agreed_until",
    "of_case uuid, who uuid",
    "timestamptz",
    "SELECT max((s.expires_on + 1)::timestamptz) FROM relocation_consent s JOIN relocation_account a ON a.id = who "
    f"WHERE harbour_sweeps('{SWEEP}') AND s.case_id = of_case AND s.organisation_id = a.organisation_id AND {PARTNER}",
    "sql STABLE",
)

# As whoever confirms a stay lets its hosts in: until the day after the last night, and no longer than the person agreed to. Only
# the sweep calls it, once it has compared the host's name with whom the person fears.
LET_IN = function(
    "let_host_in",
    "of_stay uuid, host uuid",
    "boolean",
    f"""
DECLARE s shelters_stay; giver uuid; ends timestamptz;
BEGIN
  SELECT * INTO s FROM shelters_stay WHERE id = of_stay FOR UPDATE;
  SELECT v.by_id INTO giver FROM shelters_vetting v JOIN shelters_keeper k USING (house_id, account_id)
    JOIN relocation_account a ON a.id = v.account_id JOIN shelters_house h ON h.id = v.house_id
    WHERE v.house_id = s.house_id AND v.account_id = host AND v.withdrawn_at IS NULL AND v.renew_by >= current_date
    AND a.is_active AND h.compromised_at IS NULL ORDER BY v.at DESC LIMIT 1;
  ends := least((upper(s.nights) + 1)::timestamptz, harbour_agreed_until(s.case_id, host));
  IF giver IS NULL OR NOT harbour_sweeps('{SWEEP}') OR s.state NOT IN {TOLD_OF} OR ends <= statement_timestamp()
      OR {_KNOWS} OR harbour_barred(s.case_id, host) THEN RETURN false; END IF;
  INSERT INTO relocation_casegrant
    (id, user_id, permission_id, case_id, scope, granted_by_id, granted_at, expires_at, last_activity_at, stage, standing)
    SELECT gen_random_uuid(), host, p.id, s.case_id, s.id, giver, statement_timestamp(), ends, statement_timestamp(),
      'referred', 'active' FROM auth_permission p WHERE p.codename = '{Role.HOST}';
  INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, about, detail)
    VALUES (gen_random_uuid(), s.case_id, giver, 'grant.given', '', '', host, '{Role.HOST}');
  RETURN true;
END""",
)

STATEMENTS = (UNTOLD, AGREED_UNTIL, LET_IN)

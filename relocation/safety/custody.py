"""What the database answers and does for whoever gives access and reads nothing; each function asks again who acts.

A custodian answers for the cases of her own organisation. She sees who holds which role until when, by the case's code: never
an alias, a reason, or a row of the case. Nobody lets himself in by any of these: see also the policies of grants in `walls`.
"""

from collections.abc import Iterator

from relocation.safety.guards import WHO
from relocation.safety.policy import POLICY, SCOPED, Role
from relocation.safety.triggers import HEAD

LIVE = "g.expires_at > statement_timestamp()"
# Roles that somebody of another organisation holds only by the person's consent.
BY_CONSENT = ", ".join(f"'{role}'" for role in sorted(frozenset(Role) - SCOPED - {Role.RECEIVER}))
PARTNER = (
    "s.purpose IN ('partner', 'handover') AND s.withdrawn_on IS NULL "
    "AND (statement_timestamp() AT TIME ZONE 'UTC')::date BETWEEN s.given_on AND s.expires_on"
)
CUSTODIAN = (
    f"SELECT a.organisation_id FROM relocation_account a WHERE a.id = {WHO} AND a.is_active AND 'custodian' = ANY (a.offices)"
)
COORDINATOR = f"p.codename = '{Role.COORDINATOR}'"


def _function(name: str, arguments: str, returns: str, body: str, kind: str = "sql STABLE") -> str:
    return f"CREATE OR REPLACE FUNCTION harbour_{name}({arguments}) RETURNS {returns} LANGUAGE {kind} {HEAD} {body} $$"


def questions() -> Iterator[str]:
    """Yes or no, for the policies of grants."""
    yield _function(
        "custodian",
        "c uuid",
        "boolean",
        f"SELECT EXISTS (SELECT FROM relocation_case k WHERE k.id = c AND k.organisation_id IN ({CUSTODIAN}))",
    )
    yield _function(
        "custodian_over",
        "who uuid",
        "boolean",
        f"SELECT EXISTS (SELECT FROM relocation_account o WHERE o.id = who AND o.organisation_id IN ({CUSTODIAN}))",
    )
    yield _function(
        "barred",
        "c uuid, who uuid",
        "boolean",
        "SELECT EXISTS (SELECT FROM relocation_bar b JOIN relocation_account o ON o.id = who "
        "WHERE b.case_id = c AND b.lifted_at IS NULL AND b.about IN (o.id, o.organisation_id))",
    )
    # Somebody of another organisation works on a case by the person's consent, and no longer than it lasts.
    yield _function(
        "covered",
        "c uuid, permission integer, who uuid, until timestamptz",
        "boolean",
        "SELECT EXISTS (SELECT FROM relocation_account o, relocation_case k, auth_permission p "
        "WHERE o.id = who AND k.id = c AND p.id = permission "
        f"AND (o.organisation_id IS NOT DISTINCT FROM k.organisation_id OR p.codename NOT IN ({BY_CONSENT}) "
        "OR EXISTS (SELECT FROM relocation_consent s WHERE s.case_id = c AND s.organisation_id = o.organisation_id "
        f"AND {PARTNER} AND until <= (s.expires_on + 1)::timestamptz)))",
    )
    # Where somebody on call may not come to a case, whoever is on call after them may, until that shift ends.
    yield _function(
        "stands_in",
        "c uuid, who uuid, until timestamptz",
        "boolean",
        "SELECT EXISTS (SELECT FROM relocation_dutyshift s WHERE s.account_id = who AND s.starts_at > now() "
        "AND s.starts_at < now() + interval '7 days') AND EXISTS (SELECT FROM relocation_dutyshift r "
        "WHERE now() BETWEEN r.starts_at AND r.ends_at AND r.ends_at >= until AND NOT EXISTS ("
        "SELECT FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id "
        f"WHERE g.case_id = c AND g.user_id = r.account_id AND {LIVE} AND {COORDINATOR}))",
    )


def acts() -> Iterator[str]:
    """What is seen, ended, kept and handed over; the ledger hears of each in the same statement."""
    yield NOTE
    yield "REVOKE EXECUTE ON FUNCTION harbour_note(uuid, text, uuid, text) FROM PUBLIC"
    yield HOLD_STILL
    yield CIRCLES
    yield LET_GO
    yield LET_ALL_GO
    yield KEEP
    yield WITHOUT_COORDINATOR
    yield UNWARNED
    yield ACCEPTABLE
    yield ACCEPT
    yield CONSENT_ENDS
    yield (
        "CREATE OR REPLACE TRIGGER consent_ends AFTER UPDATE OF withdrawn_on ON relocation_consent FOR EACH ROW "
        "WHEN (new.withdrawn_on IS NOT NULL AND new.organisation_id IS NOT NULL) EXECUTE FUNCTION harbour_consent_ends()"
    )


NOTE = _function(
    "note",
    "c uuid, said text, who uuid, more text",
    "void",
    "INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, about, detail) "
    f"VALUES (gen_random_uuid(), c, {WHO}, said, '', '', who, more)",
    "sql VOLATILE",
)

# Live grants on the cases that the actor answers for, as custodian or as coordinator; a case without any is one empty row.
CIRCLES = _function(
    "circles",
    "wanted text",
    "TABLE (case_id uuid, code text, number uuid, account_id uuid, role text, since timestamptz, until timestamptz, "
    "giver_id uuid, scoped boolean, looked_at timestamptz)",
    "SELECT k.id, k.code, g.id, g.user_id, p.codename, g.granted_at, g.expires_at, g.granted_by_id, g.scope <> k.id, "
    "(SELECT max(r.at) FROM relocation_grantreview r WHERE r.grant_id = g.id) "
    f"FROM relocation_case k LEFT JOIN relocation_casegrant g ON g.case_id = k.id AND {LIVE} "
    "LEFT JOIN auth_permission p ON p.id = g.permission_id WHERE (wanted IS NULL OR k.code = wanted) "
    f"AND (k.organisation_id IN ({CUSTODIAN}) OR EXISTS (SELECT FROM relocation_casegrant m "
    "JOIN auth_permission mp ON mp.id = m.permission_id WHERE m.case_id = k.id "
    f"AND m.user_id = {WHO} AND m.expires_at > statement_timestamp() AND mp.codename = '{Role.COORDINATOR}'))",
)

# Whoever changes who leads a case does it one after another, under the lock that naming a lead takes.
HOLD_STILL = _function(
    "hold_still",
    "cases uuid[]",
    "void",
    "SELECT FROM relocation_case k WHERE k.id = ANY (cases) AND harbour_custodian(k.id) ORDER BY k.id FOR UPDATE",
    "sql VOLATILE",
)

_ENDED = "TABLE (ended_case uuid, ended_account uuid, ended_role text)"


def _end(which: str) -> str:
    """SQL: end live grants under the locks of their cases, tell the ledger of each, and return them."""
    return (
        "SELECT k.id FROM relocation_case k WHERE k.id IN (SELECT g.case_id FROM relocation_casegrant g "
        f"WHERE {LIVE} AND {which}) ORDER BY k.id FOR UPDATE; "
        "WITH ended AS (UPDATE relocation_casegrant g SET expires_at = statement_timestamp() FROM auth_permission p "
        f"WHERE p.id = g.permission_id AND {LIVE} AND {which} RETURNING g.case_id, g.user_id, p.codename::text), "
        "told AS (SELECT e.*, harbour_note(e.case_id, 'grant.ended', e.user_id, e.codename) FROM ended e) "
        "SELECT t.case_id, t.user_id, t.codename FROM told t"
    )


LET_GO = _function(
    "let_go",
    "numbers uuid[]",
    _ENDED,
    _end("g.id = ANY (numbers) AND (harbour_custodian(g.case_id) OR harbour_custodian_over(g.user_id))"),
    "sql VOLATILE",
)

LET_ALL_GO = _function(
    "let_all_go",
    "leaver uuid",
    _ENDED,
    _end(f"g.user_id = leaver AND leaver <> {WHO} AND harbour_custodian_over(leaver)"),
    "sql VOLATILE",
)

# Nobody reviews their own access.
KEEP = _function(
    "keep",
    "numbers uuid[]",
    "bigint",
    "WITH kept AS (INSERT INTO relocation_grantreview (id, grant_id, by_id) "
    f"SELECT gen_random_uuid(), g.id, {WHO} FROM relocation_casegrant g WHERE g.id = ANY (numbers) AND {LIVE} "
    f"AND g.user_id <> {WHO} AND (harbour_custodian(g.case_id) OR harbour_holds(g.case_id, ARRAY['{Role.COORDINATOR}'])) "
    "RETURNING grant_id), told AS (SELECT harbour_note(g.case_id, 'grant.kept', g.user_id, p.codename) FROM kept "
    "JOIN relocation_casegrant g ON g.id = kept.grant_id JOIN auth_permission p ON p.id = g.permission_id) "
    "SELECT count(*) FROM told",
    "sql VOLATILE",
)

# Nobody at all answers for a case beyond a shift.
_NOBODY = (
    "NOT EXISTS (SELECT FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id "
    f"JOIN relocation_account o ON o.id = g.user_id WHERE g.case_id = k.id AND {LIVE} AND {COORDINATOR} AND o.is_active "
    "AND NOT EXISTS (SELECT FROM relocation_dutyshift s WHERE s.account_id = g.user_id AND s.ends_at = g.expires_at))"
)
# Cases that still go on and for which nobody answers.
WITHOUT_COORDINATOR = _function(
    "without_coordinator",
    "",
    "TABLE (code text)",
    f"SELECT k.code FROM relocation_case k WHERE k.organisation_id IN ({CUSTODIAN}) AND k.stage NOT IN ('closed', 'declined') "
    f"AND {_NOBODY} ORDER BY k.code",
)

# Cases of which something is about to go and nobody is there to be warned: which, and when the next goes, never what.
UNWARNED = _function(
    "unwarned",
    "",
    "TABLE (code text, goes_at timestamptz)",
    "SELECT k.code, min(e.goes_at) FROM relocation_case k JOIN relocation_expiry e ON e.case_id = k.id AND e.gone_at IS NULL "
    f"WHERE k.organisation_id IN ({CUSTODIAN}) AND {_NOBODY} GROUP BY k.code ORDER BY 2, 1",
)

# Why the actor cannot take over what was offered to them: one word, empty where they can, nothing for everybody else.
ACCEPTABLE = _function(
    "acceptable",
    "t uuid",
    "text",
    "SELECT CASE "
    "WHEN o.state <> 'offered' OR o.expires_at <= statement_timestamp() OR k.organisation_id = o.organisation_id "
    "OR NOT EXISTS (SELECT FROM relocation_account a WHERE a.id = o.to_id AND a.is_active AND a.part = 'desk' "
    "AND a.organisation_id = o.organisation_id) OR NOT EXISTS (SELECT FROM relocation_casegrant g "
    "JOIN auth_permission p ON p.id = g.permission_id JOIN relocation_account a ON a.id = g.user_id "
    f"WHERE g.case_id = o.case_id AND g.user_id = o.by_id AND {LIVE} AND {COORDINATOR} "
    "AND a.organisation_id = k.organisation_id) THEN 'over' "
    "WHEN NOT EXISTS (SELECT FROM relocation_consent s WHERE s.id = o.consent_id AND s.case_id = o.case_id "
    f"AND s.organisation_id = o.organisation_id AND s.purpose = 'handover' AND {PARTNER}) THEN 'consent' "
    "WHEN harbour_barred(o.case_id, o.to_id) THEN 'barred' ELSE '' END "
    f"FROM relocation_transfer o JOIN relocation_case k ON k.id = o.case_id WHERE o.id = t AND o.to_id = {WHO}",
)

_TERM = f"interval '{(POLICY.ends[Role.COORDINATOR] or 0).days} days'"  # type: ignore[union-attr]  # a coordinator's has an end
# The offerer's offer lets the receiver in, nobody else; the case moves, and whoever was of its old organisation is out.
ACCEPT = _function(
    "accept",
    "t uuid, grant_id uuid, why bytea",
    "void",
    f"""
DECLARE o record; old uuid; gone record;
BEGIN
  SELECT * INTO o FROM relocation_transfer WHERE id = t AND to_id = {WHO} FOR UPDATE;
  SELECT k.organisation_id INTO old FROM relocation_case k WHERE k.id = o.case_id FOR UPDATE;
  IF harbour_acceptable(t) IS DISTINCT FROM '' THEN
    RAISE EXCEPTION 'nothing to accept' USING ERRCODE = 'insufficient_privilege';
  END IF;
  FOR gone IN UPDATE relocation_casegrant g SET expires_at = statement_timestamp() FROM auth_permission p, relocation_account a
      WHERE p.id = g.permission_id AND a.id = g.user_id AND g.case_id = o.case_id AND {LIVE}
        AND (a.organisation_id = old OR (g.user_id = o.to_id AND {COORDINATOR}))
      RETURNING g.user_id, p.codename LOOP
    PERFORM harbour_note(o.case_id, 'grant.ended', gone.user_id, gone.codename);
  END LOOP;
  INSERT INTO relocation_casegrant
    (id, user_id, permission_id, case_id, scope, granted_by_id, granted_at, reason, expires_at, last_activity_at, stage, standing)
    SELECT grant_id, o.to_id, p.id, o.case_id, o.case_id, o.by_id, statement_timestamp(), why,
      statement_timestamp() + {_TERM}, statement_timestamp(), 'referred', 'active'
    FROM auth_permission p WHERE {COORDINATOR};
  PERFORM harbour_note(o.case_id, 'grant.given', o.to_id, '{Role.COORDINATOR}');
  UPDATE relocation_case SET organisation_id = o.organisation_id WHERE id = o.case_id;
  UPDATE relocation_transfer SET state = 'accepted', answered_by_id = {WHO}, answered_at = statement_timestamp() WHERE id = t;
  PERFORM harbour_note(o.case_id, 'transfer.accepted', t, '');
END""",
    "plpgsql VOLATILE",
)

# What was offered does not change, and `harbour_accept` alone accepts: the app answers no or takes back.
_OFFERS = f"harbour_holds(case_id, ARRAY['{Role.COORDINATOR}'])"
TRANSFER_ANSWERS = (
    "REVOKE UPDATE, DELETE ON relocation_transfer FROM harbour_app",
    "GRANT UPDATE (state, answered_by_id, answered_at, answer) ON relocation_transfer TO harbour_app",
    "CREATE POLICY changes ON relocation_transfer FOR UPDATE TO harbour_app "
    f"USING (state = 'offered' AND (to_id = {WHO} OR {_OFFERS})) WITH CHECK "
    f"(answered_by_id = {WHO} AND ((state = 'declined' AND to_id = {WHO}) OR (state = 'revoked' AND {_OFFERS})))",
)


# A bar ends what it forbids at once, whoever wrote it down.
def _ending(name: str, joined: str, whose: str) -> str:
    """A trigger function that ends the live grants on the row's case for which `whose` holds, each with its entry."""
    body = f"""
DECLARE gone record;
BEGIN
  FOR gone IN UPDATE relocation_casegrant g SET expires_at = statement_timestamp() FROM auth_permission p{joined}
      WHERE p.id = g.permission_id AND g.case_id = new.case_id AND {LIVE} AND {whose}
      RETURNING g.user_id, p.codename LOOP
    PERFORM harbour_note(new.case_id, 'grant.ended', gone.user_id, gone.codename);
  END LOOP;
  RETURN NULL;
END"""
    return _function(name, "", "trigger", body, "plpgsql")


BAR_ENDS = (
    _ending("bar_ends", "", "harbour_barred(new.case_id, g.user_id)"),
    "CREATE OR REPLACE TRIGGER bar_ends AFTER INSERT ON relocation_bar FOR EACH ROW "
    "WHEN (new.about IS NOT NULL) EXECUTE FUNCTION harbour_bar_ends()",
)

# Consent withdrawn: nobody of that organisation stays, unless another consent covers it or the case is theirs.
CONSENT_ENDS = _ending(
    "consent_ends",
    ", relocation_account a",
    f"a.id = g.user_id AND a.organisation_id = new.organisation_id AND p.codename IN ({BY_CONSENT}) "
    "AND NOT harbour_covered(new.case_id, p.id, a.id, statement_timestamp())",
)

"""What the database asks before it locks something or opens it again; no role but the owner writes the table of locks."""

from collections.abc import Iterator
from uuid import UUID

from relocation.safety import signals
from relocation.safety.guards import WHO
from relocation.safety.policy import Role
from relocation.safety.triggers import HEAD

# Whoever has a locked case must see that it is; of the rest, those know who may help to open it.
SEES = f"""CASE scope
  WHEN 'case' THEN EXISTS (SELECT FROM relocation_casegrant g WHERE g.case_id = subject_id AND g.user_id = {WHO}
    AND g.expires_at > statement_timestamp()) OR harbour_custodian(subject_id)
  WHEN 'account' THEN harbour_workmate(subject_id)
  WHEN 'house' THEN harbour_workmate(by_id)
  ELSE harbour_part('desk') OR harbour_office('custodian') END"""
COORDINATES = (
    "EXISTS (SELECT FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id "
    f"WHERE g.user_id = {WHO} AND g.expires_at > statement_timestamp() AND p.codename = '{Role.COORDINATOR}')"
)
# A lock on the case keeps nobody from lifting it.
ON_CASE = (
    "(harbour_custodian(subject) OR EXISTS (SELECT FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id "
    f"WHERE g.case_id = subject AND g.user_id = {WHO} AND g.expires_at > statement_timestamp() "
    f"AND p.codename = '{Role.COORDINATOR}'))"
)
COLLEAGUE = (
    "EXISTS (SELECT FROM relocation_account a, relocation_account me "
    f"WHERE me.id = {WHO} AND me.is_active AND me.part = 'desk' AND a.id = subject AND a.part <> 'system' "
    "AND (a.id = me.id OR a.organisation_id = me.organisation_id))"
)
NOTHING = f"'{UUID(int=0)}'::uuid"


def _function(name: str, arguments: str, returns: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION harbour_{name}({arguments}) RETURNS {returns} LANGUAGE plpgsql VOLATILE {HEAD} {body} $$"


def questions() -> Iterator[str]:
    """What policies and triggers ask of locks."""
    yield WORKMATE
    yield LOCKED


def functions() -> Iterator[str]:
    """Locking, opening again, and what both do to an account and to the grants on a case."""
    yield from signals.first()
    yield GRANTS_LOCKED
    yield "DROP TRIGGER IF EXISTS grants_locked ON relocation_lock"  # constraint triggers cannot be replaced
    yield (
        "CREATE CONSTRAINT TRIGGER grants_locked AFTER INSERT OR UPDATE OF lifted_at ON relocation_lock "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.scope IN ('case', 'account')) "
        "EXECUTE FUNCTION harbour_grants_locked()"
    )
    yield LOCK_NOW
    yield "REVOKE EXECUTE ON FUNCTION harbour_lock_now(uuid, text, uuid, text, text, uuid) FROM PUBLIC"
    yield LOCK
    yield LOCK_ALL
    yield LIFT
    yield ALL_LIFTED
    yield SETTLE


WORKMATE = (
    f"CREATE OR REPLACE FUNCTION harbour_workmate(who uuid) RETURNS boolean LANGUAGE sql STABLE {HEAD} "
    "SELECT EXISTS (SELECT FROM relocation_account a, relocation_account me WHERE a.id = who "
    f"AND me.id = {WHO} AND me.is_active AND (me.part = 'desk' OR 'custodian' = ANY (me.offices)) "
    "AND a.organisation_id = me.organisation_id) $$"
)

# A sweep that is let in still leaves its task in a locked case, for whoever opens it again.
LOCKED = (
    f"CREATE OR REPLACE FUNCTION harbour_locked(c uuid, who uuid) RETURNS boolean LANGUAGE sql STABLE {HEAD} "
    "SELECT EXISTS (SELECT FROM relocation_lock l WHERE l.lifted_at IS NULL "
    "AND ((l.scope = 'case' AND l.subject_id = c) OR (l.scope = 'account' AND l.subject_id = who))) "
    "AND NOT EXISTS (SELECT FROM relocation_account a WHERE a.id = who AND a.part = 'system') $$"
)

# Row policies read of a grant whether its case or its holder is locked, since they ask it for every row.
# It is written down as the transaction ends: the page in which too much reading was noticed does not break, and undo the lock.
GRANTS_LOCKED = (
    f"CREATE OR REPLACE FUNCTION harbour_grants_locked() RETURNS trigger LANGUAGE plpgsql {HEAD} BEGIN "
    "UPDATE relocation_casegrant g SET locked = harbour_locked(g.case_id, g.user_id) WHERE g.expires_at > statement_timestamp() "
    "AND CASE new.scope WHEN 'case' THEN g.case_id = new.subject_id ELSE g.user_id = new.subject_id END; RETURN NULL; END $$"
)

# The account's sessions end, whatever copy of one there is; its name and password say no more than wrong ones.
LOCK_NOW = _function(
    "lock_now",
    "row_id uuid, wanted text, subject uuid, reason text, said text, inside uuid",
    "void",
    f"""
BEGIN
  IF wanted = 'account' THEN
    UPDATE relocation_account SET is_active = false, ended = ended + 1 WHERE id = subject AND is_active;
    IF NOT FOUND THEN RETURN; END IF;
    DELETE FROM relocation_session WHERE account_id = subject;
    UPDATE relocation_invitation SET expires_at = statement_timestamp()
      WHERE account_id = subject AND used_at IS NULL AND expires_at > statement_timestamp();
  END IF;
  INSERT INTO relocation_lock (id, scope, subject_id, label, why, by_id, through_id)
    VALUES (row_id, wanted, subject, said, reason, {WHO}, inside) ON CONFLICT DO NOTHING;
  PERFORM harbour_note(subject, 'lock.set', NULL, wanted || ' ' || reason);
  PERFORM harbour_tell_danger('lock:' || row_id, CASE WHEN reason = 'bulk' THEN subject ELSE {WHO} END, NULL);
END""",
)

LOCK = _function(
    "lock",
    "row_id uuid, wanted text, subject uuid, said text, inside uuid",
    "boolean",
    f"""
BEGIN
  IF (CASE wanted WHEN 'account' THEN {COLLEAGUE} WHEN 'case' THEN {ON_CASE} WHEN 'house' THEN {COORDINATES} ELSE false END)
      IS NOT TRUE THEN RETURN false; END IF;
  PERFORM harbour_lock_now(row_id, wanted, subject, 'colleague', said, inside);
  RETURN true;
END""",
)

LOCK_ALL = _function(
    "lock_all",
    "row_id uuid",
    "text",
    f"""
DECLARE asked record;
BEGIN
  IF NOT harbour_part('desk') THEN RETURN NULL; END IF;
  UPDATE relocation_lock SET lifted_at = statement_timestamp() WHERE scope = 'everything' AND lifted_at IS NULL
    AND (confirmed_by_id IS NOT NULL OR at < statement_timestamp() - interval '15 minutes');
  SELECT * INTO asked FROM relocation_lock WHERE scope = 'everything' AND lifted_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO relocation_lock (id, scope, subject_id, label, why, by_id)
      VALUES (row_id, 'everything', {NOTHING}, '', 'colleague', {WHO});
    PERFORM harbour_note({WHO}, 'lock.asked', NULL, 'everything');
    PERFORM harbour_tell_danger('lock:' || row_id, {WHO}, NULL);
    RETURN 'asked';
  END IF;
  IF asked.by_id = {WHO} THEN RETURN 'asked'; END IF;
  UPDATE relocation_lock SET confirmed_by_id = {WHO} WHERE id = asked.id;
  PERFORM harbour_note({WHO}, 'lock.set', asked.by_id, 'everything colleague');
  PERFORM harbour_tell_danger('lock:' || row_id, {WHO}, NULL);
  RETURN 'locked';
END""",
)

LIFT = _function(
    "lift",
    "row_id uuid",
    "text",
    f"""
DECLARE l record; subject uuid;
BEGIN
  SELECT * INTO l FROM relocation_lock WHERE id = row_id AND lifted_at IS NULL AND scope <> 'everything' FOR UPDATE;
  IF NOT FOUND THEN RETURN ''; END IF;
  subject := l.subject_id;
  IF (CASE l.scope WHEN 'account' THEN {COLLEAGUE} OR harbour_custodian_over(subject) WHEN 'case' THEN {ON_CASE}
      ELSE {COORDINATES} OR harbour_office('custodian') END) IS NOT TRUE THEN RETURN ''; END IF;
  IF l.asked_by_id IS NULL OR l.asked_at < statement_timestamp() - interval '1 day' THEN
    UPDATE relocation_lock SET asked_by_id = {WHO}, asked_at = statement_timestamp() WHERE id = row_id;
    PERFORM harbour_note(subject, 'lock.lift_asked', NULL, l.scope);
    RETURN 'asked';
  END IF;
  IF l.asked_by_id = {WHO} THEN RETURN 'same'; END IF;
  IF l.scope = 'account' AND NOT EXISTS (SELECT FROM relocation_account a
      WHERE a.id IN ({WHO}, l.asked_by_id) AND 'custodian' = ANY (a.offices)) THEN RETURN 'custodian'; END IF;
  UPDATE relocation_lock SET lifted_by_id = {WHO}, asked_by_id = l.asked_by_id, lifted_at = statement_timestamp()
    WHERE lifted_at IS NULL AND (id = row_id OR through_id = row_id);
  UPDATE relocation_account SET is_active = true WHERE id IN (SELECT k.subject_id FROM relocation_lock k
    WHERE k.scope = 'account' AND k.lifted_at = statement_timestamp() AND (k.id = row_id OR k.through_id = row_id));
  PERFORM harbour_note(subject, 'lock.lifted', l.asked_by_id, l.scope);
  RETURN 'lifted';
END""",
)

# Of everything the file beside the key says whether it is locked; the rows only remember.
ALL_LIFTED = _function(
    "all_lifted",
    "",
    "void",
    "BEGIN UPDATE relocation_lock SET lifted_at = statement_timestamp() WHERE scope = 'everything' AND lifted_at IS NULL; END",
)

# A grant that is given in the very moment of a lock, or of its end, is seen by neither. The sweep has their trigger look again
# seconds later; a lock that somebody holds just now is passed over, so that nobody waits for anybody.
SETTLE = _function(
    "settle_locks",
    "",
    "void",
    """
BEGIN
  IF NOT harbour_sweeps('outbox') THEN RETURN; END IF;
  UPDATE relocation_lock l SET lifted_at = l.lifted_at WHERE l.id IN (SELECT k.id FROM relocation_lock k
    WHERE (k.lifted_at IS NULL OR k.lifted_at > statement_timestamp() - interval '1 hour') AND EXISTS (
      SELECT FROM relocation_casegrant g WHERE g.expires_at > statement_timestamp()
      AND ((k.scope = 'case' AND g.case_id = k.subject_id) OR (k.scope = 'account' AND g.user_id = k.subject_id))
      AND g.locked <> harbour_locked(g.case_id, g.user_id)) FOR UPDATE SKIP LOCKED);
END""",
)

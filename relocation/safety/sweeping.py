"""How the sweep of a burned house or chain comes near the cases that it touches: like a host of no stay, until it is done.

It reads alias and needs, and may do what anybody near a person may: say that something is known to the wrong people, leave a
task, wake the people on call. No page and no person lets it in; only functions of the database call this one.
"""

from collections.abc import Iterator

from relocation.safety.actor import system_account
from relocation.safety.guards import WHO
from relocation.safety.policy import Role
from relocation.safety.triggers import HEAD

SWEEP = "burned-house"
LONGEST = "15 minutes"  # the sweep leaves by itself as soon as it is done
ASKED_FOR = "72 hours"  # within which the second person says that a house or chain is safe again


def function(name: str, arguments: str, returns: str, body: str, kind: str = "plpgsql VOLATILE") -> str:
    """SQL: a function of ours, which acts as the owner of the tables."""
    return f"CREATE OR REPLACE FUNCTION harbour_{name}({arguments}) RETURNS {returns} LANGUAGE {kind} {HEAD} {body} $$"


def two_say_it_is_safe(name: str, table: str, may: str, then: str = "") -> str:
    """SQL: a function by which two people on two devices end a row of `table`: '', 'asked', 'same', 'device' or 'undone'.

    `may` asks of the row `u` whether the actor answers for it; `then` is what happens once both said so.
    """
    return function(
        name,
        "b uuid, device bytea",
        "text",
        f"""
DECLARE u record;
BEGIN
  SELECT * INTO u FROM {table} WHERE id = b AND undone_at IS NULL FOR UPDATE;
  IF NOT FOUND OR {may} IS NOT TRUE OR coalesce(length(device), 0) = 0 THEN RETURN ''; END IF;
  IF u.asked_by_id IS NULL OR u.asked_at < statement_timestamp() - interval '{ASKED_FOR}' THEN
    UPDATE {table} SET asked_by_id = {WHO}, asked_at = statement_timestamp(), asked_device = device WHERE id = b;
    RETURN 'asked';
  END IF;
  IF u.asked_by_id = {WHO} THEN RETURN 'same'; END IF;
  IF u.asked_device = device THEN RETURN 'device'; END IF;
  UPDATE {table} SET undone_by_id = {WHO}, undone_at = statement_timestamp() WHERE id = b;
  {then}
  RETURN 'undone';
END""",  # noqa: S608  names of our own
    )


SWEEP_IN = f"""CREATE OR REPLACE FUNCTION harbour_sweep_in(c uuid, because uuid, giver uuid)
  RETURNS void LANGUAGE sql VOLATILE {HEAD}
  INSERT INTO relocation_casegrant
    (id, user_id, permission_id, case_id, scope, granted_by_id, granted_at, expires_at, last_activity_at, stage, standing)
    SELECT gen_random_uuid(), '{system_account(SWEEP)}', p.id, c, because, giver, statement_timestamp(),
      statement_timestamp() + interval '{LONGEST}', statement_timestamp(), 'referred', 'active'
    FROM auth_permission p WHERE p.codename = '{Role.HOST}' AND harbour_sweeps('{SWEEP}') AND NOT EXISTS (
      SELECT FROM relocation_casegrant g WHERE g.user_id = '{system_account(SWEEP)}' AND g.case_id = c AND g.scope = because
      AND g.expires_at > statement_timestamp()) $$"""  # noqa: S608  names of our own

# Nobody comes in to a locked case, the sweep neither: it is marked, and whoever opens it again finds the task.
MARK_LOCKED = f"""CREATE OR REPLACE FUNCTION harbour_mark_locked(c uuid, because uuid, said text, task text, within interval)
  RETURNS boolean LANGUAGE plpgsql VOLATILE {HEAD} BEGIN
  IF NOT EXISTS (SELECT FROM relocation_lock l WHERE l.scope = 'case' AND l.subject_id = c AND l.lifted_at IS NULL) THEN
    RETURN false;
  END IF;
  INSERT INTO relocation_deadline (id, case_id, at, by_id, kind, what, about, due_at) VALUES (gen_random_uuid(), c,
    statement_timestamp(), '{system_account(SWEEP)}', said, task, because, statement_timestamp() + within) ON CONFLICT DO NOTHING;
  PERFORM harbour_note(c, 'case.marked', because, '');
  RETURN true;
  END $$"""  # noqa: S608  names of our own


def functions() -> Iterator[str]:
    """Letting the sweep in, or marking what is locked; nobody calls these but functions of our own."""
    yield SWEEP_IN
    yield "REVOKE EXECUTE ON FUNCTION harbour_sweep_in(uuid, uuid, uuid) FROM PUBLIC"
    yield MARK_LOCKED
    yield "REVOKE EXECUTE ON FUNCTION harbour_mark_locked(uuid, uuid, text, text, interval) FROM PUBLIC"

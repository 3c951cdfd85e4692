"""Break-glass: somebody at a desk let themselves in for half an hour, because nobody could wait."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from relocation.safety.access import CaseGrant
from relocation.safety.custody import COORDINATOR
from relocation.safety.guards import WHO
from relocation.safety.policy import Role
from relocation.safety.triggers import HEAD

LASTS, REVIEWED_WITHIN = "30 minutes", "24 hours"
A_DAY, AN_HOUR = 3, 5  # openings by one account in a day; refused tries in an hour, after which those who watch hear of each

# The one way by which the database lets anybody in by themselves. It answers the same for a case that is not there, is not
# theirs to open, or was asked for too often; those who watch hear of the last.
BREAK = f"""CREATE OR REPLACE FUNCTION harbour_break(called text, row_id uuid, grant_id uuid) RETURNS uuid
  LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE opened uuid; role integer := (SELECT id FROM auth_permission WHERE codename = '{Role.GLASS}');
    until timestamptz := statement_timestamp() + interval '{LASTS}'; often boolean;
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended({WHO}::text, 11));
    IF NOT harbour_part('desk') THEN RETURN NULL; END IF;
    SELECT CASE WHEN count(*) = 1 THEN (array_agg(k.id))[1] END INTO opened FROM relocation_case k
      WHERE k.code = upper(called) OR (k.alias = called AND k.stage NOT IN ('closed', 'declined')
        AND harbour_covered(k.id, role, {WHO}, until));
    SELECT count(*) >= {A_DAY} OR count(*) FILTER (WHERE g.expires_at > statement_timestamp()) > 0 INTO often
      FROM relocation_breakglass b JOIN relocation_casegrant g ON g.id = b.grant_id
      WHERE b.account_id = {WHO} AND b.at > statement_timestamp() - interval '1 day';
    IF often OR opened IS NULL OR NOT harbour_covered(opened, role, {WHO}, until) OR harbour_barred(opened, {WHO})
        OR EXISTS (SELECT FROM relocation_lock l WHERE l.subject_id = opened AND l.lifted_at IS NULL)
        OR EXISTS (SELECT FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id
          WHERE g.case_id = opened AND g.user_id = {WHO} AND g.expires_at > statement_timestamp() AND {COORDINATOR}) THEN
      PERFORM harbour_break_refused(opened, often);
      RETURN NULL;
    END IF;
    INSERT INTO relocation_casegrant
      (id, user_id, permission_id, case_id, scope, granted_by_id, granted_at, expires_at, last_activity_at, stage, standing)
      SELECT grant_id, {WHO}, role, opened, row_id, {WHO}, statement_timestamp(), until, g.last_activity_at, 'referred', 'active'
      FROM (SELECT coalesce(max(last_activity_at), now()) AS last_activity_at FROM relocation_casegrant WHERE case_id = opened) g;
    INSERT INTO relocation_breakglass (id, account_id, grant_id, at, expires_at)
      VALUES (row_id, {WHO}, grant_id, statement_timestamp(), until);
    INSERT INTO relocation_deadline (id, case_id, at, by_id, kind, what, due_at) VALUES (gen_random_uuid(), opened,
      statement_timestamp(), {WHO}, 'review', 'glass', statement_timestamp() + interval '{REVIEWED_WITHIN}');
    PERFORM harbour_note(opened, 'grant.given', {WHO}, '{Role.GLASS}');
    PERFORM harbour_tell_danger('glass:' || row_id, {WHO}, opened);
    PERFORM harbour_tell_case('glass:' || row_id, {WHO}, opened);
    RETURN opened;
  END $$"""

REFUSED = f"""CREATE OR REPLACE FUNCTION harbour_break_refused(opened uuid, often boolean) RETURNS void
  LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE tried bigint;
  BEGIN
    PERFORM harbour_note({WHO}, 'glass.refused', NULL, '');
    IF opened IS NOT NULL THEN PERFORM harbour_note(opened, 'glass.refused', {WHO}, ''); END IF;
    SELECT count(*) INTO tried FROM relocation_ledgerentry e WHERE e.actor_id = {WHO} AND e.what = 'glass.refused'
      AND e.case_id = {WHO} AND e.at > statement_timestamp() - interval '1 hour';
    IF often OR tried >= {AN_HOUR} THEN PERFORM harbour_signal('glass', {WHO}); END IF;
  END $$"""

INCIDENT = f"""CREATE OR REPLACE FUNCTION harbour_incident(c uuid) RETURNS boolean LANGUAGE sql STABLE {HEAD}
  SELECT EXISTS (SELECT FROM relocation_case k JOIN relocation_alarm a ON a.case_id = k.id AND a.closed_at IS NULL
    WHERE k.id = c AND k.standing IN ('compromised', 'detained', 'lost_contact')) $$"""


class BreakGlass(models.Model):
    """One opening: by whom, the grant that it made, and when both end (UTC, by the database's clock)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    grant = models.ForeignKey(CaseGrant, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": f"account_id = {WHO} OR EXISTS (SELECT FROM relocation_casegrant g WHERE g.id = grant_id)"
    }
    wall_questions: ClassVar[tuple[str, ...]] = (INCIDENT,)
    wall_statements: ClassVar[tuple[str, ...]] = (
        BREAK,
        REFUSED,
        "REVOKE EXECUTE ON FUNCTION harbour_break_refused(uuid, boolean) FROM PUBLIC",
    )

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["account", "-at"], name="glass_newest")]

    def __str__(self) -> str:
        return f"opening {self.pk}"

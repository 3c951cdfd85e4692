"""Honey cases and decoy accounts: like all others for everybody who looks, and known as such to the database's owner alone.

The app may read neither table: it marks by a function, and hears of a touch by nothing at all.
"""

import uuid
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from relocation.safety import watch
from relocation.safety.guards import WHO
from relocation.safety.questions import answer
from relocation.safety.triggers import HEAD

MARK_DECOY = f"""CREATE OR REPLACE FUNCTION harbour_mark_decoy(who uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE {HEAD}
  BEGIN
    INSERT INTO relocation_decoy (account_id, password) SELECT a.id, '' FROM relocation_account a
      WHERE a.id = who AND {WHO} IS NULL AND a.part = 'desk' AND a.password = '!' AND a.last_login IS NULL
      AND NOT EXISTS (SELECT FROM relocation_casegrant g WHERE g.user_id = a.id) ON CONFLICT DO NOTHING;
    RETURN FOUND;
  END $$"""

MARK_HONEY = f"""CREATE OR REPLACE FUNCTION harbour_mark_honey(c uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE {HEAD}
  BEGIN
    INSERT INTO relocation_honey (case_id) SELECT k.id FROM relocation_case k JOIN relocation_decoy d
      ON d.account_id = k.created_by_id WHERE k.id = c AND k.created_by_id = {WHO} AND NOT EXISTS (
        SELECT FROM relocation_casegrant g WHERE g.case_id = c
        AND g.user_id NOT IN (SELECT account_id FROM relocation_decoy)) ON CONFLICT DO NOTHING;
    RETURN FOUND;
  END $$"""

# The account that a forced password opens: one that is free and leads cases, under its owner's name from then on.
SET_DECOY = f"""CREATE OR REPLACE FUNCTION harbour_set_decoy(secret text) RETURNS uuid LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE mine uuid;
  BEGIN
    IF NOT harbour_part('desk') OR EXISTS (SELECT FROM relocation_decoy d WHERE d.account_id = {WHO}) THEN RETURN NULL; END IF;
    SELECT d.account_id INTO mine FROM relocation_decoy d WHERE d.owner_id = {WHO} FOR UPDATE;
    IF NOT FOUND THEN
      SELECT d.account_id INTO mine FROM relocation_decoy d WHERE d.owner_id IS NULL AND EXISTS (
        SELECT FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id
        WHERE g.user_id = d.account_id AND p.codename = 'lead') ORDER BY d.account_id LIMIT 1 FOR UPDATE SKIP LOCKED;
      IF NOT FOUND THEN RETURN NULL; END IF;
    END IF;
    UPDATE relocation_decoy SET owner_id = {WHO}, password = secret WHERE account_id = mine;
    UPDATE relocation_account d SET name = o.name, language = o.language FROM relocation_account o
      WHERE d.id = mine AND o.id = {WHO};
    RETURN mine;
  END $$"""

DECOY_PASSWORD = f"""CREATE OR REPLACE FUNCTION harbour_decoy_password(called text) RETURNS text LANGUAGE sql STABLE {HEAD}
  SELECT d.password FROM relocation_decoy d JOIN relocation_account a ON a.id = d.owner_id
  WHERE a.username = called AND a.is_active AND d.password <> '' $$"""

MINE = f"""CREATE OR REPLACE FUNCTION harbour_my_decoy() RETURNS uuid LANGUAGE sql STABLE {HEAD}
  SELECT d.account_id FROM relocation_decoy d WHERE d.owner_id = {WHO} $$"""

# Said to those who watch, in silence; whoever is forced is signed out everywhere else.
FORCED = f"""CREATE OR REPLACE FUNCTION harbour_forced() RETURNS uuid LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE opens uuid;
  BEGIN
    SELECT d.account_id INTO opens FROM relocation_decoy d WHERE d.owner_id = {WHO} AND d.password <> '';
    IF NOT FOUND THEN RETURN NULL; END IF;
    UPDATE relocation_account SET ended = ended + 1 WHERE id = {WHO};
    DELETE FROM relocation_session WHERE account_id = {WHO};
    PERFORM harbour_note({WHO}, 'account.forced', NULL, '');
    PERFORM harbour_signal('duress', {WHO});
    RETURN opens;
  END $$"""


class Honey(models.Model):
    """A case that nobody works on."""

    case_id = models.UUIDField(primary_key=True)
    at = models.DateTimeField(db_default=Now())

    wall_rules: ClassVar[dict[str, str]] = {}
    wall_statements: ClassVar[tuple[str, ...]] = (
        "REVOKE ALL ON relocation_honey, relocation_decoy FROM harbour_app",
        *watch.functions(),
        MARK_DECOY,
        MARK_HONEY,
        SET_DECOY,
        DECOY_PASSWORD,
        MINE,
        FORCED,
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"row {self.pk}"


class Decoy(models.Model):
    """An account that opens honey cases only; `owner` is whose forced password leads to it."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    password = models.CharField(max_length=128, blank=True)

    wall_rules: ClassVar[dict[str, str]] = {}

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"row {self.pk}"


def mark_decoy(account_id: UUID) -> bool:
    """Say that an account that nobody has used is a decoy; only where nobody has signed in (a command)."""
    return bool(answer("SELECT harbour_mark_decoy(%s)", account_id))


def mark_case(case_id: UUID) -> bool:
    """Say that a case is honey: as the decoy that referred it, while only decoys hold it."""
    return bool(answer("SELECT harbour_mark_honey(%s)", case_id))


def sought(typed: str) -> None:
    """Somebody looks for this code."""
    answer("SELECT harbour_sought(%s)", typed)


def set_decoy(secret: str) -> uuid.UUID | None:
    """Keep a forced password's hash for the acting account. Returns the account that it opens; None where none is free."""
    return _uuid(answer("SELECT harbour_set_decoy(%s)", secret))


def mine() -> uuid.UUID | None:
    """The account that the acting account's forced password opens, if there is one."""
    return _uuid(answer("SELECT harbour_my_decoy()"))


def decoy_password(username: str) -> str:
    """The hash of somebody's forced password; empty where there is none."""
    return str(answer("SELECT harbour_decoy_password(%s)", username) or "")


def forced() -> uuid.UUID | None:
    """The acting account was opened by its forced password: tell those who watch. Returns the account to sign in instead."""
    return _uuid(answer("SELECT harbour_forced()"))


def _uuid(found: object) -> uuid.UUID | None:
    return found if isinstance(found, UUID) else None

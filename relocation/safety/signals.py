"""What the database notices by itself and says to those who watch, in silence: never to whoever caused it."""

import uuid
from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from relocation.safety.actor import system_account
from relocation.safety.guards import WHO
from relocation.safety.policy import Role
from relocation.safety.triggers import DESK_ROLES, HEAD

# Whoever is on call now, access custodians and auditors; but for oneself.
SEES = f"account_id <> {WHO} AND (harbour_watches() OR harbour_office('custodian') OR harbour_office('auditor'))"
WATCHES = (
    f"CREATE OR REPLACE FUNCTION harbour_watches() RETURNS boolean LANGUAGE sql STABLE {HEAD} "
    f"SELECT EXISTS (SELECT FROM relocation_dutyshift s WHERE s.account_id = {WHO} "
    "AND statement_timestamp() BETWEEN s.starts_at AND s.ends_at) $$"
)
# Only telling asks: whoever coordinates the case in which it happened.
COORDINATORS = (
    f"CREATE OR REPLACE FUNCTION harbour_coordinators(c uuid) RETURNS SETOF uuid LANGUAGE sql STABLE {HEAD} "
    "SELECT g.user_id FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id "
    f"WHERE g.case_id = c AND p.codename = '{Role.COORDINATOR}' AND g.expires_at > statement_timestamp() "
    "AND harbour_sweeps('door') $$"
)
# Everybody at a desk who works on a case, for telling them: for whoever works on it too, and for telling.
DESK_OF = (
    f"CREATE OR REPLACE FUNCTION harbour_desk_of(c uuid) RETURNS SETOF uuid LANGUAGE sql STABLE {HEAD} "
    "SELECT DISTINCT g.user_id FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id "
    f"WHERE g.case_id = c AND p.codename IN ({DESK_ROLES}) AND g.expires_at > statement_timestamp() "
    "AND (harbour_sweeps('door') OR harbour_colleague(c)) $$"
)


class Signal(models.Model):
    """Something that should not happen in ordinary use: of which kind, by whose account, when (UTC)."""

    class Kind(models.TextChoices):
        HONEY = "honey", _("reached for a case that nobody works on")
        BULK = "bulk", _("opened very much in one hour")
        DURESS = "duress", _("signed in with the password that says “I am forced”")
        GLASS = "glass", _("tried to open a case in an emergency, and could not")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=8, choices=Kind)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    wall_rules: ClassVar[dict[str, str]] = {"SELECT": SEES}
    wall_questions: ClassVar[tuple[str, ...]] = (WATCHES, COORDINATORS, DESK_OF)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["-at"], name="signal_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


def door() -> UUID:
    """The system account as which telling runs: whoever caused it is not trusted with it."""
    return system_account("door")


def first() -> Iterator[str]:
    """What other functions of ours call, and nobody else: telling those who watch, and noting a signal."""
    for kind in ("danger", "case"):
        yield (
            f"CREATE OR REPLACE FUNCTION harbour_tell_{kind}(said text, who uuid, c uuid) RETURNS void LANGUAGE sql VOLATILE "
            f"{HEAD} INSERT INTO relocation_outbox (kind, ids, originator_id, key, attempts, failed) VALUES ('tell_{kind}', "
            f"jsonb_strip_nulls(jsonb_build_object('about', who::text, 'case', c::text)), '{door()}', "
            f"'tell_{kind}:' || said, 0, '') ON CONFLICT DO NOTHING $$"
        )
    yield (
        "CREATE OR REPLACE FUNCTION harbour_signal(said text, who uuid) RETURNS void LANGUAGE plpgsql VOLATILE "
        f"{HEAD} DECLARE number uuid := gen_random_uuid(); BEGIN "
        "INSERT INTO relocation_signal (id, kind, account_id) VALUES (number, said, who); "
        "PERFORM harbour_tell_danger('signal:' || number, who, NULL); END $$"
    )
    for name in ("tell_danger(text, uuid, uuid)", "tell_case(text, uuid, uuid)", "signal(text, uuid)"):
        yield f"REVOKE EXECUTE ON FUNCTION harbour_{name} FROM PUBLIC"

"""People who sign in: staff, hosts, escorts, embassy officers. Those who are helped have no account."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from relocation.models.organisation import Organisation
from relocation.safety.actor import system_account
from relocation.safety.walls import ACTOR


class Part(models.TextChoices):
    """Which door an account comes in by; it grants nothing."""

    DESK = "desk", _("case work")
    HOUSE = "house", _("host")
    ROAD = "road", _("escort")
    POST = "post", _("embassy officer")
    OFFICE = "office", _("office")
    SYSTEM = "system", _("system")


class Office(models.TextChoices):
    """Roles in the organisation; none of them reads a case."""

    CUSTODIAN = "custodian", _("access custodian")
    AUDITOR = "auditor", _("auditor")
    KEYS = "keys", _("key custodian")
    OPERATOR = "operator", _("operator")


# Nobody opens a closed or locked account by hand: `harbour_lift` does, for two people. Whoever closes one is the custodian of its
# organisation; what else a page changes is one's own. Not a definer: it asks as whom the change is made.
_OPENED = "new.is_active AND NOT old.is_active"
_CLOSED = "old.is_active AND NOT new.is_active AND NOT harbour_custodian_over(old.id)"
_TOLD_ANEW = (
    "ROW(old.name, old.email, old.language, old.ended) IS DISTINCT FROM ROW(new.name, new.email, new.language, new.ended)"
)
_ANOTHERS = f"{ACTOR} IS NOT NULL AND {ACTOR} <> old.id"
KEPT = (
    "CREATE OR REPLACE FUNCTION harbour_account_kept() RETURNS trigger LANGUAGE plpgsql "
    "SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN IF current_user = 'harbour_app' AND "
    f"(({_OPENED}) OR new.ended < old.ended OR ({_ANOTHERS} AND (({_CLOSED}) OR {_TOLD_ANEW}))) THEN "
    "RAISE EXCEPTION 'an account is closed by its custodian and opened by two people' USING ERRCODE = 'insufficient_privilege'; "
    "END IF; RETURN new; END $$",
    "CREATE OR REPLACE TRIGGER account_kept BEFORE UPDATE OF is_active, ended, name, email, language ON relocation_account "
    "FOR EACH ROW EXECUTE FUNCTION harbour_account_kept()",
)


class Account(AbstractUser):
    """Somebody who acts. A superuser sees no case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    first_name: Any = None
    last_name: Any = None
    name = models.CharField(_("name"), max_length=80)
    part = models.CharField(max_length=10, choices=Part, default=Part.DESK)
    offices = ArrayField(models.CharField(max_length=12, choices=Office), default=list, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="accounts")
    post = models.ForeignKey("relocation.Post", models.PROTECT, null=True, blank=True, related_name="officers")
    language = models.CharField(max_length=8, default="en")
    ended = models.PositiveIntegerField(default=0, help_text="how often all its sessions were ended at once")

    wall_statements: ClassVar[tuple[str, ...]] = KEPT

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must agree with: password, part, offices, place; whatever changes of these ends it."""
        place = [str(self.organisation_id), str(self.post_id)]
        told = [self.password, self.part, *sorted(self.offices), *place, str(self.ended)]
        return salted_hmac("relocation.account.session", "|".join(told), secret=secret, algorithm="sha256").hexdigest()

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in str(self).split()[:2]).upper()


NO_PASSWORD = "!"  # noqa: S105  no password matches it
# Each sweep acts as an account of its own, with its own narrow policy. The door writes down who was not let in.
SWEEPS = ("outbox", "check-ins", "burned-house", "conflicts", "retention", "anchors", "door", "holds")


def enrol_sweeps() -> None:
    """Make the sweeps' accounts where they are missing; nobody can sign in as one."""
    Account.objects.bulk_create(
        [Account(id=system_account(s), username=f"system.{s}", name=s, part=Part.SYSTEM, password=NO_PASSWORD) for s in SWEEPS],
        ignore_conflicts=True,
    )


class DutyShift(models.Model):
    """Who is on call, from when until when (UTC)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    # Whoever raises an alarm must see who is on call; who is on call is let into cases, so the desk alone says it.
    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": f"{ACTOR} IS NOT NULL",
        "INSERT": "harbour_part('desk')",
        "UPDATE": "harbour_part('desk')",
        "DELETE": "harbour_part('desk')",
    }

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["ends_at"], name="duty_ends")]
        constraints = [models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_has_length")]

    def __str__(self) -> str:
        return f"{self.account} until {self.ends_at:%d %b %H:%M}"

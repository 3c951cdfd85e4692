"""A referral chain that is known to the wrong people: whoever came through it, and whoever comes through it now."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from relocation.models.account import Account
from relocation.models.organisation import Organisation
from relocation.safety.guards import WHO
from relocation.safety.lock_rules import COORDINATES
from relocation.safety.policy import Compartment
from relocation.safety.sealed import Sealed
from relocation.safety.sweeping import SWEEP, function, two_say_it_is_safe

CONTACTS = Compartment.CONTACTS


# Whoever is on call, and whoever coordinates, for the own organisation.
ANSWERS = function(
    "answers_for",
    "org uuid",
    "boolean",
    f"SELECT EXISTS (SELECT FROM relocation_account a WHERE a.id = {WHO} AND a.is_active AND a.part = 'desk' "  # noqa: S608
    f"AND a.organisation_id = org AND (harbour_watches() OR {COORDINATES}))",
    "sql STABLE",
)
# Whether anything is burned at all, for whoever enters a referral; not what.
ANY = function(
    "any_chain",
    "org uuid",
    "boolean",
    "SELECT EXISTS (SELECT FROM relocation_burnedchain b WHERE b.organisation_id = org AND b.undone_at IS NULL)",
    "sql STABLE",
)
# Of whose referrers the names are compared: the cases of the organisation, but for those that nobody works on any more.
COMPARED = function(
    "chain_cases",
    "b uuid",
    "SETOF uuid",
    "SELECT k.id FROM relocation_case k JOIN relocation_burnedchain x ON x.organisation_id = k.organisation_id "
    "WHERE x.id = b AND x.undone_at IS NULL AND harbour_sweeps('conflicts') AND k.standing <> 'deceased'",
    "sql STABLE",
)
ENTER = function(
    "enter_chain",
    "b uuid, cases uuid[]",
    "SETOF uuid",
    f"""
DECLARE t record;
BEGIN
  FOR t IN SELECT k.id, x.by_id FROM relocation_case k JOIN relocation_burnedchain x ON x.organisation_id = k.organisation_id
      WHERE x.id = b AND x.undone_at IS NULL AND k.id = ANY (cases) AND harbour_sweeps('{SWEEP}')
      AND NOT EXISTS (SELECT FROM relocation_deadline d WHERE d.case_id = k.id AND d.about = b) ORDER BY k.id LOOP
    CONTINUE WHEN harbour_mark_locked(t.id, b, 'review', 'burned', interval '24 hours');
    PERFORM harbour_sweep_in(t.id, b, t.by_id);
    PERFORM harbour_tell_case('chain:' || b || ':' || t.id, t.by_id, t.id);
    RETURN NEXT t.id;
  END LOOP;
END""",  # noqa: S608  names of our own
)
COUNTED = function(
    "chain_counted",
    "b uuid",
    "bigint",
    "SELECT count(DISTINCT d.case_id) FROM relocation_deadline d JOIN relocation_burnedchain x ON x.id = d.about "
    "WHERE x.id = b AND harbour_answers_for(x.organisation_id)",
    "sql STABLE",
)
TOLD = function(
    "chain_burned",
    "",
    "trigger",
    f"BEGIN PERFORM harbour_tell_danger('chain:' || new.id, {WHO}, NULL); RETURN NULL; END",
)
UNBURN = two_say_it_is_safe("unburn_chain", "relocation_burnedchain", "harbour_answers_for(u.organisation_id)")


class BurnedChain(models.Model):
    """Somebody through whom people were referred is no longer safe. Two people end it, by `harbour_unburn_chain` alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    who = Sealed(_("through whom people came"), compartment=CONTACTS, keyed_by="organisation_id")
    reason = Sealed(_("why"), compartment=CONTACTS, keyed_by="organisation_id")
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    asked_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(null=True)
    asked_device = models.BinaryField(null=True, help_text="digest of the device of whoever says first that it is safe again")
    undone_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    wall_questions: ClassVar[tuple[str, ...]] = (ANSWERS, ANY)
    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": f"harbour_answers_for(organisation_id) OR harbour_sweeps('conflicts') OR harbour_sweeps('{SWEEP}')",
        "INSERT": f"relocation_burnedchain.by_id = {WHO} AND harbour_answers_for(organisation_id) "
        "AND asked_by_id IS NULL AND undone_at IS NULL",
    }
    wall_statements: ClassVar[tuple[str, ...]] = (
        COMPARED, ENTER, COUNTED, TOLD, UNBURN,
        "CREATE OR REPLACE TRIGGER chain_burned AFTER INSERT ON relocation_burnedchain FOR EACH ROW "
        "EXECUTE FUNCTION harbour_chain_burned()",
    )  # fmt: skip

    class Meta:
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["-at"]
        constraints = [
            models.CheckConstraint(condition=Q(undone_by=None) | ~Q(undone_by=F("asked_by")), name="two_say_a_chain_is_safe"),
            models.CheckConstraint(
                condition=Q(undone_by=None, undone_at=None) | Q(undone_by__isnull=False, undone_at__isnull=False),
                name="a_safe_chain_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"burned chain {self.pk}"

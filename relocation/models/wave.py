"""A wave: people who set out together, kept as one record, and the steps that were asked for all of them at once."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.safety import access
from relocation.safety.guards import WHO
from relocation.safety.policy import Compartment, Role, known
from relocation.safety.sealed import Sealed
from relocation.safety.triggers import HEAD

if TYPE_CHECKING:
    from relocation.models.account import Account

CARD = Compartment.CARD
_HOLDS = "SELECT FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id"
_LIVE = f"g.user_id = {WHO} AND g.expires_at > statement_timestamp()"

# Coordinators of the organisation see its waves. Whom a forced password leads to sees none of them, and cannot tell.
COORDINATES = f"""CREATE OR REPLACE FUNCTION harbour_coordinates_in(o uuid) RETURNS boolean LANGUAGE sql STABLE {HEAD}
  SELECT harbour_part('desk')
    AND EXISTS (SELECT FROM relocation_account a WHERE a.id = {WHO} AND a.organisation_id = o)
    AND NOT EXISTS (SELECT FROM relocation_decoy d WHERE d.account_id = {WHO})
    AND EXISTS ({_HOLDS} JOIN relocation_case k ON k.id = g.case_id
      WHERE {_LIVE} AND p.codename = '{Role.COORDINATOR}' AND k.organisation_id = o) $$"""  # noqa: S608  names of our own

# Whoever leads or coordinates somebody in it sees the wave: its name and its day, never who else is in it.
TRAVELS_IN = f"""CREATE OR REPLACE FUNCTION harbour_travels_in(w uuid) RETURNS boolean LANGUAGE sql STABLE {HEAD}
  SELECT EXISTS ({_HOLDS} JOIN relocation_member m ON m.case_id = g.case_id
    WHERE {_LIVE} AND p.codename IN ('{Role.LEAD}', '{Role.COORDINATOR}') AND m.wave_id = w AND m.left_at IS NULL) $$"""

# Closing ends everybody's place in it, theirs too whom the one who closes it may not see.
CLOSE = f"""CREATE OR REPLACE FUNCTION harbour_close_wave(w uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE {HEAD}
  BEGIN
    UPDATE relocation_wave SET closed_at = statement_timestamp() WHERE id = w AND closed_at IS NULL
      AND (coordinator_id = {WHO} OR harbour_coordinates_in(organisation_id));
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE relocation_member SET left_at = statement_timestamp() WHERE wave_id = w AND left_at IS NULL;
    RETURN true;
  END $$"""  # noqa: S608  names of our own

_KEEPS = f"relocation_wave.coordinator_id = {WHO} OR harbour_coordinates_in(relocation_wave.organisation_id)"


class WaveQuerySet(models.QuerySet["Wave"]):
    """Waves, narrowed."""

    def visible_to(self, account: "Account") -> "WaveQuerySet":
        """Those of the organisation's coordinators, and those in which somebody is whom the account leads or coordinates."""
        return self.filter(self._kept_by(account) | Q(pk__in=self._with_somebody_of(account)))

    def kept_by(self, account: "Account") -> "WaveQuerySet":
        """Those that the account may change and close."""
        return self.filter(self._kept_by(account))

    @staticmethod
    def _kept_by(account: "Account") -> Q:
        coordinates = access.grants(account, "case.assign").filter(content_object__organisation=OuterRef("organisation"))
        return Q(coordinator=account) | Q(Q(organisation=account.organisation_id), Exists(coordinates))

    @staticmethod
    def _with_somebody_of(account: "Account") -> models.QuerySet["Member", "uuid.UUID"]:
        steps = [access.permitted(account, capability).values("pk") for capability in ("case.assign", "place")]
        mine = Q(case__in=steps[0]) | Q(case__in=steps[1])
        return Member.objects.filter(mine, left_at=None).order_by().values_list("wave_id", flat=True)


class Wave(models.Model):
    """People who set out together. It tells a neutral name and a day; where to is told by each member's own papers alone."""

    class Purpose(models.TextChoices):
        EXTRACTION = "extraction", _("out of danger")
        DEPARTURE = "departure", _("out of the country")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey("relocation.Organisation", models.PROTECT, related_name="+")
    coordinator = models.ForeignKey("relocation.Account", models.PROTECT, related_name="+", verbose_name=_("coordinator"))
    alias = models.CharField(_("name"), max_length=24)
    purpose = models.CharField(_("where they go"), max_length=10, choices=Purpose, default=Purpose.DEPARTURE)
    leaves_on = models.DateField(_("leaves on"))
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey("relocation.Account", models.PROTECT, related_name="+", editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    objects = WaveQuerySet.as_manager()

    wall_questions: ClassVar[tuple[str, ...]] = (COORDINATES, TRAVELS_IN)
    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": f"{_KEEPS} OR harbour_travels_in(relocation_wave.id)",
        "INSERT": f"by_id = {WHO} AND harbour_coordinates_in(organisation_id)",
        "UPDATE": _KEEPS,
        "DELETE": "false",
    }
    wall_statements: ClassVar[tuple[str, ...]] = (CLOSE,)

    class Meta:
        default_permissions = ()
        ordering = ["leaves_on", "alias"]

    def __str__(self) -> str:
        return self.alias


class Member(OnCase):
    """A person's place in a wave. Nobody is in two open waves, since nobody leaves twice."""

    wave = known(CARD, models.ForeignKey(Wave, models.PROTECT, related_name="members"))
    left_at = known(CARD, models.DateTimeField(null=True, blank=True))

    class Meta(OnCase.Meta):
        constraints = [models.UniqueConstraint(fields=["case"], condition=Q(left_at=None), name="one_open_wave")]
        indexes = [models.Index(fields=["wave"], condition=Q(left_at=None), name="member_there")]


class WaveStep(models.Model):
    """One step that somebody asked for a whole wave; its id is the form's token, so that it is asked for once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    wave = models.ForeignKey(Wave, models.PROTECT, related_name="steps")
    organisation = models.ForeignKey("relocation.Organisation", models.PROTECT, null=True, related_name="+")
    step = models.CharField(max_length=20)
    told = Sealed(compartment=CARD, keyed_by="organisation_id")
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey("relocation.Account", models.PROTECT, related_name="+")

    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": f"by_id = {WHO}",
        "INSERT": f"by_id = {WHO} AND EXISTS (SELECT FROM relocation_wave w WHERE w.id = wave_id)",
        "UPDATE": f"by_id = {WHO}",
        "DELETE": "false",
    }

    class Meta:
        default_permissions = ()
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.step

    @property
    def owner_id(self) -> uuid.UUID:
        """Who put away what is told for everybody, until all have had their turn; nobody else reads it."""
        return self.by_id


class Turn(OnCase):
    """One person's turn in a step of a wave: it waits, or has been judged. What blocked it is kept as codes."""

    class Outcome(models.TextChoices):
        WAITS = "waits", _("waits")
        DONE = "done", _("done")
        ASKED = "asked", _("a second person is asked")
        REFUSED = "refused", _("not possible yet")

    wavestep = known(CARD, models.ForeignKey(WaveStep, models.PROTECT, related_name="turns"))
    version = known(CARD, models.PositiveIntegerField())
    outcome = known(CARD, models.CharField(max_length=8, choices=Outcome, default=Outcome.WAITS))
    why = known(CARD, models.CharField(max_length=20, blank=True, help_text="the kind of the refusal"))
    unmet = known(CARD, ArrayField(models.CharField(max_length=40), default=list, blank=True))

    class Meta(OnCase.Meta):
        constraints = [models.UniqueConstraint(fields=["wavestep", "case"], name="one_turn_each")]

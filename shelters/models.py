"""Houses with rooms and beds, who keeps them, and who stays there from when to when."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relocation.models import Account, Case, OnCase, Organisation
from relocation.safety import access
from relocation.safety.policy import Compartment, Role, known
from relocation.safety.sealed import Sealed
from relocation.safety.triggers import HEAD
from relocation.safety.walls import ACTOR

LOCATION = Compartment.LOCATION


def _keeps(house: str) -> str:
    return f"EXISTS (SELECT 1 FROM shelters_keeper k WHERE k.house_id = {house} AND k.account_id = {ACTOR})"


def _staff_or_host(house: str) -> dict[str, str]:
    """Case workers know houses by their code; a host knows the own house. Addresses are sealed besides."""
    seen = f"harbour_part('desk') OR {_keeps(house)}"
    return {"SELECT": seen, "INSERT": "harbour_part('desk')", "UPDATE": seen, "DELETE": "harbour_part('desk')"}


# A locked house takes nobody until two people open the lock again.
LOCKED = (
    f"CREATE OR REPLACE FUNCTION harbour_house_locked() RETURNS trigger LANGUAGE plpgsql {HEAD} "
    "BEGIN UPDATE shelters_house SET is_open = (new.lifted_at IS NOT NULL) WHERE id = new.subject_id; RETURN NULL; END $$",
    "CREATE OR REPLACE TRIGGER house_locked AFTER INSERT OR UPDATE OF lifted_at ON relocation_lock FOR EACH ROW "
    "WHEN (new.scope = 'house') EXECUTE FUNCTION harbour_house_locked()",
)


class House(models.Model):
    """A safe house, known by a neutral code. Its address is sealed under a key of its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.CharField(max_length=40, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    address = Sealed(compartment=LOCATION, keyed_by="id")
    meeting_point = Sealed(compartment=LOCATION, keyed_by="id")
    time_zone = models.CharField(max_length=40, default="Europe/Moscow")
    is_open = models.BooleanField(default=True)
    compromised_at = models.DateTimeField(null=True, blank=True)

    # The access custodian invites a host to a house, and knows it by its code.
    wall_rules = _staff_or_host("shelters_house.id") | {
        "SELECT": f"harbour_part('desk') OR {_keeps('shelters_house.id')} OR harbour_office('custodian')"
    }

    wall_statements = LOCKED

    class Meta:
        default_permissions = ()
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @property
    def takes_people(self) -> bool:
        return self.is_open and self.compromised_at is None


class Keeper(models.Model):
    """A host of a house."""

    house = models.ForeignKey(House, models.CASCADE, related_name="keepers")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")

    wall_rules = {
        "SELECT": f"harbour_part('desk') OR account_id = {ACTOR} OR harbour_office('custodian')",
        "INSERT": f"harbour_part('desk') OR (harbour_office('custodian') AND account_id <> {ACTOR})",
        "UPDATE": "false",
        "DELETE": "harbour_part('desk')",
    }

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["house", "account"], name="one_keeper_once")]

    def __str__(self) -> str:
        return f"keeper {self.pk}"


class Room(models.Model):
    """A room of a house."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    house = models.ForeignKey(House, models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=40)

    wall_rules = _staff_or_host("shelters_room.house_id")

    class Meta:
        default_permissions = ()
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Bed(models.Model):
    """A bed: what a stay occupies."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    room = models.ForeignKey(Room, models.CASCADE, related_name="beds")
    house = models.ForeignKey(House, models.CASCADE, related_name="beds")
    name = models.CharField(max_length=40)

    wall_rules = _staff_or_host("shelters_bed.house_id")

    class Meta:
        default_permissions = ()
        ordering = ["room__name", "name"]

    def __str__(self) -> str:
        return f"{self.room}, {self.name}"


class FreeBeds(models.Model):
    """How many beds the host says are free tonight; the newest answer counts, the one before is what undo restores."""

    house = models.ForeignKey(House, models.CASCADE, related_name="answers")
    beds = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    wall_rules = _staff_or_host("shelters_freebeds.house_id") | {
        "INSERT": f"by_id = {ACTOR} AND {_keeps('shelters_freebeds.house_id')}"
    }

    class Meta:
        default_permissions = ()
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.beds} free"


class StayQuerySet(models.QuerySet["Stay"]):
    """Stays, in the words of the house."""

    def visible_to(self, account: Account) -> "StayQuerySet":
        """Stays of the cases whose location this account may know of."""
        return self.filter(case__in=Case.objects.visible_to(account, f"{LOCATION}.reveal_together"))

    def hosted_by(self, account: Account) -> "StayQuerySet":
        """The stays that a host was told of, as long as they last."""
        return self.filter(pk__in=access.grants(account, f"{LOCATION}.own").values("scope"))

    def between(self, first: date, until: date) -> "StayQuerySet":
        """Stays that have a night from `first` up to, not including, `until`."""
        return self.filter(nights__overlap=(first, until))

    def standing(self) -> "StayQuerySet":
        """Stays that occupy their bed: a hold that ran out does not."""
        return self.filter(Q(state__in=["confirmed", "arrived"]) | Q(state="held", held_until__gt=Now()))

    def in_open_houses(self) -> "StayQuerySet":
        return self.filter(house__is_open=True, house__compromised_at=None)


# Which nights are taken, not by whom: whoever works at a desk sees that a bed is not free, never another's case.
TAKEN_NIGHTS = f"""CREATE OR REPLACE FUNCTION harbour_taken_nights(in_house uuid, since date, until date)
  RETURNS TABLE (taken_bed uuid, night date) LANGUAGE sql STABLE {HEAD}
  SELECT s.bed_id, n::date FROM shelters_stay s,
    generate_series(
      greatest(lower(s.nights), since)::timestamp, (least(upper(s.nights), until) - 1)::timestamp, '1 day'
    ) n
  WHERE harbour_part('desk') AND s.house_id = in_house AND s.nights && daterange(since, until)
    AND (s.state IN ('confirmed', 'arrived') OR (s.state = 'held' AND s.held_until > statement_timestamp())) $$"""

# Who else sleeps in a house on these nights, as cases, but for the person's own household: only for the comparison of names.
OTHERS_THERE = f"""CREATE OR REPLACE FUNCTION harbour_others_there(in_house uuid, c uuid, since date, until date)
  RETURNS SETOF uuid LANGUAGE sql STABLE {HEAD}
  SELECT DISTINCT s.case_id FROM shelters_stay s JOIN relocation_case k ON k.id = s.case_id, relocation_case own
  WHERE harbour_sweeps('conflicts') AND own.id = c AND s.house_id = in_house AND s.case_id <> c
    AND s.nights && daterange(since, until) AND k.household_id IS DISTINCT FROM COALESCE(own.household_id, c)
    AND (s.state IN ('confirmed', 'arrived', 'not_here') OR (s.state = 'held' AND s.held_until > statement_timestamp())) $$"""

# A hold that ran out belongs to nobody: whoever wants the bed gives it back, though the case behind it is hidden; that case's
# ledger says so.
GIVE_BACK = f"""CREATE OR REPLACE FUNCTION harbour_give_back(wanted uuid) RETURNS void LANGUAGE sql VOLATILE {HEAD}
  WITH given_back AS (
    UPDATE shelters_stay SET state = 'released'
    WHERE harbour_part('desk') AND bed_id = wanted AND state = 'held' AND held_until <= statement_timestamp()
    RETURNING id, case_id)
  INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, about, detail)
  SELECT gen_random_uuid(), case_id, {ACTOR}, 'stay.released', '', '', id, 'ran out' FROM given_back $$"""


class Stay(OnCase):
    """One person in one bed for some nights: held, confirmed, arrived, left. Two never share a bed and a night."""

    class State(models.TextChoices):
        HELD = "held", _("held")
        CONFIRMED = "confirmed", _("confirmed")
        ARRIVED = "arrived", _("arrived")
        NOT_HERE = "not_here", _("did not come")
        LEFT = "left", _("left")
        RELEASED = "released", _("released")

    house = known(LOCATION, models.ForeignKey(House, models.PROTECT, related_name="stays"))
    bed = known(LOCATION, models.ForeignKey(Bed, models.PROTECT, related_name="stays"))
    nights = known(LOCATION, DateRangeField(help_text="from the first night up to, not including, the day of leaving"))
    state = known(LOCATION, models.CharField(max_length=10, choices=State, default=State.HELD))
    held_until = known(LOCATION, models.DateTimeField())
    expected_from = known(LOCATION, models.DateTimeField(_("arrives from")))
    expected_until = known(LOCATION, models.DateTimeField(_("arrives until")))
    arrived_at = known(LOCATION, models.DateTimeField(null=True, blank=True))

    objects = StayQuerySet.as_manager()

    own_by = {Role.HOST: "id"}
    wall_statements: ClassVar[tuple[str, ...]] = (TAKEN_NIGHTS, OTHERS_THERE, GIVE_BACK)

    class Meta(OnCase.Meta):
        ordering: ClassVar[Any] = ["expected_from"]
        constraints = [
            ExclusionConstraint(
                name="one_stay_per_bed_and_night",
                expressions=[("bed", RangeOperators.EQUAL), ("nights", RangeOperators.OVERLAPS)],
                condition=Q(state__in=["held", "confirmed", "arrived"]),
            )
        ]

    @property
    def ran_out(self) -> bool:
        """A hold that nobody confirmed in time; the bed may be given to somebody else."""
        return self.state == Stay.State.HELD and self.held_until <= timezone.now()

    @property
    def is_over(self) -> bool:
        return self.state in (Stay.State.LEFT, Stay.State.RELEASED)


from shelters.burned import Burn, Knower, Touched  # noqa: E402, F401  hangs on what is above

"""A safe house, whom it suits, its rooms and its beds."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from relocation.models import Organisation
from relocation.safety.policy import Compartment
from relocation.safety.sealed import Sealed
from relocation.safety.triggers import HEAD
from shelters.models.walls import keeps, own_desk, staff_or_host

LOCATION = Compartment.LOCATION

# A locked house takes nobody until two people open the lock again, whoever may know that it is locked.
LOCKED = (
    f"CREATE OR REPLACE FUNCTION harbour_is_locked_house(h uuid) RETURNS boolean LANGUAGE sql STABLE {HEAD} "
    "SELECT EXISTS (SELECT FROM relocation_lock l WHERE l.scope = 'house' AND l.subject_id = h AND l.lifted_at IS NULL) $$",
    f"CREATE OR REPLACE FUNCTION harbour_house_locked() RETURNS trigger LANGUAGE plpgsql {HEAD} "
    "BEGIN UPDATE shelters_house SET is_open = (new.lifted_at IS NOT NULL) WHERE id = new.subject_id; RETURN NULL; END $$",
    "CREATE OR REPLACE TRIGGER house_locked AFTER INSERT OR UPDATE OF lifted_at ON relocation_lock FOR EACH ROW "
    "WHEN (new.scope = 'house') EXECUTE FUNCTION harbour_house_locked()",
)

# A host locks the row of the house while they change what hangs on it, and may not change the house itself: nobody is made to
# open a burned house again. Its own desk changes it, and opens none that is locked. What the database's own functions do passes.
KEPT = (
    "CREATE OR REPLACE FUNCTION harbour_house_kept() RETURNS trigger LANGUAGE plpgsql "
    "SET search_path = pg_catalog, public, pg_temp AS $$ "
    f"BEGIN IF current_user = 'harbour_app' AND NOT {own_desk('old.id')} THEN "
    "RAISE EXCEPTION 'a house is changed by its own desk' USING ERRCODE = 'insufficient_privilege'; END IF; "
    "IF current_user = 'harbour_app' AND new.is_open AND NOT old.is_open AND harbour_is_locked_house(old.id) THEN "
    "RAISE EXCEPTION 'a locked house is opened by two people' USING ERRCODE = 'insufficient_privilege'; END IF; "
    "RETURN new; END $$",
    "CREATE OR REPLACE TRIGGER house_kept BEFORE UPDATE ON shelters_house FOR EACH ROW "
    "WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION harbour_house_kept()",
)


class House(models.Model):
    """A safe house, known by a neutral code. Its address is sealed under a key of its own."""

    class Takes(models.TextChoices):
        """Whom the house asks for, where it asks at all: a host who shares a flat may say so."""

        EVERYBODY = "", _("Everybody")
        WOMEN = "women", _("Women, and children with them")
        MEN = "men", _("Men")
        ADULTS = "adults", _("Nobody under 18")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.CharField(max_length=40, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    address = Sealed(_("address"), compartment=LOCATION, keyed_by="id")
    meeting_point = Sealed(_("public meeting point, some streets away"), compartment=LOCATION, keyed_by="id")
    door_protocol = Sealed(_("what happens at the door"), compartment=LOCATION, keyed_by="id")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Moscow")
    languages = ArrayField(models.CharField(max_length=40), verbose_name=_("languages spoken there"), default=list, blank=True)
    step_free = models.BooleanField(_("reached and lived in without steps"), default=False)
    pets = models.BooleanField(_("pets may come"), default=False)
    smoking = models.BooleanField(_("there is a place to smoke"), default=False)
    smallest_household = models.PositiveSmallIntegerField(_("people in a household, at least"), default=1)
    largest_household = models.PositiveSmallIntegerField(
        _("people in a household, at most"), null=True, blank=True, help_text=_("Empty: as many as there are beds.")
    )
    takes = models.CharField(_("whom the house asks for"), max_length=10, choices=Takes, default=Takes.EVERYBODY, blank=True)
    not_for = models.CharField(_("who would not be well placed here"), max_length=200, blank=True)
    stay_limit = models.PositiveSmallIntegerField(
        _("nights that somebody may stay, at most"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    is_open = models.BooleanField(default=True)
    compromised_at = models.DateTimeField(null=True, blank=True)

    # The access custodian invites a host to a house, and knows it by its code.
    wall_rules = staff_or_host("shelters_house.id") | {
        "SELECT": f"harbour_part('desk') OR {keeps('shelters_house.id')} OR harbour_office('custodian')"
    }

    wall_statements = (*LOCKED, *KEPT)

    class Meta:
        default_permissions = ()
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=models.Q(smallest_household__gte=1), name="a_household_has_somebody"),
            models.CheckConstraint(
                condition=models.Q(largest_household=None) | models.Q(largest_household__gte=models.F("smallest_household")),
                name="the_largest_household_is_not_smaller",
            ),
            models.CheckConstraint(condition=models.Q(stay_limit=None) | models.Q(stay_limit__gte=1), name="a_stay_has_a_night"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def takes_people(self) -> bool:
        return self.is_open and self.compromised_at is None


class Room(models.Model):
    """A room of a house."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    house = models.ForeignKey(House, models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=40)

    wall_rules = staff_or_host("shelters_room.house_id")

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

    wall_rules = staff_or_host("shelters_bed.house_id")

    class Meta:
        default_permissions = ()
        ordering = ["room__name", "name"]

    def __str__(self) -> str:
        return f"{self.room}, {self.name}"

"""Legs, passages of them, seats on them, and check-ins."""

import uuid
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from logistics.models import rules
from relocation.models import Account, OnCase
from relocation.safety.policy import Compartment, Role, known
from relocation.safety.sealed import Sealed
from relocation.safety.walls import ACTOR

CARD, TRAVEL, LOCATION = Compartment.CARD, Compartment.TRAVEL, Compartment.LOCATION


# Whoever entered the leg, or may open the case of somebody on it.
_OWN_OR_SEATED = f"""l.by_id = {ACTOR} OR EXISTS (SELECT FROM logistics_seat o
           JOIN relocation_casegrant g ON g.case_id = o.case_id
           WHERE o.leg_id = l.id AND g.user_id = {ACTOR} AND g.expires_at > statement_timestamp())"""
# Whoever sees somebody's seat on a leg sees the leg, and whoever sees that it stands ready for somebody.
_SEATED = """EXISTS (SELECT 1 FROM logistics_seat s WHERE s.leg_id = logistics_leg.id)
   OR EXISTS (SELECT 1 FROM logistics_alternate a WHERE a.leg_id = logistics_leg.id)"""


class Leg(models.Model):
    """One movement from a coded place to another, with a time zone at each end. It names no passenger."""

    class Mode(models.TextChoices):
        CAR = "car", _("car")
        TRAIN = "train", _("train")
        BUS = "bus", _("bus")
        PLANE = "plane", _("plane")
        FOOT = "foot", _("on foot")
        SHIP = "ship", _("ship")

    class Crossing(models.TextChoices):
        """Which border a leg crosses: what the clock of documents is judged by, and no country."""

        NONE = "none", _("no border")
        OTHER = "other", _("a border, not of the Schengen area")
        IN = "in", _("into the Schengen area")
        OUT = "out", _("out of the Schengen area")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    mode = models.CharField(_("by"), max_length=8, choices=Mode)
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    number = models.CharField(_("number"), max_length=20, blank=True)
    from_place = models.CharField(_("from (code)"), max_length=40)
    to_place = models.CharField(_("to (code)"), max_length=40)
    from_zone = models.CharField(_("time zone there"), max_length=40, default="Europe/Moscow")
    to_zone = models.CharField(_("time zone at the end"), max_length=40, default="Europe/Moscow")
    departs_at = models.DateTimeField(_("departs"))
    arrives_at = models.DateTimeField(_("arrives"))
    seats = models.PositiveSmallIntegerField(_("seats"), default=1)
    crossing = models.CharField(_("border"), max_length=5, choices=Crossing, default=Crossing.NONE)
    needs_manifest = models.BooleanField(_("the carrier needs a manifest"), default=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    escort = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("escort"))

    wall_rules = {
        "SELECT": f"logistics_leg.by_id = {ACTOR} OR {_SEATED}",
        "INSERT": f"logistics_leg.by_id = {ACTOR} AND harbour_part('desk')",
        "UPDATE": f"logistics_leg.by_id = {ACTOR} OR (harbour_part('desk') AND ({_SEATED}))",
        "DELETE": "false",
    }
    wall_statements = (
        """CREATE OR REPLACE FUNCTION harbour_seat() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
           SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN
           IF new.number NOT BETWEEN 1 AND (SELECT seats FROM logistics_leg WHERE id = new.leg_id) THEN
             RAISE EXCEPTION 'there is no seat % on this leg', new.number USING ERRCODE = 'check_violation';
           END IF; RETURN new; END $$""",
        "CREATE OR REPLACE TRIGGER seat BEFORE INSERT OR UPDATE OF number, leg_id ON logistics_seat "
        "FOR EACH ROW EXECUTE FUNCTION harbour_seat()",
        # Which seats are taken, for whoever plans: numbers only, so that nobody learns who else travels.
        f"""CREATE OR REPLACE FUNCTION harbour_taken_seats(leg uuid) RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER
           SET search_path = pg_catalog, public, pg_temp AS $$
           SELECT s.number::integer FROM logistics_seat s JOIN logistics_leg l ON l.id = s.leg_id
           WHERE s.leg_id = leg AND s.given_up_at IS NULL AND ({_OWN_OR_SEATED}) $$""",
        *rules.STATEMENTS,
    )

    class Meta:
        default_permissions = ()
        ordering = ["departs_at"]
        constraints = [models.CheckConstraint(condition=Q(arrives_at__gt=F("departs_at")), name="leg_goes_forward")]

    def __str__(self) -> str:
        return f"{self.from_place} → {self.to_place}"

    @property
    def departs_local(self) -> datetime:
        """Departure in the time zone of the place."""
        return self.departs_at.astimezone(ZoneInfo(self.from_zone))

    @property
    def arrives_local(self) -> datetime:
        """Arrival in the time zone of the place."""
        return self.arrives_at.astimezone(ZoneInfo(self.to_zone))


class Passage(OnCase):
    """One person's way: out of danger, or out of the country."""

    class Purpose(models.TextChoices):
        EXTRACTION = "extraction", _("out of danger")
        DEPARTURE = "departure", _("out of the country")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        CONFIRMED = "confirmed", _("confirmed")
        DONE = "done", _("ended")
        CANCELLED = "cancelled", _("cancelled")

    purpose = known(TRAVEL, models.CharField(_("purpose"), max_length=10, choices=Purpose))
    state = known(TRAVEL, models.CharField(max_length=10, choices=State, default=State.PLANNED))
    alone_by_choice = known(TRAVEL, models.BooleanField(_("the person travels alone, by choice"), default=False))
    needs_exit_permission = known(
        TRAVEL, models.BooleanField(_("the person may leave only with an exit permission"), default=False)
    )
    cover = Sealed(_("what others are told about the trip, which is not true"), compartment=TRAVEL)


class Seat(OnCase):
    """One person's seat on one leg; never sold twice, never beyond the leg's seats."""

    class Progress(models.TextChoices):
        WAITING = "waiting", _("not yet")
        MET = "met", _("met")
        HANDED_OVER = "handed_over", _("handed over")
        MISSED = "missed", _("did not come")

    passage = known(TRAVEL, models.ForeignKey(Passage, models.CASCADE, related_name="seats"))
    leg = known(TRAVEL, models.ForeignKey(Leg, models.PROTECT, related_name="taken"))
    number = known(TRAVEL, models.PositiveSmallIntegerField())
    ticketed_at = known(TRAVEL, models.DateTimeField(null=True, blank=True))
    held_until = known(TRAVEL, models.DateTimeField(_("the carrier holds it until"), null=True, blank=True))
    ticket = Sealed(_("ticket"), compartment=TRAVEL)
    vehicle = Sealed(_("vehicle: plate and look"), compartment=TRAVEL)
    code_phrase = Sealed(_("code phrase between escort and person"), compartment=TRAVEL)
    meeting_point = Sealed(_("where escort and person meet"), compartment=LOCATION)
    progress = known(TRAVEL, models.CharField(max_length=12, choices=Progress, default=Progress.WAITING))
    given_up_at = known(TRAVEL, models.DateTimeField(null=True, blank=True))

    sweep = "conflicts"
    own_by = {Role.ESCORT: "leg_id"}
    shown_by = {Role.RECEIVER: "leg_id"}

    class Meta(OnCase.Meta):
        ordering: ClassVar[Any] = ["leg__departs_at"]
        constraints = [
            models.UniqueConstraint(fields=["leg", "number"], condition=Q(given_up_at=None), name="one_person_per_seat"),
            models.UniqueConstraint(fields=["leg", "case"], condition=Q(given_up_at=None), name="one_seat_per_person"),
        ]


class CheckIn(OnCase):
    """The person was heard from, or did not answer. The words given are compared and not kept."""

    class Outcome(models.TextChoices):
        HEARD = "heard", _("heard from")
        NO_ANSWER = "no_answer", _("no answer")

    anyone_adds = True

    outcome = known(CARD, models.CharField(max_length=10, choices=Outcome))
    channel = known(CARD, models.CharField(_("channel"), max_length=20, blank=True))

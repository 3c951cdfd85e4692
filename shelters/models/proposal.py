"""A proposal of places for many people at once: for whom, what was found, and what became of each. It moves nobody by itself."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from relocation.models import Account, OnCase, Wave
from relocation.safety.policy import Compartment, known
from relocation.safety.walls import ACTOR
from shelters.models.house import House
from shelters.models.stay import Stay

CARD, LOCATION = Compartment.CARD, Compartment.LOCATION
# Whoever sees one of its rows sees what was asked: the nights, and how good it is. Not for whom else.
_SHOWN = "EXISTS (SELECT 1 FROM shelters_offered o WHERE o.proposal_id = shelters_proposal.id)"


class Proposal(models.Model):
    """One question to the solver. Its id is the form's token, so that it is asked once."""

    class State(models.TextChoices):
        ORDERED = "ordered", _("being made")
        READY = "ready", _("ready")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    wave = models.ForeignKey(Wave, models.PROTECT, null=True, related_name="+")
    nights = DateRangeField(help_text="from the first night up to, not including, the day of leaving")
    arrives_from = models.TimeField(help_text="on the first night, in the time of the house")
    arrives_until = models.TimeField()
    state = models.CharField(max_length=8, choices=State, default=State.ORDERED)
    part = models.PositiveSmallIntegerField(default=0)
    parts = models.PositiveSmallIntegerField(default=1)
    halted = models.BooleanField(default=False, help_text="stop looking, and keep the best found so far")
    gap = models.FloatField(null=True, help_text="a share of the bound: how far below the best it is at most")

    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": f"by_id = {ACTOR} OR {_SHOWN}",
        "INSERT": f"by_id = {ACTOR} AND harbour_part('desk')",
        "UPDATE": f"by_id = {ACTOR}",
        "DELETE": "false",
    }

    class Meta:
        default_permissions = ()
        ordering: ClassVar[Any] = ["-at"]

    def __str__(self) -> str:
        return f"proposal {self.pk}"


class Seeker(OnCase):
    """Somebody for whom a place is sought; whoever travels with them bears the same key."""

    proposal = known(CARD, models.ForeignKey(Proposal, models.CASCADE, related_name="seekers"))
    together = known(CARD, models.UUIDField(help_text="the household, or the case of somebody who travels alone"))

    class Meta(OnCase.Meta):
        constraints = [models.UniqueConstraint(fields=["proposal", "case"], name="sought_once")]


class Offered(OnCase):
    """What was found for one person: a house, or none and why; and the stay that became of it."""

    class Why(models.TextChoices):
        """Why there is no house."""

        UNFIT = "unfit", _("No house that has beds on these nights suits.")
        FULL = "full", _("The beds that suit are proposed to others, who would have no place otherwise.")

    proposal = known(LOCATION, models.ForeignKey(Proposal, models.CASCADE, related_name="offers"))
    together = known(LOCATION, models.UUIDField())
    people = known(LOCATION, models.PositiveSmallIntegerField(default=1, help_text="how many bear the same key"))
    house = known(LOCATION, models.ForeignKey(House, models.PROTECT, null=True, related_name="+"))
    why = known(LOCATION, models.CharField(max_length=8, choices=Why, blank=True))
    stay = known(LOCATION, models.ForeignKey(Stay, models.SET_NULL, null=True, related_name="+"))
    refused = known(LOCATION, models.CharField(max_length=20, blank=True, help_text="why it became impossible, as a code"))

    class Meta(OnCase.Meta):
        constraints = [models.UniqueConstraint(fields=["proposal", "case"], name="offered_once")]

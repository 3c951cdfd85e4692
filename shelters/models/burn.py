"""A house that is known to the wrong people: who said so, whom it touches, and who ever knew of it."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from relocation.models import Account, OnCase
from relocation.safety.policy import Compartment, known
from relocation.safety.sealed import Sealed
from relocation.safety.sweeping import SWEEP
from shelters.models import burn_rules

LOCATION = Compartment.LOCATION
SEES = "harbour_may_burn((SELECT b.house_id FROM shelters_burn b WHERE b.id = shelters_knower.burn_id))"


class Burn(models.Model):
    """One time that a house was burned. Writing the row closes the house; two people end it, by `harbour_unburn` alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    house = models.ForeignKey("shelters.House", models.PROTECT, related_name="burns")
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    reason = Sealed(_("why"), compartment=LOCATION, keyed_by="house_id")
    asked_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(null=True)
    asked_device = models.BinaryField(null=True, help_text="digest of the device of whoever says first that it is safe again")
    undone_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    wall_questions: ClassVar[tuple[str, ...]] = (burn_rules.MAY_BURN,)
    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": f"harbour_may_burn(house_id) OR harbour_sweeps('{SWEEP}')",
        "INSERT": burn_rules.INSERTS,
    }
    wall_statements: ClassVar[tuple[str, ...]] = burn_rules.STATEMENTS

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["house"], condition=Q(undone_at=None), name="burned_once"),
            models.CheckConstraint(condition=Q(undone_by=None) | ~Q(undone_by=F("asked_by")), name="two_say_it_is_safe"),
            models.CheckConstraint(
                condition=Q(undone_by=None, undone_at=None) | Q(undone_by__isnull=False, undone_at__isnull=False),
                name="safe_again_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"burn {self.pk}"


class Touched(OnCase):
    """Somebody whom a burned house touches: who is there, who was on the way there, who was there once."""

    class Was(models.TextChoices):
        PRESENT = "present", _("is there")
        COMING = "coming", _("was to come")
        PAST = "past", _("was there")

    sweep = SWEEP

    burn = known(LOCATION, models.ForeignKey(Burn, models.CASCADE, related_name="touched"))
    stay = known(LOCATION, models.UUIDField(help_text="the stay by which it touches them"))
    was = known(LOCATION, models.CharField(max_length=8, choices=Was))

    class Meta(OnCase.Meta):
        constraints = [models.UniqueConstraint(fields=["burn", "case"], name="touched_once")]


class Knower(models.Model):
    """Somebody who knew of a burned house, and how: as its host, by a grant, by a look. The database writes it."""

    class How(models.TextChoices):
        KEEPER = "keeper", _("keeps the house")
        HOST = "host", _("was told of a guest there")
        ESCORT = "escort", _("brought or fetched somebody")
        LEG = "leg", _("looked at where to meet somebody")
        PLACE = "place", _("looked at where somebody was")
        ADDRESS = "address", _("looked at the address")

    burn = models.ForeignKey(Burn, models.CASCADE, related_name="knowers")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    how = models.CharField(max_length=8, choices=How)
    last_at = models.DateTimeField(null=True)
    spoken_at = models.DateTimeField(null=True)
    spoken_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    wall_rules: ClassVar[dict[str, str]] = {"SELECT": SEES, "UPDATE": SEES}

    class Meta:
        default_permissions = ()
        ordering = ["account__name", "how"]
        constraints = [models.UniqueConstraint(fields=["burn", "account", "how"], name="knew_once")]

    def __str__(self) -> str:
        return f"knower {self.pk}"

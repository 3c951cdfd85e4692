"""Who stays in which bed from when to when."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relocation.models import Account, Case, OnCase
from relocation.safety import access
from relocation.safety.policy import Compartment, Role, known
from relocation.safety.sealed import Sealed
from shelters.models.house import Bed, House
from shelters.models.stay_rules import STATEMENTS

LOCATION = Compartment.LOCATION


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

    def in_safe_houses(self) -> "StayQuerySet":
        """Stays in houses that are not burned, whether they take anybody new or not."""
        return self.filter(house__compromised_at=None)


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
    follows = known(
        LOCATION,
        models.OneToOneField(
            "self", models.SET_NULL, null=True, blank=True, related_name="followed_by", help_text="the stay it was moved from"
        ),
    )
    # Whoever comes says the one, whoever opens answers the other: each then knows who stands there.
    greeting = Sealed(_("what whoever comes says at the door"), compartment=LOCATION)
    reply = Sealed(_("what the host answers"), compartment=LOCATION)

    objects = StayQuerySet.as_manager()

    own_by = {Role.HOST: "id"}
    wall_statements: ClassVar[tuple[str, ...]] = STATEMENTS

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

"""A rung of the check-in ladder: written by the database's own sweep alone, once for each plan and missed moment."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from logistics import climbing
from relocation.models import CheckInPlan, OnCase
from relocation.safety.policy import POLICY, SCOPED, Compartment, known
from relocation.safety.walls import granted

CARD = Compartment.CARD
SAID = {
    climbing.GRACE: _("Whoever answers for the check-ins"),
    climbing.SECOND_CHANNEL: _("Everybody on the case, to try a second channel"),
    climbing.ON_CALL: _("The people on call"),
    climbing.LAWYER: _("The lawyer; contact counts as lost"),
}


class Rung(OnCase):
    """How far the ladder was climbed for one missed moment (UTC); one that was passed over told nobody."""

    class Step(models.IntegerChoices):
        GRACE = climbing.GRACE, _("grace over")
        SECOND_CHANNEL = climbing.SECOND_CHANNEL, _("second channel")
        ON_CALL = climbing.ON_CALL, _("people on call")
        LAWYER = climbing.LAWYER, _("lawyer, and contact is lost")

    plan = known(CARD, models.ForeignKey(CheckInPlan, models.CASCADE, related_name="rungs"))
    due_at = known(CARD, models.DateTimeField())
    rung = known(CARD, models.PositiveSmallIntegerField(choices=Step))
    told = known(CARD, models.BooleanField(default=True))
    answered_at = known(CARD, models.DateTimeField(null=True))

    wall_rules: ClassVar[dict[str, str]] = {"SELECT": granted("logistics_rung", "case_id", POLICY.roles(CARD, "reads") - SCOPED)}
    wall_statements: ClassVar[tuple[str, ...]] = climbing.STATEMENTS

    @property
    def sentence(self) -> str:
        """What this rung said to whom."""
        return str(SAID[self.rung])

    class Meta(OnCase.Meta):
        constraints = [models.UniqueConstraint(fields=["plan", "due_at", "rung"], name="each_rung_once")]
        indexes = [models.Index(fields=["case"], condition=models.Q(answered_at=None), name="rung_open")]

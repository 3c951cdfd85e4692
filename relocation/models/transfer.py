"""A case offered to another organisation: who offers it to whom, by which consent, and what the answer was."""

from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.safety.custody import TRANSFER_ANSWERS
from relocation.safety.guards import WHO
from relocation.safety.policy import POLICY, SCOPED, Compartment, Role, known
from relocation.safety.sealed import Sealed

CARD = Compartment.CARD
READERS = ", ".join(f"'{role}'" for role in sorted(POLICY.roles(CARD, "reads") - SCOPED))


class Transfer(OnCase):
    """`by` offers the case at `at` to a coordinator elsewhere. With the word "accepted" the old organisation's access ends."""

    class State(models.TextChoices):
        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        REVOKED = "revoked", _("taken back")

    to = known(CARD, models.ForeignKey("relocation.Account", models.PROTECT, related_name="+"))
    organisation = known(CARD, models.ForeignKey("relocation.Organisation", models.PROTECT, related_name="+"))
    consent = known(CARD, models.ForeignKey("relocation.Consent", models.PROTECT, related_name="+"))
    covers = known(CARD, ArrayField(models.CharField(max_length=12), default=list))
    code = known(CARD, models.CharField(max_length=8))
    words = Sealed(_("what the other organisation must know"), compartment=CARD)
    expires_at = known(CARD, models.DateTimeField())
    state = known(CARD, models.CharField(max_length=10, choices=State, default=State.OFFERED))
    answered_by = known(CARD, models.ForeignKey("relocation.Account", models.PROTECT, null=True, related_name="+"))
    answered_at = known(CARD, models.DateTimeField(null=True))
    answer = Sealed(_("why"), compartment=CARD)

    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": f"to_id = {WHO} OR harbour_holds(case_id, ARRAY[{READERS}])",
        "INSERT": f"by_id = {WHO} AND to_id <> {WHO} AND state = 'offered' "
        f"AND harbour_holds(case_id, ARRAY['{Role.COORDINATOR}'])",
    }
    wall_statements: ClassVar[tuple[str, ...]] = TRANSFER_ANSWERS

    class Meta(OnCase.Meta):
        constraints = [
            models.CheckConstraint(condition=~Q(to=F("by")), name="nobody_offers_to_themselves"),
            models.UniqueConstraint(fields=["case"], condition=Q(state="offered"), name="one_open_offer"),
        ]

    @property
    def owner_id(self) -> UUID:
        """Whom the words are for: they open them before they may open the case."""
        return self.to_id

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OFFERED and self.expires_at > timezone.now()

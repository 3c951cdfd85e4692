"""A second person's word: asked for, given or declined, void once what was approved has changed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.safety.policy import Compartment, known
from relocation.safety.sealed import Sealed

CARD = Compartment.CARD


class Approval(OnCase):
    """`by` asks at `at`; another coordinator answers, never the one who asks and never from the same device."""

    what = known(CARD, models.CharField(max_length=60, help_text="a step, or reveal.location"))
    about = known(CARD, models.UUIDField(null=True, blank=True))
    rests_on = known(CARD, models.BinaryField(help_text="keyed digest of everything that is approved"))
    reason = Sealed(_("why"), compartment=CARD)
    facts = Sealed(compartment=CARD)
    session = known(CARD, models.BinaryField(help_text="digest of the asker's device"))
    expires_at = known(CARD, models.DateTimeField())
    decided_by = known(CARD, models.ForeignKey("relocation.Account", models.PROTECT, null=True, blank=True, related_name="+"))
    decided_at = known(CARD, models.DateTimeField(null=True, blank=True))
    given = known(CARD, models.BooleanField(null=True))
    used_at = known(CARD, models.DateTimeField(null=True, blank=True))

    class Meta(OnCase.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(decided_by=None) | ~Q(decided_by=F("by")), name="nobody_agrees_with_themselves"),
            models.CheckConstraint(
                condition=Q(decided_at=None, given=None) | Q(decided_at__isnull=False, given__isnull=False),
                name="a_decision_is_whole",
            ),
            models.UniqueConstraint(
                fields=["case", "what", "about", "by"],
                condition=Q(given=None),
                name="one_open_question",
                nulls_distinct=False,
            ),
        ]

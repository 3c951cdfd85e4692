"""What was looked at before a case is accepted: duplicates, corroboration, risk."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.models.stage import Risk
from relocation.safety.policy import Compartment, known
from relocation.safety.sealed import Sealed

CARD, CLAIM = Compartment.CARD, Compartment.CLAIM


class DuplicateCheck(OnCase):
    """Somebody looked whether the same person is already known."""

    found = known(CARD, models.BooleanField(_("somebody like them is known"), default=False))
    note = Sealed(_("what was found"), compartment=CLAIM)


class Corroboration(OnCase):
    """What supports the account, from a verifier who is not the case's lead. Kinds go into papers, never the testimony."""

    class Kind(models.TextChoices):
        INTERVIEW = "interview", _("second, independent interview")
        REFERENCE = "reference", _("reference by somebody who knows them")
        DOCUMENT = "document", _("document or photograph")
        MEDICAL = "medical", _("medical finding")
        PUBLIC = "public", _("public report")

    class Outcome(models.TextChoices):
        SUPPORTS = "supports", _("supports the account")
        UNCLEAR = "unclear", _("unclear")
        CONTRADICTS = "contradicts", _("contradicts the account")

    kind = known(CARD, models.CharField(_("kind"), max_length=12, choices=Kind))
    outcome = known(CARD, models.CharField(_("outcome"), max_length=12, choices=Outcome))
    on = known(CARD, models.DateField(_("on")))
    words = Sealed(_("what was found"), compartment=CLAIM)


class RiskAssessment(OnCase):
    """How great the danger is now; good for 14 days."""

    level = known(CARD, models.CharField(_("level"), max_length=10, choices=Risk))
    on = known(CARD, models.DateField(_("on")))
    words = Sealed(_("grounds"), compartment=CLAIM)

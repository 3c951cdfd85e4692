"""What is left of the erased, and what is about to go: written by the database's own functions alone."""

import uuid
from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.safety.guards import WHO
from relocation.safety.policy import Compartment, Role, known
from relocation.safety.retention import KINDS
from relocation.safety.sealed import Sealed

CARD = Compartment.CARD
CHOICES = [(name, kind.label) for name, kind in KINDS.items()]
READERS = f"harbour_holds(case_id, ARRAY['{Role.COORDINATOR}', '{Role.LEAD}', '{Role.WORKER}'])"


class Tombstone(models.Model):
    """Somebody was here, and is erased: the case's id, when, why (a code), and who did it."""

    class Why(models.TextChoices):
        DEMAND = "demand", _("the person asks for it")
        OVER = "over", _("the journey is over, and nothing of it is needed")
        RETENTION = "retention", _("the time to keep it has run out")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID())
    case_id = models.UUIDField(unique=True)
    at = models.DateTimeField(db_default=Now())
    why = models.CharField(max_length=10, choices=Why)
    by = models.UUIDField(null=True)

    wall_rules: ClassVar[dict[str, str]] = {"SELECT": "harbour_office('auditor') OR harbour_sweeps('retention')"}

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"tombstone {self.pk}"


class RevokedPaper(models.Model):
    """A digest of the code of a paper that was erased, so that whoever checks it learns that it no longer holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID())
    code_digest = models.BinaryField(unique=True)

    wall_rules: ClassVar[dict[str, str]] = {"SELECT": "false"}

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "revoked"


class Expiry(OnCase):
    """A kind of record of which the coordinator was warned at `at`, and which goes at `goes_at` unless it is kept longer."""

    kind = known(CARD, models.CharField(max_length=12, choices=CHOICES))
    goes_at = known(CARD, models.DateTimeField())
    gone_at = known(CARD, models.DateTimeField(null=True))

    wall_rules: ClassVar[dict[str, str]] = {"SELECT": READERS}

    class Meta(OnCase.Meta):
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="one_warning_per_kind")]


class Keeping(OnCase):
    """A kind of record that a coordinator keeps for longer, until a day (UTC), and why; the second time somebody else agrees."""

    kind = known(CARD, models.CharField(_("what"), max_length=12, choices=CHOICES))
    until = known(CARD, models.DateField(_("until")))
    words = Sealed(_("why"), compartment=CARD)
    agreed = known(CARD, models.OneToOneField("relocation.Approval", models.PROTECT, null=True, related_name="+"))

    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": READERS,
        "INSERT": f"by_id = {WHO} AND harbour_holds(case_id, ARRAY['{Role.COORDINATOR}']) "
        "AND harbour_may_keep(case_id, kind, agreed_id)",
    }

"""The register of papers: what was issued about whom to whom, frozen, and whether it still stands."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.safety.policy import Compartment, Role, known
from relocation.safety.sealed import Sealed

POST, CARD = Compartment.POST, Compartment.CARD


class Paper(OnCase):
    """One issued paper. It is sealed under the case it is filed with; `subjects` names the others on it."""

    class Kind(models.TextChoices):
        DOSSIER = "dossier", _("Embassy dossier")
        MANIFEST = "manifest", _("Travel manifest")
        HOUSE_SHEET = "house_sheet", _("House sheet")

    class State(models.TextChoices):
        ORDERED = "ordered", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be made")
        SUPERSEDED = "superseded", _("superseded")
        REVOKED = "revoked", _("revoked")

    kind = known(CARD, models.CharField(max_length=12, choices=Kind))
    reader = known(CARD, models.CharField(max_length=10, blank=True, help_text="whose manifest it is: carrier, receiver, escort"))
    version = known(CARD, models.PositiveSmallIntegerField(default=1))
    language = known(CARD, models.CharField(max_length=8, default="en"))
    state = known(CARD, models.CharField(max_length=10, choices=State, default=State.ORDERED))
    part = known(CARD, models.PositiveSmallIntegerField(default=0))
    parts = known(CARD, models.PositiveSmallIntegerField(default=1))
    trouble = known(CARD, models.CharField(max_length=200, blank=True, help_text="why it could not be made, naming nobody"))
    people = known(CARD, models.PositiveSmallIntegerField(default=1, help_text="how many cases it is about"))
    about = known(CARD, models.UUIDField(null=True, blank=True, help_text="the application, leg or stay it is for"))
    recipient = known(POST, models.CharField(max_length=120, blank=True, help_text="a post by its code"))
    content = Sealed(_("frozen content"), compartment=POST)
    body = Sealed(_("the file as it left"), compartment=POST)
    sha256 = known(POST, models.BinaryField(null=True))
    password = Sealed(_("password, told over another channel"), compartment=POST)
    code = Sealed(_("verification code"), compartment=POST)
    code_digest = known(POST, models.BinaryField(null=True, unique=True))

    own_by = {Role.EMBASSY: "id"}

    @property
    def is_sent(self) -> bool:
        """Sent papers are sealed and verifiable; carried ones bear no mark."""
        return self.kind in (Paper.Kind.DOSSIER, Paper.Kind.MANIFEST)


class PaperSubject(OnCase):
    """Somebody else who stands on a paper."""

    paper = known(CARD, models.ForeignKey(Paper, models.CASCADE, related_name="subjects"))

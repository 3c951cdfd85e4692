"""Posts (embassies and consulates), what they ask for, and applications to them."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.models.document import DocumentKind
from relocation.safety.policy import Compartment, Role, known
from relocation.safety.sealed import Sealed

POST = Compartment.POST


class Post(models.Model):
    """An embassy or consulate. Staff see its code; which country it is, is the destination."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=3)
    language = models.CharField(max_length=8, default="en")
    accepts = ArrayField(
        models.CharField(max_length=20, choices=DocumentKind), default=list, help_text="travel documents it accepts"
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.code


class Checklist(models.Model):
    """What a post wants for a purpose, versioned: no list is hard-coded, since posts change them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    post = models.ForeignKey(Post, models.CASCADE, related_name="checklists")
    purpose = models.CharField(max_length=40, default="humanitarian")
    version = models.PositiveSmallIntegerField(default=1)
    kinds = ArrayField(models.CharField(max_length=20, choices=DocumentKind))

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["post", "purpose", "version"], name="one_checklist_version")]

    def __str__(self) -> str:
        return f"{self.post} · {self.purpose} · {self.version}"


class ApplicationState(models.TextChoices):
    """Where one application is; the case's stage is that of the furthest open one."""

    CHOSEN = "chosen", _("post chosen")
    APPLYING = "applying", _("being prepared")
    LODGED = "lodged", _("lodged")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")
    LAPSED = "lapsed", _("lapsed unused")
    DROPPED = "dropped", _("given up")


class Application(OnCase):
    """One application to one post. An officer sees those whose dossier was released to them."""

    checklist = known(POST, models.ForeignKey(Checklist, models.PROTECT, related_name="+", verbose_name=_("post and purpose")))
    post = known(POST, models.ForeignKey(Post, models.PROTECT, related_name="+"))
    state = known(POST, models.CharField(max_length=10, choices=ApplicationState, default=ApplicationState.CHOSEN))
    reference = known(POST, models.CharField(max_length=12, unique=True, help_text="what the post knows it by; random"))
    dossier = known(POST, models.ForeignKey("relocation.Paper", models.PROTECT, null=True, blank=True, related_name="+"))
    released_at = known(POST, models.DateTimeField(null=True, blank=True))
    acknowledged_at = known(POST, models.DateTimeField(null=True, blank=True))
    receipt = Sealed(_("receipt of the post"), compartment=POST)
    decided_on = known(POST, models.DateField(null=True, blank=True))
    decision = Sealed(_("reference and grounds of the decision"), compartment=POST)
    valid_from = known(POST, models.DateField(null=True, blank=True))
    valid_until = known(POST, models.DateField(null=True, blank=True))
    entries = known(POST, models.PositiveSmallIntegerField(null=True, blank=True))
    long_stay = known(POST, models.BooleanField(default=False, help_text="its days are outside the 90 in 180"))
    appeal_by = known(POST, models.DateField(null=True, blank=True))

    own_by = {Role.EMBASSY: "dossier_id"}

    class Meta(OnCase.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case", "post"],
                condition=~models.Q(state__in=["refused", "lapsed", "dropped"]),
                name="one_open_application_per_post",
            )
        ]


class Message(OnCase):
    """A question of the post or an answer to it; nothing of it goes into mail."""

    application = known(POST, models.ForeignKey(Application, models.CASCADE, related_name="messages"))
    dossier = known(POST, models.ForeignKey("relocation.Paper", models.PROTECT, related_name="+"))
    words = Sealed(_("message"), compartment=POST)

    own_by = {Role.EMBASSY: "dossier_id"}

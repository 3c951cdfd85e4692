"""What the person agreed to: for which purpose, towards whom, with which data, until when."""

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.safety.policy import Compartment, known
from relocation.safety.sealed import Sealed

if TYPE_CHECKING:
    from relocation.models.embassy import Post

CARD, POST, CLAIM = Compartment.CARD, Compartment.POST, Compartment.CLAIM
PARTNERS = ("partner", "handover")  # purposes that let another organisation work on the case
SHARED = frozenset({"identity", "claim", "documents"})  # what a dossier holds in any case


class Consent(OnCase):
    """One agreement, or a guardian's or a lawyer's word for a minor. GDPR Art. 9(2)(a): explicit, per purpose and recipient."""

    class Purpose(models.TextChoices):
        CONTACT = "contact", _("to be contacted")
        SHARE = "share", _("to share data with a post")
        TRAVEL = "travel", _("to travel")
        PARTNER = "partner", _("to let another organisation help with the case")
        HANDOVER = "handover", _("to hand the case over to another organisation")

    class Given(models.TextChoices):
        PERSON = "person", _("by the person")
        GUARDIAN = "guardian", _("by a guardian")
        LAWYER = "lawyer", _("a lawyer's recorded opinion, where the parent is a pursuer")

    class Data(models.TextChoices):
        IDENTITY = "identity", _("name and birth")
        CLAIM = "claim", _("what happened")
        DOCUMENTS = "documents", _("documents")
        PHOTO = "photo", _("photograph")

    purpose = known(CARD, models.CharField(_("purpose"), max_length=10, choices=Purpose))
    given = known(CARD, models.CharField(_("given"), max_length=10, choices=Given, default=Given.PERSON))
    post = known(POST, models.ForeignKey("relocation.Post", models.PROTECT, null=True, blank=True, related_name="+"))
    organisation = known(
        CARD, models.ForeignKey("relocation.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    )
    data = known(CARD, ArrayField(models.CharField(max_length=12, choices=Data), default=list, blank=True))
    language = known(CARD, models.CharField(_("language it was given in"), max_length=40, default="ru"))
    given_on = known(CARD, models.DateField(_("given on")))
    expires_on = known(CARD, models.DateField(_("valid until")))
    withdrawn_on = known(CARD, models.DateField(null=True, blank=True))
    interpreter = Sealed(_("interpreter, where there was one"), compartment=CLAIM)
    words = Sealed(_("how it was given: channel, risks explained"), compartment=CLAIM)

    class Meta(OnCase.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(expires_on__gte=models.F("given_on")), name="consent_has_length"),
            models.CheckConstraint(condition=~Q(purpose="share") | Q(post__isnull=False), name="sharing_names_a_post"),
            models.CheckConstraint(
                condition=~Q(purpose__in=["partner", "handover"]) | Q(organisation__isnull=False),
                name="a_partner_is_named",
            ),
        ]

    @classmethod
    def to_share(cls, case_id: UUID, post: "Post", **wanted: Any) -> "Consent | None":
        """The consent, in force today, to share name, account and documents with a post; the one that lasts longest."""
        live = cls.live(timezone.localdate(), purpose=cls.Purpose.SHARE, post=post, **wanted)
        return cls.objects.filter(live, case_id=case_id, data__contains=sorted(SHARED)).order_by("-expires_on").first()

    @classmethod
    def for_organisations(cls, case_id: UUID, *purposes: str) -> "models.QuerySet[Consent]":
        """The consents in force today by which another organisation may work on the case, or may be given it."""
        live = cls.live(timezone.localdate(), purpose__in=purposes or PARTNERS, organisation__isnull=False)
        return cls.objects.filter(live, case_id=case_id).select_related("organisation").order_by("-expires_on")

    @staticmethod
    def live(on: date, **wanted: Any) -> Q:
        """Consents in force on a day."""
        return Q(given_on__lte=on, expires_on__gte=on, withdrawn_on__isnull=True, **wanted)

"""The case: who in alias, where in the journey, whether the way is open."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from relocation.models.codes import random_letters
from relocation.models.organisation import Household, Organisation
from relocation.models.stage import Risk, Stage, Standing
from relocation.safety.access import Guarded
from relocation.safety.policy import Compartment, Role, known

CARD = Compartment.CARD


def new_code() -> str:
    """A random code such as 7Q4C-M2, which says nothing and is not guessed from the alias."""
    letters = random_letters(6)
    return f"{letters[:4]}-{letters[4:]}"


class Case(models.Model):
    """One person's journey. Its transitions live on a proxy in `journey.steps`; an ordinary case has none to call."""

    class HouseFor(models.TextChoices):
        """Which of the houses that are kept for women or for men suits the person: only they say so, no paper does."""

        NOT_ASKED = "", _("Not asked yet")
        WOMEN = "women", _("A house for women")
        MEN = "men", _("A house for men")
        EITHER = "either", _("Either of them")
        NEITHER = "neither", _("Neither of them")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = known(CARD, models.ForeignKey(Organisation, models.PROTECT, related_name="+"))
    household = known(CARD, models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="+"))
    alias = known(CARD, models.CharField(_("alias"), max_length=40))
    code = known(CARD, models.CharField(max_length=8, unique=True, default=new_code))
    languages = known(CARD, ArrayField(models.CharField(max_length=40), default=list, blank=True))
    needs = known(CARD, ArrayField(models.CharField(max_length=80), default=list, blank=True))
    household_size = known(CARD, models.PositiveSmallIntegerField(default=1))
    is_minor = known(CARD, models.BooleanField(_("under 18"), default=False))
    house_for = known(
        CARD, models.CharField(_("which kept houses suit them"), max_length=8, choices=HouseFor, default="", blank=True)
    )
    risk = known(CARD, models.CharField(max_length=10, choices=Risk, default=Risk.UNKNOWN))
    stage = known(CARD, FSMField(default=Stage.REFERRED, choices=Stage.choices, protected=True))
    standing = known(CARD, FSMField(default=Standing.ACTIVE, choices=Standing.choices, protected=True))
    stage_since = known(CARD, models.DateTimeField(db_default=Now()))
    standing_since = known(CARD, models.DateTimeField(db_default=Now()))
    version = known(CARD, models.PositiveIntegerField(default=0))
    retain_until = known(CARD, models.DateField(null=True, blank=True))
    created_at = known(CARD, models.DateTimeField(db_default=Now()))
    created_by = known(CARD, models.ForeignKey("relocation.Account", models.PROTECT, related_name="+"))
    origin = known(
        CARD,
        models.BinaryField(null=True, unique=True, editable=False, help_text="keyed digest of the referral it came from"),
    )
    born_in = known(CARD, models.BigIntegerField(db_default=0, help_text="the transaction it was born in, set by trigger"))

    objects = Guarded()

    class Meta:
        default_permissions = ()
        permissions = [(role.value, role.label) for role in Role]

    def __str__(self) -> str:
        return self.alias

    @property
    def case_id(self) -> uuid.UUID:
        """The case's own id, under the name that its rows use."""
        return self.pk


class OnCase(models.Model):
    """A row that hangs on a case. Each of its fields names its compartment; a field without one fails the check.

    `own_by` says by which column a scoped role (host, escort, embassy) sees its own rows, and no others; `shown_by` the same of
    a role that reads its own and writes none.
    `anyone_adds` lets every role on the case leave a row that it may not read back; `also_add` names the roles that may.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case = models.ForeignKey(Case, models.CASCADE, related_name="%(class)ss")
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey("relocation.Account", models.PROTECT, related_name="+", editable=False)

    own_by: ClassVar[dict[Role, str]] = {}
    shown_by: ClassVar[dict[Role, str]] = {}
    anyone_adds: ClassVar[bool] = False
    also_add: ClassVar[frozenset[Role]] = frozenset()

    class Meta:
        abstract = True
        default_permissions: ClassVar[Any] = ()
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

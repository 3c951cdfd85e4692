"""Whom the person does not want near their case: an account, an organisation, or a name that nobody here bears yet."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.safety.custody import BAR_ENDS
from relocation.safety.policy import Compartment, Role, known
from relocation.safety.sealed import Sealed

CONTACTS = Compartment.CONTACTS


class Bar(OnCase):
    """The person bars somebody. Whoever works on the case may note it; whom it is about is read by few."""

    sweep = "conflicts"
    also_add = frozenset({Role.COORDINATOR, Role.WORKER, Role.VERIFIER, Role.LAWYER})

    about = known(CONTACTS, models.UUIDField(null=True, blank=True, help_text="the account or the organisation"))
    name = Sealed(_("name of a person, a house or an organisation"), compartment=CONTACTS)
    words = Sealed(_("what they said, and over which channel"), compartment=CONTACTS)
    lifted_at = known(CONTACTS, models.DateTimeField(null=True, blank=True))

    wall_statements: ClassVar[tuple[str, ...]] = BAR_ENDS

    class Meta(OnCase.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(about__isnull=False) | Q(name__isnull=False), name="a_bar_is_about_somebody")
        ]

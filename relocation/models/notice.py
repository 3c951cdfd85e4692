"""What must be thought of with a person: a need or a warning, and the screens on which it speaks."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from relocation.models.case import OnCase
from relocation.safety.guards import WHO
from relocation.safety.policy import POLICY, SCOPED, Compartment, Role, known
from relocation.safety.sealed import Sealed

CARD = Compartment.CARD


class Screen(models.TextChoices):
    """Where somebody stands when it matters."""

    CHECK_IN = "check_in", pgettext_lazy("screen", "at a check-in")
    DEPART = "depart", pgettext_lazy("screen", "before the next step")
    HOST = "host", pgettext_lazy("screen", "for the host")
    BORDER = "border", pgettext_lazy("screen", "at the border, and for the escort")


# Beside the desk, a host and an escort read what is meant for their own screens.
TOLD = {Role.HOST: Screen.HOST, Role.ESCORT: Screen.BORDER}


def _holds(*roles: Role) -> str:
    return f"harbour_holds(case_id, ARRAY[{', '.join(repr(str(role)) for role in sorted(roles))}])"


_WRITES = _holds(*POLICY.roles(CARD, "writes"))
_TOLD = " OR ".join(f"('{screen}' = ANY (shows_on) AND ended_at IS NULL AND {_holds(role)})" for role, screen in TOLD.items())


class Notice(OnCase):
    """A need or a warning. It is shown where it was said to matter, until it is ended."""

    class Kind(models.TextChoices):
        NEED = "need", _("need")
        WARNING = "warning", _("warning")

    kind = known(CARD, models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.NEED))
    words = Sealed(_("what to think of"), compartment=CARD)
    shows_on = known(CARD, ArrayField(models.CharField(max_length=10, choices=Screen), verbose_name=_("where it shows")))
    ended_at = known(CARD, models.DateTimeField(_("ended"), null=True, blank=True))

    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": f"{_holds(*(POLICY.roles(CARD, 'any') - SCOPED))} OR {_TOLD}",
        "INSERT": f"by_id = {WHO} AND {_WRITES}",
        "UPDATE": _WRITES,
        "DELETE": _WRITES,
    }

    class Meta(OnCase.Meta):
        ordering: ClassVar[Any] = ["-kind", "at"]
        constraints = [models.CheckConstraint(condition=models.Q(shows_on__len__gt=0), name="a_notice_names_a_screen")]

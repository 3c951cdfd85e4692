"""What the ledger says of locks, of cases opened in an emergency, and of places looked at alone, in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

DANGER: dict[str, Any] = {
    "lock.set": _("Locked"),
    "lock.asked": _("Asked to lock everything"),
    "lock.lift_asked": _("Asked to open a lock again"),
    "lock.lifted": _("A lock was opened again by two people"),
    "glass.broken": _("Opened for 30 minutes, in an emergency"),
    "glass.refused": _("Could not open a case in an emergency"),
    "glass.reviewed": _("An opening in an emergency was looked at"),
    "incident.looked": _("Looked at the place alone, during an incident"),
    "case.marked": _("A house or a chain that is known to the wrong people touches this case"),
}
# What a review is about that is no step.
REVIEWED: dict[str, Any] = {
    "glass": _("the case was opened for 30 minutes"),
    "burned": _("a house or a chain is known to the wrong people"),
}

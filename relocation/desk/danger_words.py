"""What the ledger says of locks, of cases opened in an emergency, and of places looked at alone, in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from relocation.journey.answering import NOTES

DANGER: dict[str, Any] = {
    "lock.set": _("Locked"),
    "lock.asked": _("Asked to lock everything"),
    "lock.lift_asked": _("Asked to open a lock again"),
    "lock.lifted": _("A lock was opened again by two people"),
    "glass.broken": _("Opened for 30 minutes, in an emergency"),
    "glass.refused": _("Could not open a case in an emergency"),
    "glass.reviewed": _("An opening in an emergency was looked at"),
    "incident.second_channel": NOTES["second_channel"],
    "incident.told_lawyer": NOTES["told_lawyer"],
    "incident.called_trusted": NOTES["called_trusted"],
    "incident.on_the_way": NOTES["on_the_way"],
    "ladder.grace": _("Not heard from: whoever answers for the check-ins was told"),
    "ladder.second_channel": _("Not heard from: everybody on the case was told to try a second channel"),
    "ladder.on_call": _("Not heard from: the people on call were told"),
    "ladder.lawyer": _("Not heard from: the lawyer was told"),
    "ladder.answered": _("Heard from: everybody who was told otherwise hears so"),
    "incident.looked": _("Looked at the place alone, during an incident"),
    "case.marked": _("A house or a chain that is known to the wrong people touches this case"),
}
# What a review is about that is no step.
REVIEWED: dict[str, Any] = {
    "7": _("day 7"),
    "30": _("day 30"),
    "90": _("day 90"),
    "glass": _("the case was opened for 30 minutes"),
    "burned": _("a house or a chain is known to the wrong people"),
}

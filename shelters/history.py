"""What happened with a stay, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.models import LedgerEntry

WORDS = {
    "stay.held": gettext_lazy("Bed held"),
    "stay.confirmed": gettext_lazy("Stay confirmed, the host was told"),
    "stay.arrived": gettext_lazy("Arrival confirmed"),
    "stay.not_here": gettext_lazy("The person had not come"),
    "stay.left": gettext_lazy("The person left"),
    "stay.released": gettext_lazy("Bed given back"),
    "stay.moved": gettext_lazy("Moved here from another bed, the host was told where it was firm"),
    "stay.extended": gettext_lazy("Day of leaving changed"),
    "stay.greeting": gettext_lazy("Words for the door agreed"),
}


@dataclass(frozen=True)
class Event:
    """One line of the history: what, when (UTC), who."""

    what: Any
    at: datetime
    who: str


def told(entry: LedgerEntry, names: Mapping[UUID, str]) -> Event:
    """An entry of the ledger as a line; an entry that has no words of its own shows as a change."""
    who = names.get(entry.actor_id, "") if entry.actor_id else ""
    return Event(WORDS.get(entry.what, _("Something was changed")), entry.at, who)

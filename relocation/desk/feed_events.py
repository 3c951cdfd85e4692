"""What upper rooms put into somebody's calendar feed, under the names that the desk lists here: a kind, an alias and times."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from relocation.models import Account

OFFERED = ("roads", "houses")
# A calendar lies open on telephones and in other people's clouds: a word and an alias, and nothing else.
WORDS: dict[str, Any] = {"due": _("Due"), "call": _("Call"), "way": _("On the way"), "stay": _("Stay")}


@dataclass(frozen=True)
class Event:
    """One thing in a calendar: moments with their zone, or whole days up to, not including, the last. `about` never changes."""

    kind: str
    alias: str
    about: UUID
    start: datetime | date
    end: datetime | date | None = None


Finds = Callable[[Account], Iterable[Event]]
_offered: dict[str, Finds] = {}


def feed_events(name: str) -> Callable[[Finds], Finds]:
    """An upper room offers what stands in somebody's feed, judged by what the account may know now."""

    def register(finds: Finds) -> Finds:
        if _offered.setdefault(name, finds) is not finds:
            raise ImproperlyConfigured(f"Two rooms offer {name} to the calendar feed.")
        return finds

    return register


def offered(account: Account) -> list[Event]:
    """Everything that the upper rooms say."""
    return [event for name in OFFERED for event in _offered[name](account)]


def insist() -> None:
    """Raise `ImproperlyConfigured` where the feed names what nobody offers."""
    if missing := [name for name in OFFERED if name not in _offered]:
        raise ImproperlyConfigured(f"The calendar feed shows what nobody offers: {', '.join(missing)}.")

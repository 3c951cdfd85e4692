"""What upper rooms put into somebody's calendar feed, under the names that the desk lists here: a kind, an alias and times."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from relocation.models import Account
from relocation.models.offers import Offers

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
_offered: Offers[Finds] = Offers("the calendar feed", OFFERED)


def feed_events(name: str) -> Callable[[Finds], Finds]:
    """An upper room offers what stands in somebody's feed, judged by what the account may know now."""
    return _offered.under(name)


def offered(account: Account) -> list[Event]:
    """Everything that the upper rooms say."""
    return [event for name in OFFERED for event in _offered[name](account)]

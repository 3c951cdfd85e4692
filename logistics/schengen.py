"""Ninety days in any hundred and eighty: how long somebody may stay in the Schengen area without a long-stay visa.

Regulation (EU) 2016/399, Art. 6(1) and (2): on each day one looks back over 180 days, that day included; the day of entry and
the day of exit both count; days on a residence permit or a long-stay visa do not. Calendar days, in the time of the place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

ALLOWED, WINDOW = 90, 180
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stay:
    """From the day of entry to the day of exit, both included; without an exit it goes on. `counts` is false on a permit."""

    first: date
    last: date | None = None
    counts: bool = True


def used(stays: Iterable[Stay], on: date) -> int:
    """How many days of the 180 that end with `on` were spent in the area."""
    since = on - (WINDOW - 1) * DAY
    days: set[int] = set()
    for stay in stays:
        if stay.counts:
            first, last = max(stay.first, since), min(stay.last or on, on)
            days.update(range(first.toordinal(), last.toordinal() + 1))
    return len(days)


def on_entry(stays: Iterable[Stay], on: date) -> int:
    """Which day of the ninety it would be for whoever enters on this day."""
    return used([*stays, Stay(on, on)], on)


def may_enter(stays: Iterable[Stay], on: date) -> bool:
    """Whether somebody may enter on this day, and be there for that day at least."""
    return on_entry(stays, on) <= ALLOWED


def left(stays: Iterable[Stay], on: date) -> int:
    """How many days are not used up, looking back from this day."""
    return max(0, ALLOWED - used(stays, on))


def last_day(stays: Iterable[Stay], entry: date) -> date | None:
    """The last day of an unbroken stay that begins with `entry`; None where nobody may enter then."""
    before = [stay for stay in stays if stay.first < entry]
    last = None
    for number in range(ALLOWED):
        day = entry + number * DAY
        if used([*before, Stay(entry, day)], day) > ALLOWED:
            break
        last = day
    return last


def first_day(stays: Iterable[Stay], since: date) -> date:
    """The first day from `since` on which somebody may enter. One who is there still leaves first."""
    known = [Stay(stay.first, stay.last or since - DAY, stay.counts) for stay in stays]
    return next(day for day in (since + number * DAY for number in range(WINDOW + 1)) if may_enter(known, day))

"""How papers write days and hours, in the language that is switched on."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import formats, translation
from django.utils.dateformat import format as written


def day(value: date | str | None) -> str:
    """A day in words; a text stays as it is, for a document may know only the year."""
    if value is None or isinstance(value, str):
        return value or ""
    # Django's English is American, with the month first.
    pattern = "j F Y" if translation.get_language() == "en" else formats.get_format("DATE_FORMAT")
    return str(written(value, pattern))


def hour(value: datetime) -> str:
    """Weekday, day and hour as on the clock of the zone that `value` carries."""
    return f"{written(value, 'D')} {day(value.date())}, {value:%H:%M}"


def moment(value: datetime) -> str:
    """Day, hour and zone as on the clock at that place. Raises ValueError for a time without a zone."""
    if value.tzinfo is None:
        raise ValueError("a time without a zone sends people to the station at the wrong hour")
    zone = getattr(value.tzinfo, "key", "") or value.tzname() or ""
    return f"{hour(value)} ({zone})"

"""Time zones at the ends of a leg: the names one may choose, and what a local time means there."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from relocation.desk.templatetags.harbour import plain_day
from relocation.models.zones import REGIONS, choices, city

__all__ = ["REGIONS", "choices", "city", "in_words", "instant", "offset"]


def instant(local: datetime, zone: str) -> datetime:
    """The moment (UTC) of a naive local time. Raises `ValidationError` where clocks skip that hour or show it twice."""
    first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(first.tzinfo).replace(tzinfo=None) != local:
        raise ValidationError(_("The clocks go forward that night: this time does not exist there. Check it."))
    raise ValidationError(
        _("The clocks go back that night: this time comes twice. Enter it in UTC and choose UTC as its time zone.")
    )


def offset(moment: datetime) -> str:
    """Abbreviation and distance from UTC: "MSK (UTC+3)", "UTC+3:30", "UTC"."""
    minutes = int((moment.utcoffset() or datetime.min - datetime.min).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    away = f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"
    name = moment.tzname() or ""
    return f"{name} ({away})" if name.isalpha() and name != "UTC" else away


def in_words(moment: datetime, zone: str) -> str:
    """A moment as clocks show it in a zone: "Thu 3 Dec, 22:00 MSK (UTC+3)"."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{plain_day(moment, zone)}, {local:%H:%M} {offset(local)}"

"""Time zones at the ends of a leg: the names one may choose, and what a local time means there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from relocation.desk.templatetags.harbour import plain_day

RUSSIA = """
Europe/Moscow Europe/Kaliningrad Europe/Samara Europe/Saratov Europe/Volgograd Asia/Yekaterinburg Asia/Omsk
Asia/Novosibirsk Asia/Krasnoyarsk Asia/Irkutsk Asia/Yakutsk Asia/Vladivostok Asia/Magadan Asia/Kamchatka
"""
NEAR = """
Asia/Almaty Asia/Ashgabat Asia/Baku Asia/Bishkek Asia/Dubai Asia/Dushanbe Asia/Jerusalem Asia/Tashkent
Asia/Tbilisi Asia/Ulaanbaatar Asia/Yerevan Europe/Istanbul
"""
EUROPE = """
Europe/Amsterdam Europe/Athens Europe/Belgrade Europe/Berlin Europe/Brussels Europe/Bucharest Europe/Budapest
Europe/Chisinau Europe/Copenhagen Europe/Dublin Europe/Helsinki Europe/Kyiv Europe/Lisbon Europe/London
Europe/Madrid Europe/Minsk Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague Europe/Riga Europe/Rome
Europe/Sarajevo Europe/Sofia Europe/Stockholm Europe/Tallinn Europe/Vienna Europe/Vilnius Europe/Warsaw
Europe/Zurich
"""
ELSEWHERE = """
UTC Africa/Johannesburg America/Argentina/Buenos_Aires America/Chicago America/Denver America/Halifax
America/Los_Angeles America/Mexico_City America/New_York America/Sao_Paulo America/Toronto America/Vancouver
Asia/Bangkok Asia/Tokyo Australia/Sydney Pacific/Auckland
"""
REGIONS: tuple[tuple[Any, str], ...] = (
    (gettext_lazy("Russia"), RUSSIA),
    (gettext_lazy("Caucasus, Central Asia, Middle East"), NEAR),
    (gettext_lazy("Europe"), EUROPE),
    (pgettext_lazy("time zones", "Elsewhere"), ELSEWHERE),
)


def choices() -> list[tuple[Any, list[tuple[str, str]]]]:
    """The zones by region, each as its city; the value is the IANA name."""
    return [(region, [(name, city(name)) for name in names.split()]) for region, names in REGIONS]


def city(name: str) -> str:
    """The city of an IANA name."""
    return name.rsplit("/", 1)[-1].replace("_", " ")


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

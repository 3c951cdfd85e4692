"""Time zones that people choose from, by region, as their cities (IANA names)."""

from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

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

"""Icons, tags, and dates as people read them: with the weekday, and how far away. UTC unless a zone is named."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from relocation.desk import calendar
from relocation.desk.calendar import written
from relocation.models import languages

register = template.Library()

NEAR = 60  # days; further away the distance in days says nothing


@register.simple_tag
def icon(name: str, flip: bool = False) -> SafeString:
    """Draw a symbol of static/icons.svg, always beside a word; `flip` mirrors it in right-to-left languages."""
    css, address = "i i-flip" if flip else "i", static("icons.svg")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, address, name)


@register.simple_tag
def tag(kind: str, text: Any) -> SafeString:
    """Show a short state in words; `kind` is is-ok, is-due, is-stop, is-note or nothing."""
    return format_html('<span class="{}">{}</span>', f"tag {kind}".strip(), text)


@register.filter
def spoken(tags: list[str]) -> str:
    """Name languages by their tags: "Russian, Chechen"."""
    return ", ".join(languages.spoken(tags))


@register.filter
def day(value: date | datetime | None, zone: str = "") -> SafeString:
    """Write a day with its distance: "Fri 27 Nov, in 4 days"; without a date, "Not set"."""
    if not value:
        return bdi(_("Not set"))
    calm, away = plain_day(value, zone), distance(on(value, zone), zone)
    return bdi(_("%(day)s, %(distance)s") % {"day": calm, "distance": away} if away else calm)


@register.filter
def plainly(value: date | datetime | None, zone: str = "") -> SafeString:
    """Write a day without its distance: "Fri 27 Nov"; without a date, nothing."""
    return bdi(plain_day(value, zone)) if value else SafeString()


@register.filter
def in_full(value: date) -> str:
    """Write a day as a heading: "Friday, 27 November"."""
    return calendar.in_full(value)


@register.filter
def letters(value: date, form: str) -> str:
    """Write a part of a day, "D" or "M", as the language writes it."""
    return written(value, form)


@register.filter
def since(value: date | datetime | None, zone: str = "") -> SafeString:
    """Write "since Thu 19 Nov"; without a date, nothing."""
    return bdi(_("since %(day)s") % {"day": plain_day(value, zone)}) if value else SafeString()


@register.filter
def clock(value: datetime | None, zone: str = "") -> SafeString:
    """Write the time of day: "14:02"."""
    return bdi(written(value.astimezone(named(zone)), "H:i")) if value else SafeString()


@register.filter
def moment(value: datetime | None, zone: str = "") -> SafeString:
    """Write a day, a time and its zone: "Sat 21 Nov, 09:00 UTC"; without one, "Not set"."""
    if not value:
        return bdi(_("Not set"))
    local = value.astimezone(named(zone))
    return bdi(f"{plain_day(value, zone)}, {written(local, 'H:i')} {local.tzname()}")


@register.filter
def span(value: timedelta | None) -> str:
    """Write a length in its largest sensible unit: "40 minutes", "5 hours", "9 days"; a negative one without sign."""
    minutes = int(abs(value or timedelta()).total_seconds()) // 60
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return ngettext("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)d day", "%(n)d days", minutes // 1440) % {"n": minutes // 1440}


def distance(when: date, zone: str = "") -> str:
    """Say how far a day is from today: "today", "in 4 days", "9 days ago"; further than `NEAR` nothing."""
    days = (when - timezone.now().astimezone(named(zone)).date()).days
    if days in (-1, 0, 1):
        return {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}[days]
    if abs(days) > NEAR:
        return ""
    if days > 0:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}


def plain_day(value: date | datetime, zone: str = "") -> str:
    """Write "Fri 27 Nov", with the year where it is not this one."""
    when = on(value, zone)
    if when.year == timezone.now().astimezone(named(zone)).year:
        return written(when, pgettext("day of this year, in the letters of Django's date filter", "D j M"))
    return written(when, pgettext("day of another year, in the letters of Django's date filter", "D j M Y"))


def on(value: date | datetime, zone: str) -> date:
    """Return the day of a moment in `zone`; a plain date has no zone."""
    return value.astimezone(named(zone)).date() if isinstance(value, datetime) else value


def named(zone: str) -> tzinfo:
    """Return the zone of that name, UTC for none. Raises `ZoneInfoNotFoundError` for a name nobody knows."""
    return ZoneInfo(zone or "UTC")


def bdi(text: str) -> SafeString:
    """Keep a date together where the sentence around it runs from right to left."""
    return format_html("<bdi>{}</bdi>", text)

"""Times of a leg as they read at each of its ends, and the symbol of how one travels."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from logistics import zones
from logistics.changing import Changed
from logistics.models import Change, Leg
from relocation.desk.templatetags.harbour import icon

register = template.Library()

SYMBOLS = {Leg.Mode.PLANE: "plane", Leg.Mode.CAR: "car", Leg.Mode.BUS: "car"}


@register.simple_tag
def mode_icon(leg: Leg) -> SafeString:
    """The symbol of the leg's mode; the mode stands beside it in words."""
    return icon(SYMBOLS.get(Leg.Mode(leg.mode), "plane"), flip=True)


@register.filter
def departs(leg: Leg) -> SafeString:
    """Departure as clocks show it there: "Thu 3 Dec, 22:00 MSK (UTC+3)"."""
    return _local(leg.departs_local, leg.from_zone)


@register.filter
def arrives(leg: Leg) -> SafeString:
    """Arrival as clocks show it there."""
    return _local(leg.arrives_local, leg.to_zone)


@register.filter
def carried(leg: Leg) -> str:
    """How one travels: "train, Northline, N 7"."""
    return ", ".join(filter(None, [str(Leg.Mode(leg.mode).label), leg.carrier, leg.number]))


@register.simple_tag
def local(moment: datetime, zone: str) -> SafeString:
    """Any moment as clocks show it in a zone."""
    return _local(moment, zone)


@register.filter
def way(leg: Leg) -> SafeString:
    """From one code to the other."""
    sentence = _("%(start)s to %(end)s")
    return format_html("<bdi>{}</bdi>", sentence % {"start": leg.from_place, "end": leg.to_place})


@register.filter
def was(changed: Changed, leg: Leg) -> SafeString:
    """What stood there before, in the time of its place: "Departure: was Thu 3 Dec, 22:00 MSK (UTC+3)"."""
    kind = capfirst(str(changed.what.label))
    if changed.moment:
        zone = leg.from_zone if changed.what == Change.What.DEPARTS else leg.to_zone
        before: object = _local(changed.moment, zone)
    else:
        before = format_html("<bdi>{}</bdi>", changed.was)
    return format_html(_("{what}: was {before}"), what=kind, before=before) if changed.was else format_html("{}", kind)


def _local(moment: datetime, zone: str) -> SafeString:
    return format_html('<bdi><time datetime="{}">{}</time></bdi>', moment.isoformat(), zones.in_words(moment, zone))

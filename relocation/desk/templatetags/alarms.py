"""What somebody near the person sees after raising the alarm: since when it is open, whom to call, and how to take it back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import template
from django.utils import timezone

from relocation.journey.alarms import SAID_WELL
from relocation.models import Account, Alarm, LedgerEntry

register = template.Library()


@dataclass(frozen=True)
class Own:
    """The newest alarm that whoever looks raised on one case and nobody has settled; `well_at`: taken back (UTC)."""

    at: datetime
    well_at: datetime | None


@register.inclusion_tag("parts/_raised.html", takes_context=True)
def raised(context: dict[str, Any], case_id: UUID, address: str) -> dict[str, Any]:
    """The own open alarm on a case, with a button that takes it back at `address`; asked once for a page."""
    request = context["request"]
    by, found = request.user, _own(request).get(case_id)
    phone = by.organisation.duty_phone if found and by.organisation else ""
    return {
        "running": timezone.now() - found.at if found else None,
        "well_at": found.well_at if found else None,
        "phone": phone, "address": address, "csrf_token": context.get("csrf_token"),
    }  # fmt: skip


@register.simple_tag(takes_context=True)
def is_raised(context: dict[str, Any], guests: Iterable[Any]) -> bool:
    """Whether whoever looks raised an alarm for any of these guests, and has not taken it back."""
    own = _own(context["request"])
    return any((found := own.get(guest.stay.case_id)) and not found.well_at for guest in guests)


def _own(request: Any) -> dict[UUID, Own]:
    if not hasattr(request, "own_alarms"):
        by: Account = request.user
        mine = list(Alarm.objects.filter(by=by, closed_at=None).exclude(kind=Alarm.Kind.DURESS).order_by("at"))
        said = LedgerEntry.objects.filter(actor_id=by.pk, what=SAID_WELL, about__in=[alarm.pk for alarm in mine]) if mine else []
        well = {entry.about: entry.at for entry in said}
        request.own_alarms = {alarm.case_id: Own(alarm.at, well.get(alarm.pk)) for alarm in mine}
    own: dict[UUID, Own] = request.own_alarms
    return own

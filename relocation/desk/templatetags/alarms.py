"""What somebody near the person sees after raising the alarm: since when it is open, and whom to call."""

from typing import Any
from uuid import UUID

from django import template
from django.utils import timezone

from relocation.models import Account, Alarm

register = template.Library()


@register.inclusion_tag("parts/_raised.html", takes_context=True)
def raised(context: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """The newest alarm that whoever looks raised on this case and nobody has settled; asked once for a page."""
    request = context["request"]
    found = _own(request)
    at = found.get(case_id)
    by: Account = request.user
    phone = by.organisation.duty_phone if at and by.organisation else ""
    return {"running": timezone.now() - at if at else None, "phone": phone}


def _own(request: Any) -> dict[UUID, Any]:
    if not hasattr(request, "own_alarms"):
        mine = Alarm.objects.filter(by=request.user, closed_at=None).exclude(kind=Alarm.Kind.DURESS).order_by("at")
        request.own_alarms = dict(mine.values_list("case_id", "at"))
    own: dict[UUID, Any] = request.own_alarms
    return own

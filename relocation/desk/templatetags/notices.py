"""Needs and warnings where they matter: `{% notices case "host" %}` shows what was said to speak on that screen."""

from __future__ import annotations

from typing import Any

from django import template

from relocation.models import Case, Notice
from relocation.safety import vault

register = template.Library()


@register.inclusion_tag("parts/_notices.html", takes_context=True)
def notices(context: template.Context, case: Case, screen: str) -> dict[str, Any]:
    """Warnings first; nothing for whom the database shows none."""
    request = getattr(context, "request", None)
    if request is None:
        return {"notices": []}
    found = Notice.objects.filter(case=case, shows_on__contains=[screen], ended_at=None)
    return {"notices": [(one, vault.read(one, "words", by=request.user, purpose=screen)["words"]) for one in found]}

"""Whom one may sign in as by one click, in an invented world on this machine."""

from __future__ import annotations

from django.http import HttpRequest

from relocation.models import Account, Part
from relocation.safety.fictional import MARK, from_here, is_fictional, may_click

__all__ = ["MARK", "cast", "from_here", "is_fictional", "may_click"]

PARTS = [Part.DESK, Part.HOUSE, Part.ROAD, Part.POST, Part.OFFICE]


def cast(request: HttpRequest) -> list[tuple[str, list[Account]]]:
    """List whom one may sign in as, by part; nobody where one-click sign-in is not there."""
    if not may_click(request):
        return []
    shown = Account.objects.filter(is_active=True, part__in=PARTS, email__endswith="@example.org")
    people = list(shown.select_related("organisation", "post").order_by("name"))
    groups = [(str(part.label), [one for one in people if one.part == part]) for part in PARTS]
    return [(label, group) for label, group in groups if group]

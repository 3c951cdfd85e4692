"""What every page's frame shows: the menu of the account's own part."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from relocation.models import Part

MENUS: dict[str, list[tuple[Any, str]]] = {
    Part.DESK: [(_("My day"), "desk:day"), (_("Cases"), "desk:cases"), (_("Approvals"), "desk:approvals"), (_("Stays"), "stays:list")],
    Part.HOUSE: [],
    Part.ROAD: [],
    Part.POST: [(_("Inbox"), "embassy:inbox")],
}


def chrome(request: HttpRequest) -> dict[str, Any]:
    """The menu, and which of its pages is open."""
    user = getattr(request, "user", None)
    part = user.part if user is not None and user.is_authenticated else ""
    return {"menu": MENUS.get(part, []), "here": request.resolver_match.view_name if request.resolver_match else ""}

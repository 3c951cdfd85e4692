"""What every page's frame shows: the menu of the account's own part, and which of its pages is open."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from relocation.desk import wave_urls
from relocation.jobs.telling import trouble
from relocation.models import Account, Office, Part

MENUS: dict[str, list[tuple[Any, str]]] = {
    Part.DESK: [
        (_("My day"), "desk:day"),
        (_("Cases"), "desk:cases"),
        (_("Waves"), "desk:waves"),
        (_("Referrals"), "desk:referrals"),
        (_("Approvals"), "desk:approvals"),
        (_("Stays"), "stays:list"),
        (_("Money"), "money:home"),
    ],
    Part.HOUSE: [],
    Part.ROAD: [],
    Part.POST: [(_("Inbox"), "embassy:inbox")],
    Part.OFFICE: [],
}
OFFICES: dict[str, list[tuple[Any, str]]] = {
    Office.CUSTODIAN: [
        (_("Access"), "desk:access"),
        (_("Review"), "desk:review"),
        (_("Invite"), "invite"),
        (_("Leaving"), "desk:leaving"),
    ],
    Office.AUDITOR: [(_("Ledger"), "desk:ledger")],
}
# Pages without a place of their own in the menu, and the menu's page they belong to.
BELONGS = {
    "desk:day": "desk:day",
    "desk:danger": "desk:day",
    "desk:access": "desk:access",
    "desk:review": "desk:review",
    "invite": "invite",
    "desk:leaving": "desk:leaving",
    "desk:offered": "desk:day",
    "desk:referrals": "desk:referrals",
    "desk:chains": "desk:referrals",
    "desk:triage": "desk:referrals",
    "desk:referral_file": "desk:referrals",
    "desk:approvals": "desk:approvals",
    "desk:answer": "desk:approvals",
    "desk:ledger": "desk:ledger",
    "money:home": "money:home",
    "money:report": "money:home",
    "money:wave": "desk:waves",
}
BELONGS |= dict.fromkeys((f"desk:{one.name}" for one in wave_urls.urlpatterns), "desk:waves")
ROOMS = {"desk": "desk:cases", "passages": "desk:cases", "stays": "stays:list", "money": "desk:cases", "embassy": "embassy:inbox"}


def chrome(request: HttpRequest) -> dict[str, Any]:
    """The menu, which of its pages is open, whether there are cases to search, and whether alarms reach anybody."""
    user = getattr(request, "user", None)
    part = user.part if user is not None and user.is_authenticated else ""
    works = part == Part.DESK
    return {
        "menu": menu(user) if user is not None and part else [],
        "here": here(request),
        "finds": works,
        "trouble": trouble if works else "",
    }


def menu(account: Account) -> list[tuple[Any, str]]:
    """The pages of the account's part, and of each office that it holds."""
    offices = [page for office in account.offices for page in OFFICES.get(office, [])]
    return [*MENUS.get(account.part, []), *offices]


def here(request: HttpRequest) -> str:
    """Name the menu's page that the open one belongs to; nothing for a page of no menu."""
    match = request.resolver_match
    return BELONGS.get(match.view_name) or ROOMS.get(match.namespace, "") if match else ""

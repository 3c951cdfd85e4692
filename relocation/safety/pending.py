"""Between the two factors: an account whose password was right, and who may see nothing yet but the second question."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import apps
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

if TYPE_CHECKING:
    from relocation.models import Account

LASTS = timedelta(minutes=15)
_KEY = "between"


def hold(request: HttpRequest, account: "Account", onward: str = "", *, forced: bool = False) -> None:
    """Remember whose password was right, under a new key of the session; nobody is signed in."""
    request.session.flush()
    request.session[_KEY] = {
        "account": str(account.pk),
        "agrees": account.get_session_auth_hash(),
        "at": timezone.now().timestamp(),
        "onward": onward,
        "kind": int(forced),
    }


def held(request: HttpRequest) -> "Account | None":
    """The account that waits for its second factor here, while its password, part and place are what they were."""
    told = request.session.get(_KEY)
    if not told or not 0 <= timezone.now().timestamp() - told["at"] <= LASTS.total_seconds():
        return None
    model: type[Account] = apps.get_model("relocation", "Account")
    account = model.objects.filter(pk=UUID(told["account"]), is_active=True).first()
    if account is None or not constant_time_compare(told["agrees"], account.get_session_auth_hash()):
        return None
    return account


def onward(request: HttpRequest) -> str:
    """The address that the person wanted before they were asked who they are."""
    return str((request.session.get(_KEY) or {}).get("onward", ""))


def forced(request: HttpRequest) -> bool:
    """Whether the password was the one that says that its owner is forced."""
    return bool((request.session.get(_KEY) or {}).get("kind"))


def drop(request: HttpRequest) -> None:
    """Whoever has come in waits no longer."""
    request.session.pop(_KEY, None)

"""Who tries too often waits a while: django-axes counts, per name and address, per address, and per known device.

A device that has signed in as an account before has a counter of its own, so that nobody locks a rightful person out by
guessing. What is counted are digests: no name that somebody typed and no address is kept.
"""

import hmac
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from relocation.safety.device import KEPT_FOR, device

# How many wrong tries in a quarter of an hour.
NAME_AND_ADDRESS, ADDRESS, NAME_AND_DEVICE = 5, 30, 10
CODE_ANYWHERE = 20  # codes for one account whose password is known, from devices that are not
REMEMBERED = 5  # accounts on one device
_SALT = "harbour.known"

Counters = list[tuple[list[str], int]]


class Try(HttpRequest):
    """What axes hears of a request: digests, and which counters count it."""

    counters: Counters


class Counter(AxesDatabaseHandler):  # type: ignore[misc]  # axes'
    """Axes' handler, with a limit for each counter; it tells how many are full."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        tries = zip(self.get_user_attempts(request, credentials), request.counters, strict=True)
        return sum(_sum(rows) >= limit for rows, (_fields, limit) in tries)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **rest: Any) -> None:
        """The door itself begins anew once both factors were right."""

    def user_logged_out(self, sender: Any, request: Any, user: Any, **rest: Any) -> None:
        """The ledger knows."""


def _sum(rows: Iterable[AccessAttempt]) -> int:
    return sum(row.failures_since_start for row in rows)


def counted_name(request: Any, credentials: dict[str, Any] | None) -> str:
    """What stands for a name in the counters. Called by axes."""
    return _digest("name", str((credentials or {}).get("username") or "").strip().casefold())


def counters(request: Any, credentials: dict[str, Any] | None = None) -> list[list[str]]:
    """Which fields of an attempt are counted together. Called by axes."""
    return [fields for fields, _limit in request.counters]


def one_try(request: HttpRequest, name: str, *, code: bool = False) -> Try:
    """A try that axes may judge: of a password for a name, or of a code for an account whose password was right."""
    known = knows(request, name)
    one = Try()
    one.method = request.method
    one.counters = _counters(known, code)
    one.axes_updated, one.axes_locked_out = True, False  # type: ignore[attr-defined]
    one.axes_attempt_time = timezone.now()  # type: ignore[attr-defined]
    one.axes_ip_address = _address(request)  # type: ignore[attr-defined]
    one.axes_user_agent = _digest("device", device(request)) if known else ""  # type: ignore[attr-defined]
    one.axes_path_info = one.axes_http_accept = ""  # type: ignore[attr-defined]
    one.axes_failures_since_start = one.axes_credentials = None  # type: ignore[attr-defined]
    return one


def _counters(known: bool, code: bool) -> Counters:
    if known:
        return [(["username", "user_agent"], NAME_AND_DEVICE)]
    usual = [(["username", "ip_address", "user_agent"], NAME_AND_ADDRESS), (["ip_address", "user_agent"], ADDRESS)]
    return [*usual, (["username", "user_agent"], CODE_ANYWHERE)] if code else usual


def is_locked(one: Try, name: str) -> bool:
    """Whether this try must wait."""
    return bool(one.axes_locked_out or AxesProxyHandler.is_locked(one, {"username": name}))  # type: ignore[attr-defined]


def failed(one: Try, name: str) -> None:
    """Count a wrong code."""
    AxesProxyHandler.user_login_failed(sender=None, credentials={"username": name}, request=one)


def begin_anew(request: HttpRequest, name: str) -> None:
    """Forget what was counted for this name from here: both factors were right."""
    for counted in (name, code_of(name)):
        rows = AccessAttempt.objects.filter(username=counted_name(None, {"username": counted}))
        rows.filter(ip_address=_address(request), user_agent="").delete()
        rows.filter(user_agent=_digest("device", device(request))).delete()


def forget() -> None:
    """Remove counters that count no more. Axes removes them when somebody fails; this is for when nobody does."""
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME).delete()


def minutes_left(one: Try, name: str) -> int:
    """How long to wait before another try, in whole minutes."""
    lasts: timedelta = settings.AXES_COOLOFF_TIME
    full = Counter().get_user_attempts(one, {"username": name})
    newest = max((row.attempt_time for rows in full for row in rows), default=timezone.now())
    return max(1, ceil((newest + lasts - timezone.now()).total_seconds() / 60))


def code_of(name: str) -> str:
    """What the codes of an account are counted under, apart from its passwords."""
    return f"code|{name}"


def knows(request: HttpRequest, name: str) -> bool:
    """Whether this device has signed in as this account before; a cookie of ours says so, for this device only."""
    return bool(device(request)) and _mark(request, name) in _marks(request)


def remember(request: HttpRequest, response: HttpResponseBase, name: str) -> None:
    """Note on the device that this account has signed in on it, for a year."""
    marks = [_mark(request, name), *(mark for mark in _marks(request) if mark != _mark(request, name))][:REMEMBERED]
    response.set_signed_cookie(
        cookie_name(),
        ".".join(marks),
        salt=_SALT,
        max_age=KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def cookie_name() -> str:
    """`__Host-` where the connection is secure: then no other host or path can have set it."""
    return "__Host-known" if settings.SECURE else "known"


def _marks(request: HttpRequest) -> list[str]:
    return (request.get_signed_cookie(cookie_name(), default="", salt=_SALT) or "").split(".")


def _mark(request: HttpRequest, name: str) -> str:
    return _digest("mark", f"{device(request)}|{name.strip().casefold()}")[:16]


def _address(request: HttpRequest) -> str:
    """A digest of where a request comes from, in the form of an address; IPv6 by its network of 64 bits."""
    said = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        said = request.META.get("HTTP_X_FORWARDED_FOR", said).rpartition(",")[2].strip()
    try:
        found = ip_address(said)
        said = str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
    except ValueError:
        said = "nowhere"
    return str(IPv6Address(int(_digest("address", said)[:32], 16)))


def _digest(what: str, words: str) -> str:
    return hmac.digest(settings.SECRET_KEY.encode(), f"harbour.throttle|{what}|{words}".encode(), "sha256").hex()

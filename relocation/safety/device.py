"""Which device a request comes from: a signed random cookie, so that nobody gives both words from one machine.

It outlives sessions and says nothing about anybody. It holds whoever borrows a password on the same machine, not whoever
empties the browser in between: that two accounts agreed stands in the ledger all the same.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

KEPT_FOR = timedelta(days=365)
_SALT = "harbour.device"


def cookie_name() -> str:
    """`__Host-` where the connection is secure: then no other host or path can have set it."""
    return "__Host-device" if settings.SECURE else "device"


def device(request: HttpRequest) -> str:
    """This device's random name; empty where it has none, or one that we did not sign."""
    return request.get_signed_cookie(cookie_name(), default="", salt=_SALT) or ""


def remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Name the device, unless it has a name; signing in and out leaves it as it is."""
    if not device(request):
        name_device(response, secrets.token_urlsafe(24))


def name_device(response: HttpResponseBase, name: str) -> None:
    """Give the device this name for a year."""
    response.set_signed_cookie(
        cookie_name(),
        name,
        salt=_SALT,
        max_age=KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )

"""An invented world proves itself by one click: only in a database that says it is one, and only on this machine."""

from ipaddress import ip_address

from django.db import connection
from django.http import HttpRequest

# The world command writes this comment on the database that it made; real databases have none.
MARK = "harbour: fictional world"
HOSTS = {"localhost", "127.0.0.1", "[::1]"}
FORWARDED = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")  # and every HTTP_X_FORWARDED_*


def is_fictional() -> bool:
    """Tell whether everybody in this database is invented."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()")
        row = cursor.fetchone()
    return bool(row) and row[0] == MARK


def may_click(request: HttpRequest) -> bool:
    """Tell whether one-click sign-in is there for this request."""
    return from_here(request) and is_fictional()


def from_here(request: HttpRequest) -> bool:
    """Tell whether a request comes from this very machine, through no proxy, to a name of this machine."""
    if any(name.startswith("HTTP_X_FORWARDED") or name in FORWARDED for name in request.META):
        return False
    return is_loopback(request.META.get("REMOTE_ADDR", "")) and hostname(request) in HOSTS


def is_loopback(address: str) -> bool:
    """Tell whether an address is the machine's own; what is no address is not."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def hostname(request: HttpRequest) -> str:
    """Return the name that the browser asked for, without its port."""
    host = str(request.META.get("HTTP_HOST", "") or request.META.get("SERVER_NAME", ""))
    return host if host.endswith("]") else host.rpartition(":")[0] or host

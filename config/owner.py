"""The owner of the tables, for migrations and for emptying tables between tests; never in a web process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections


@contextmanager
def as_owner(alias: str) -> Iterator[None]:
    """Connect `alias` as the owner. Raises `ImproperlyConfigured` without DATABASE_OWNER, as in web and worker."""
    connection = connections[alias]
    connection.close()
    was = connection.settings_dict
    # The dictionary is shared by every thread, so it is replaced and never changed.
    connection.settings_dict = {**was, **_credentials()}
    try:
        yield
    finally:
        connection.close()
        was["NAME"] = connection.settings_dict["NAME"]  # a test database has another name from now on
        connection.settings_dict = was


def _credentials() -> dict[str, str]:
    if not settings.DATABASE_OWNER:
        raise ImproperlyConfigured("Set DATABASE_OWNER=user:password to change tables.")
    user, _, password = settings.DATABASE_OWNER.partition(":")
    return {"USER": user, "PASSWORD": password}

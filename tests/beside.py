"""Processes that run beside a test, on the databases of the tests, as the role that owns nothing."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from django.db import connections

from config import run


def environment() -> dict[str, str]:
    """What such a process finds in its environment."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER"}
    return kept | {"DATABASE_URL": address("default"), "KEYS_DATABASE_URL": address("keys"), "PYTHONWARNINGS": run.QUIET}


def address(alias: str) -> str:
    """The address of a test database, as the environment writes it."""
    database: dict[str, Any] = connections[alias].settings_dict
    login = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgres://{login}@{quote(database['HOST'], safe='')}{port}/{database['NAME']}"

"""A key file of a test's own, on a file system in memory, and what the two custodians type."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connections

from relocation.safety import keys

Environment = dict[str, str]
MEMORY = Path("/dev/shm")


@contextmanager
def brought(settings: Any, number: int = 1) -> Iterator[Path]:
    """The tests' own master key, in a file that a test may change."""
    key = keys.master_key(number)
    with TemporaryDirectory(dir=MEMORY, prefix="harbour-") as folder:
        settings.HARBOUR_KEY_FILE = str(Path(folder) / "key")
        keys.write_master_key(Path(settings.HARBOUR_KEY_FILE), number, key)
        yield Path(settings.HARBOUR_KEY_FILE)


def at_tests_databases() -> Environment:
    """The environment of a real process on the tests' own databases, as the app's role."""
    server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    named = {"DATABASE_URL": "default", "KEYS_DATABASE_URL": "keys"}
    found = {name: f"{server}/{connections[alias].settings_dict['NAME']}" for name, alias in named.items()}
    return {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER"} | found

"""A key file of a test's own, on a file system in memory, and what the two custodians type."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from config import embedded
from relocation.models import WrappedKey
from relocation.safety import keys

MEMORY = Path("/dev/shm")


@contextmanager
def brought(settings: Any, number: int = 1) -> Iterator[Path]:
    """The tests' own master key, in a file that a test may change."""
    key = keys.master_key(number)
    with TemporaryDirectory(dir=MEMORY, prefix="harbour-") as folder:
        settings.HARBOUR_KEY_FILE = str(Path(folder) / "key")
        keys.write_master_key(Path(settings.HARBOUR_KEY_FILE), number, key)
        yield Path(settings.HARBOUR_KEY_FILE)


def the_tests_own() -> bytes:
    """The master key 1 of the tests, from where it lies on the disk as that of `make run` does."""
    return base64.b64decode((embedded.home() / "demonstration-key").read_text().split()[1])


def unwraps(row: WrappedKey, master: bytes) -> bool:
    """Whether this master key opens a wrapped key."""
    with suppress(keys.Foreign):
        return bool(keys.unwrap(row, master))
    return False

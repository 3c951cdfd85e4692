"""A key file of a test's own, on a file system in memory, and what the two custodians type."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

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

"""How many uploads are opened at once on one machine, whatever server process they come to: each may take 200 MB."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AT_ONCE = 3  # programs that open uploads
PATIENCE = 8.0  # seconds that an upload waits for its turn
PAUSE = 0.1  # seconds between two looks


class Busy(Exception):
    """Others are being opened, and none ended in time."""


@contextmanager
def turn() -> Iterator[None]:
    """Hold one of the few places while the block runs; the system gives it back, however the process ends. Raises `Busy`."""
    place = _taken(time.monotonic() + PATIENCE)
    try:
        yield
    finally:
        os.close(place)


def _taken(until: float) -> int:
    while (place := _free()) is None:
        if time.monotonic() > until:
            raise Busy
        time.sleep(PAUSE)
    return place


def _free() -> int | None:
    """An open file whose lock nobody else held; None where all are held."""
    for number in range(AT_ONCE):
        place = os.open(_folder() / str(number), os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(place)
        else:
            return place
    return None


def _folder() -> Path:
    """A folder of this system account's own. Raises `PermissionError` where somebody else made it."""
    folder = Path(tempfile.gettempdir()) / f"harbour-turns-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    seen = folder.lstat()
    if folder.is_symlink() or seen.st_uid != os.getuid() or seen.st_mode & 0o077:
        raise PermissionError(f"{folder} is not ours alone")
    return folder

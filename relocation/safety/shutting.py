"""What locks everything before anything else is asked: a file beside that of the key, and the key dropped.

Needs no server, and of Django only its settings, whose start takes no time: in an emergency seconds count.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from relocation.safety import master

ENDING = ".locked"


def place() -> Path:
    """Where the file is, or would be. Raises `Shut` where no place is named for the key."""
    key = master.place()
    return key.with_name(key.name + ENDING)


def shut() -> bool:
    """Write the file, which counts at once, then drop the key. Returns whether none is left. Raises `Shut`, as `place`."""
    path = place()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')}\n")
    if not master.in_memory(
        path.parent
    ):  # a demonstration's key: nobody holds shares of it, so that it could not be brought again
        return False
    master.forget()
    return True

"""The master key: lines of a file in memory, read anew at each use, so that no process keeps it and all notice when it goes."""

import base64
import binascii
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

IN_MEMORY = frozenset({"tmpfs", "ramfs"})
MOUNTS = Path("/proc/self/mounts")
LENGTH = 32  # bytes


class Shut(Exception):
    """The master key has not been brought, or has been taken away."""


def place() -> Path:
    """Where the key file is, or would be. Raises `Shut` where no place is named."""
    if not settings.HARBOUR_KEY_FILE:
        raise Shut("Harbour is shut: no place for the master key is named. Set HARBOUR_KEY_FILE.")
    return Path(settings.HARBOUR_KEY_FILE)


def master_keys() -> Mapping[int, bytes]:
    """Number to key, the newest having the greatest number. Raises `Shut` where there is none, or none can be read."""
    try:
        keys = dict(_line(line) for line in place().read_text().splitlines() if line.strip())
    except (OSError, ValueError, binascii.Error):
        raise Shut("Harbour is shut: no master key has been brought. Bring it with `manage.py unseal`.") from None
    if not keys:
        raise Shut("Harbour is shut: the file of the master key is empty. Bring the key with `manage.py unseal`.")
    return keys


def master_key(number: int) -> bytes:
    """One master key. Raises `Shut` where this one is missing."""
    try:
        return master_keys()[number]
    except KeyError:
        raise Shut(f"Master key {number} is needed and has not been brought. Bring it with `manage.py unseal`.") from None


def is_brought() -> bool:
    """Whether sealed rows can be opened now."""
    try:
        return bool(master_keys())
    except Shut:
        return False


def _line(line: str) -> tuple[int, bytes]:
    number, key = line.split()
    found = base64.b64decode(key, validate=True)
    if len(found) != LENGTH:
        raise ValueError("A master key has 32 bytes.")
    return int(number), found


def write_master_key(path: Path, number: int = 1, key: bytes = b"") -> None:
    """Add a master key (a fresh one, unless given) to a key file, which only its owner reads; it is whole at any moment."""
    kept = path.read_text() if path.exists() else ""
    _replace(path, f"{kept}{number} {base64.b64encode(key or secrets.token_bytes(LENGTH)).decode()}\n")


def forget(number: int = 0) -> bool:
    """Take one master key away, or (0) all of them: Harbour is sealed from then on. Returns whether there was anything."""
    path = place()
    if not path.exists():
        return False
    lines = path.read_text().splitlines(keepends=True)
    left = [line for line in lines if number and line.split()[:1] != [str(number)]]
    if left:
        _replace(path, "".join(left))
    else:
        _wipe(path)
        path.unlink()
    return left != lines


def _replace(path: Path, content: str) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent)  # 0600
    with os.fdopen(handle, "w") as file:
        file.write(content)
    Path(draft).replace(path)


def _wipe(path: Path) -> None:
    """Overwrite the bytes before they are let go: memory is not cleared when a file is unlinked."""
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)


def in_memory(folder: Path) -> bool:
    """Whether files in this folder lie in memory only (tmpfs, ramfs); no, where the system does not say."""
    try:
        mounts = [line.split()[1:3] for line in MOUNTS.read_text().splitlines()]
    except OSError:
        return False
    real = folder.resolve()
    over = [(len(Path(at).parts), kind) for at, kind in mounts if real.is_relative_to(_plain(at))]
    return bool(over) and max(enumerate(over), key=lambda found: (found[1][0], found[0]))[1][1] in IN_MEMORY


def _plain(at: str) -> str:
    """A mount point as the kernel writes it, with `\\040` for a space."""
    return at.encode().decode("unicode_escape")

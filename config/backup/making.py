"""Making a backup: both databases, each dumped as one moment saw it, sealed as it flows, with its manifest last."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import django
import psycopg
from django.conf import settings

from config.backup import databases, manifest
from config.backup.databases import Trouble
from config.backup.manifest import Manifest
from relocation.safety import streams
from relocation.safety.retention import KEYS_EXPIRE

PIECE = 1 << 20
Tell = Callable[[int], object]
STONES = "SELECT case_id::text, at::text, why, coalesce(by::text, '') FROM relocation_tombstone ORDER BY at"


def key_for(folder: Path | None) -> bytes:
    """The operator's backup key, which never lies where the backups do. Raises `Trouble`."""
    path = key_path()
    if folder and path.resolve().is_relative_to(folder.resolve()):
        raise Trouble("The backup key lies beside the backups. Keep it elsewhere: whoever has both can read everything.")
    try:
        return streams.read_key(path)
    except FileNotFoundError:
        raise Trouble(f"There is no backup key at {path}. Make one with: manage.py backup --new-key") from None
    except (OSError, ValueError):
        raise Trouble(f"{path} holds no backup key that can be read.") from None


def key_path() -> Path:
    """Where the operator says the key is. Raises `Trouble`."""
    if not settings.HARBOUR_BACKUP_KEY_FILE:
        raise Trouble("Set HARBOUR_BACKUP_KEY_FILE to the file that holds the backup key, away from the backups.")
    return Path(settings.HARBOUR_BACKUP_KEY_FILE)


def make(folder: Path, what: str, key: bytes, tell: Tell = lambda size: None) -> Manifest:
    """Dump one database ("data" or "keys"); `tell` hears how many bytes were read so far. Raises `Trouble`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = manifest.begin(what)
    try:
        with databases.reached(what, databases.backup_role()) as connection:
            _describe(made, connection)
            _dump(made, folder, key, _snapshot(connection), tell)
    except psycopg.Error as error:
        raise Trouble(f"The database of the {what} could not be read: {str(error).splitlines()[0]}") from None
    except OSError as error:
        raise Trouble(f"{folder} cannot be written: {error.strerror}.") from None
    made.finished = datetime.now(tz=UTC).isoformat()
    manifest.write(made, folder, key)
    return made


def _describe(made: Manifest, connection: psycopg.Connection[Any]) -> None:
    made.tables = databases.contents(connection)
    version = str(connection.info.server_version)
    made.versions = {"postgres": version, "django": django.__version__, "python": platform.python_version()}
    if made.what == "data":
        made.heads = databases.heads(connection)
        rows = connection.execute(STONES).fetchall()
        made.tombstones = [dict(zip(("case", "at", "why", "by"), row, strict=True)) for row in rows]


def _snapshot(connection: psycopg.Connection[Any]) -> str:
    return str((connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",))[0])


def _dump(made: Manifest, folder: Path, key: bytes, snapshot: str, tell: Tell) -> None:
    command = [databases.program("pg_dump"), "-Fc", "--no-password", f"--snapshot={snapshot}"]
    command += [f"--exclude-table-data={table}" for table in databases.left_out()] if made.what == "data" else []
    env = databases.environment(made.what, databases.backup_role())
    draft = folder / f".{made.name}"
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as dump:
        assert dump.stdout and dump.stderr
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            streams.close(key, made.what, _told(dump.stdout, tell), file)
            file.flush()
            os.fsync(file.fileno())
        said = dump.stderr.read().decode(errors="replace")
    if dump.returncode:
        draft.unlink()
        raise Trouble(f"pg_dump stopped: {(said.strip() or 'it said nothing').splitlines()[0]}")
    made.sha256, made.size = digest(draft), draft.stat().st_size
    draft.rename(made.file(folder))


def _told(stream: Any, tell: Tell) -> Iterator[bytes]:
    size = 0
    while piece := stream.read(PIECE):
        size += len(piece)
        tell(size)
        yield piece


def digest(path: Path) -> str:
    """SHA-256 of a file as it lies there."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def let_go(folder: Path) -> int:
    """Remove copies of the keys that are older than a week, or half made, by the time in their names. Returns how many files.

    Raises `Trouble` where one stays.
    """
    oldest = f"keys-{datetime.now(tz=UTC) - timedelta(days=KEYS_EXPIRE):{manifest.STAMP}}"
    old = [path for path in folder.glob("keys-*") if path.name < oldest or not _is_described(path)]
    try:
        for path in [*old, *folder.glob(".keys-*")]:
            path.unlink()
    except OSError as error:
        raise Trouble(f"An old copy of the keys could not be removed ({error.strerror}). Remove it by hand, today.") from None
    return len(old)


def _is_described(path: Path) -> bool:
    return path.with_suffix(manifest.BESIDE).exists()


def check(made: Manifest, folder: Path, key: bytes) -> None:
    """Read a backup from its first byte to its last, without restoring it. Raises `Trouble`."""
    path = made.file(folder)
    if not path.is_file() or digest(path) != made.sha256:
        raise Trouble(f"{path.name} is missing, or is not what was written. Take another backup.")
    listing = subprocess.Popen(
        [databases.program("pg_restore"), "--list"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert listing.stdin
    pour(made, folder, key, listing.stdin)
    if listing.wait():
        raise Trouble(f"{path.name} opens, and holds no dump that pg_restore understands.")


def pour(made: Manifest, folder: Path, key: bytes, into: Any) -> None:
    """Open a backup into a program's input; whoever reads no further does not stop the check. Raises `Trouble`."""
    listens, file = True, made.file(folder)
    try:
        with file.open("rb") as sealed:
            for piece in streams.opened(key, made.what, sealed):
                listens = listens and _given(into, piece)
    except streams.Broken:
        raise Trouble(f"{file.name} is not whole, or was sealed with another backup key. Take another backup.") from None
    finally:
        _closed(into)


def _given(into: BinaryIO, piece: bytes) -> bool:
    try:
        into.write(piece)
    except BrokenPipeError:
        return False
    return True


def _closed(into: BinaryIO) -> None:
    try:
        into.close()
    except BrokenPipeError:
        return

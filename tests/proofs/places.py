"""Every place on this machine where something of a case could lie: databases, their files, the queue, folders, logs."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import connections

from config import binaries, embedded
from tests.proofs import owner

BIG = 64 * 1024 * 1024  # bytes read at once
OVERLAP = 4096


def texts() -> Iterator[tuple[str, bytes]]:
    """Each place with what lies in it, a piece at a time. PostgreSQL and Valkey write down first what they hold in memory."""
    yield from dumps()
    owner_of_servers("CHECKPOINT")
    for path in data_files():
        yield f"data directory: {path.name}", path.read_bytes()
    for folder, files in folders().items():
        for path in files:
            with suppress(FileNotFoundError):  # another program's, which has ended meanwhile
                yield f"{folder}: {path.name}", path.read_bytes()


def dumps() -> Iterator[tuple[str, bytes]]:
    """pg_dump of both databases, as a provider's backup would hold it."""
    programs = binaries.postgres(embedded.copies())
    for alias in ("default", "keys"):
        known = connections[alias].settings_dict
        command = [str(programs / "pg_dump"), "-h", known["HOST"], "-U", "postgres", "--inserts", known["NAME"]]
        yield f"pg_dump: {alias}", subprocess.run(command, check=True, capture_output=True).stdout


def owner_of_servers(statement: str) -> None:
    """What only the servers' own superuser may say."""
    with owner.connect(user="postgres") as eyes:
        eyes.execute(statement)


def data_files() -> Iterator[Path]:
    """The files of the test databases, and the write-ahead log with everything that was ever written."""
    data = embedded.state() / "data"
    oids = [oid for (oid,) in owner.rows("SELECT oid FROM pg_database WHERE datname LIKE 'test%'")]
    for place in [
        *(data / "base" / str(oid) for oid in oids),
        data / "pg_wal",
        data / "pg_stat_tmp",
        data / "base" / "pgsql_tmp",
    ]:
        yield from (path for path in sorted(place.glob("*")) if path.is_file())


def folders() -> dict[str, list[Path]]:
    """Valkey's files, the servers' logs, uploads, and what this user left in the folder for temporary files."""
    state = embedded.state()
    media = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] if settings.MEDIA_ROOT else []
    top = Path(tempfile.gettempdir()).glob("harbour*")
    ours = [
        path
        for place in top
        for folder, _within, names in os.walk(place)
        for name in names
        if (path := Path(folder, name)).is_file()
    ]
    return {
        "queue": [path for path in (state / "valkey").rglob("*") if path.is_file()],
        "logs": [path for path in state.glob("*.log") if os.access(path, os.R_OK)],
        "uploads": media,
        "temporary files": ours,
    }

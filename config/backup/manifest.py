"""What stands beside a backup: what is in it, since when, for how long; under a mark of the backup key, so that none is forged.

A manifest names nobody: tables with counts and hashes, heads of the ledger as one hash, tombstones as ids.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.backup.databases import Tables, Trouble
from relocation.safety.retention import KEYS_EXPIRE
from relocation.safety.tombstones import Stone, stone

SEALED, BESIDE = ".harbour", ".json"
STAMP = "%Y%m%dT%H%M%S-%fZ"  # in names, so that they sort by time


@dataclass
class Manifest:
    """One backup: `what` is data or keys; times are ISO 8601, UTC."""

    what: str
    name: str
    started: str
    finished: str = ""
    expires: str = ""
    sha256: str = ""
    size: int = 0
    tables: Tables = field(default_factory=dict)
    heads: list[Any] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    tombstones: list[dict[str, str]] = field(default_factory=list)

    @property
    def has_expired(self) -> bool:
        return bool(self.expires) and datetime.fromisoformat(self.expires) <= datetime.now(tz=UTC)

    @property
    def rows(self) -> int:
        return sum(rows for rows, _hash in self.tables.values())

    @property
    def stones(self) -> list[Stone]:
        return [stone(told) for told in self.tombstones]

    def file(self, folder: Path) -> Path:
        return folder / f"{self.name}{SEALED}"


def begin(what: str) -> Manifest:
    """A backup that begins now; a copy of the keys expires after a week."""
    now = datetime.now(tz=UTC)
    expires = (now + timedelta(days=KEYS_EXPIRE)).isoformat() if what == "keys" else ""
    return Manifest(what, f"{what}-{now:{STAMP}}", now.isoformat(), expires=expires)


def write(manifest: Manifest, folder: Path, key: bytes) -> None:
    """The last thing that is written: without it, a file is no backup."""
    text = json.dumps(asdict(manifest), indent=1)
    put(folder / f"{manifest.name}{BESIDE}", json.dumps({"mark": _mark(key, text), "manifest": text}).encode())


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def read(path: Path, key: bytes) -> Manifest:
    """A manifest that this key marked. Raises `Trouble`."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        text, mark = str(told["manifest"]), str(told["mark"])
    except (OSError, ValueError, KeyError, TypeError):
        raise Trouble(f"{path.name} cannot be read. Take another backup.") from None
    if not hmac.compare_digest(mark, _mark(key, text)):
        raise Trouble(f"{path.name} was changed, or belongs to another backup key.")
    return Manifest(**json.loads(text))


def every(folder: Path, key: bytes, what: str = "") -> Iterator[Manifest]:
    """The backups in a folder, the oldest first. Raises `Trouble`."""
    for path in sorted(folder.glob(f"{what or '*'}-*{BESIDE}")):
        yield read(path, key)


def _mark(key: bytes, text: str) -> str:
    return hmac.digest(key, b"harbour manifest\0" + text.encode(), hashlib.sha256).hex()

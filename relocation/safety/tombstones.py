"""Tombstones outside the database, which no restore takes away: a file of lines that say whose key must stay destroyed.

A line holds a case's id, when (UTC), why (a code) and who did it, and names nobody who was helped.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from relocation.safety import vault
from relocation.safety.keys import WrappedKey
from relocation.safety.questions import rows

NAME = "tombstones"


class Stone(NamedTuple):
    """What is left of a case that was erased."""

    case_id: UUID
    at: str
    why: str
    by: str

    def line(self) -> str:
        return json.dumps({"case": str(self.case_id), "at": self.at, "why": self.why, "by": self.by})


def place() -> Path:
    """The file on this machine; the operator copies it to where the backups are, or names a folder there."""
    return Path(settings.HARBOUR_TOMBSTONE_FOLDER) / NAME


def read(path: Path) -> Iterator[Stone]:
    """The stones of a file; none where there is none. Raises ValueError for a line that is none."""
    if not path.is_file():
        return
    for line in filter(None, path.read_text(encoding="utf-8").splitlines()):
        yield stone(json.loads(line))


def stone(told: dict[str, str]) -> Stone:
    """One stone from its parts. Raises ValueError."""
    try:
        return Stone(UUID(told["case"]), told["at"], told["why"], told["by"])
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ValueError("This is no tombstone.") from wrong


def keep(stones: Iterable[Stone]) -> None:
    """Write down those that the file does not have yet, on the disk before this returns."""
    path = place()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = {one.case_id for one in read(path)}
    if fresh := [one.line() for one in stones if one.case_id not in known]:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
            file.write("".join(f"{line}\n" for line in fresh))
            file.flush()
            os.fsync(file.fileno())


def bury(stones: Iterable[Stone]) -> int:
    """Destroy whatever key of theirs is left, and write the stones down. Returns how many keys there were."""
    stones = list(stones)
    left = WrappedKey.objects.filter(subject_id__in=[one.case_id for one in stones]).values_list("subject_id", flat=True)
    destroyed = sum(vault.shred(case_id) for case_id in set(left))
    keep(stones)
    return destroyed


def in_database() -> list[Stone]:
    """All stones, for the sweep of retention, an auditor or the owner."""
    found = rows("SELECT case_id, at, why, by FROM relocation_tombstone ORDER BY at")
    return [Stone(case_id, at.isoformat(), why, str(by or "")) for case_id, at, why, by in found]

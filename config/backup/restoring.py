"""Bringing a backup back: into empty databases only; whoever was erased since stays erased, and the ledger is read again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connections, transaction

from config.backup import databases, making, manifest
from config.backup.databases import Trouble
from config.backup.manifest import Manifest
from config.owner import as_owner
from relocation.models import system_account
from relocation.safety import chain, tombstones
from relocation.safety.actor import acting_as
from relocation.safety.tombstones import Stone


@dataclass
class Plan:
    """What would be brought back: the data, the keys, and who must stay erased."""

    folder: Path
    data: Manifest
    keys: Manifest
    stones: list[Stone]

    @property
    def lost(self) -> timedelta:
        """What happened after the data was read is not in it."""
        return datetime.now(tz=UTC) - datetime.fromisoformat(self.data.started)


def plan(folder: Path, key: bytes, *, name: str = "", stones: Path | None = None) -> Plan:
    """The newest backup in a folder, or the data of this name, with the newest keys that have not expired. Raises `Trouble`."""
    if not folder.is_dir():
        raise Trouble(f"{folder} is no folder. Name the one in which the backups lie.")
    data = [made for made in manifest.every(folder, key, "data") if name in ("", made.name)]
    copies = [made for made in manifest.every(folder, key, "keys") if not made.has_expired]
    if not data:
        raise Trouble(f"There is no backup of the data in {folder}.")
    if not copies:
        raise Trouble("There is no copy of the keys that is younger than a week. Without one nothing can be opened.")
    return Plan(folder, data[-1], copies[-1], _stones(folder, key, stones))


def _stones(folder: Path, key: bytes, more: Path | None) -> list[Stone]:
    """Whoever was erased, as any manifest here, this machine, or a file that was kept elsewhere says."""
    told = [*tombstones.read(tombstones.place()), *tombstones.read(folder / tombstones.NAME)]
    told += [stone for made in manifest.every(folder, key, "data") for stone in made.stones]
    if more:
        if not more.is_file():
            raise Trouble(f"{more} is no file of tombstones.")
        told += tombstones.read(more)
    return list({stone.case_id: stone for stone in told}.values())


def insist_on_empty() -> None:
    """Nothing is ever written over. Raises `Trouble`."""
    for what in databases.ALIASES:
        with databases.reached(what, databases.owner_role()) as connection:
            if not databases.is_empty(connection):
                raise Trouble(f"The database of the {what} is not empty. A backup is brought back into new databases only.")


def check(found: Plan, key: bytes) -> None:
    """Read both backups from end to end. Raises `Trouble`."""
    for made in (found.data, found.keys):
        making.check(made, found.folder, key)


def fill(made: Manifest, folder: Path, key: bytes) -> None:
    """Bring one database back, whole or not at all, and see that each row is what it was. Raises `Trouble`."""
    command = [databases.program("pg_restore"), "--exit-on-error", "--single-transaction", "--no-owner", "--no-password"]
    env = databases.environment(made.what, databases.owner_role())
    with subprocess.Popen([*command, "-d", env["PGDATABASE"]], env=env, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as filling:
        assert filling.stdin and filling.stderr
        making.pour(made, folder, key, filling.stdin)
        filling.stdin = None
        said = filling.stderr.read().decode(errors="replace")
    if filling.returncode:
        raise Trouble(f"pg_restore stopped: {(said.strip() or 'it said nothing').splitlines()[0]}")
    with databases.reached(made.what, databases.owner_role()) as connection:
        found = databases.contents(connection)
        heads = databases.heads(connection) if made.what == "data" else []
    differing = [name for name in made.tables if found.get(name) != made.tables[name]]
    if differing or heads != made.heads:
        raise Trouble(f"What was brought back is not what was backed up: {', '.join(differing) or 'the ledger'}.")


def lay_walls() -> None:
    """Tables of a newer version, policies and triggers, as after every change."""
    connections.close_all()
    for alias in databases.ALIASES.values():
        call_command("migrate", database=alias, verbosity=0)


def erase_again(stones: Iterable[Stone]) -> int:
    """Whoever was erased after the backup was made is erased once more. Returns how many were there again."""
    stones, again = list(stones), 0
    with as_owner("default"), transaction.atomic(), connections["default"].cursor() as cursor:
        for stone in stones:
            cursor.execute("SELECT harbour_erase(%s, %s)", [stone.case_id, stone.why])
            again += bool(cursor.fetchone()[0])
            cursor.execute(
                "INSERT INTO relocation_tombstone (case_id, at, why, by) VALUES (%s, %s, %s, %s) "
                "ON CONFLICT (case_id) DO UPDATE SET at = excluded.at, by = excluded.by",
                [stone.case_id, stone.at, stone.why, stone.by or None],
            )
    tombstones.bury(stones)
    return again


def verify() -> chain.Verdict:
    """Read the whole ledger again. Raises `Trouble` where it does not hold."""
    with acting_as(system_account("anchors")), transaction.atomic():
        verdict = chain.verify()
    if verdict.broken:
        raise Trouble(f"Entry {verdict.broken.number} of chain {verdict.broken.chain} of the ledger does not hold.")
    return verdict

"""G45 and G46: a backup is brought back on an empty machine, whole; whoever was erased is in none of them any more."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from config.backup import databases, making, manifest, restoring
from config.backup.manifest import Manifest
from config.owner import as_owner
from fiction.telling import as_, do_jobs
from relocation.embassy.verify import LEFT
from relocation.journey import approvals, erasing
from relocation.models import Case, Paper, Stage, WrappedKey
from relocation.safety import tombstones
from relocation.safety.keys import Gone
from relocation.safety.rotation import sealed_columns
from relocation.safety.sealed import unseal
from tests.proofs import world as worlds
from tests.proofs.canaries import Canaries
from tests.proofs.tally import SEED, Tally, guarantee, scale
from tests.proofs.world import World
from tests.safety.raw import sql


@dataclass
class Drill:
    """Backups with the person in them, the erasure, a backup afterwards; what each said when it was brought back elsewhere."""

    folder: Path
    case_id: UUID
    cells: list[Any]
    canaries: Canaries
    digests: list[bytes]
    before: list[Manifest]
    after: Manifest
    key: bytes
    restored: dict[str, dict[str, Any]]
    seconds: float = 0.0


@pytest.fixture(scope="module")
def drill(world: World, django_db_blocker: Any) -> Iterator[Drill]:
    """Everything once: it is told in two rows."""
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    place.chmod(0o755)
    given = {"HARBOUR_BACKUP_KEY_FILE": str(place / "key"), "HARBOUR_TOMBSTONE_FOLDER": str(place / "stones")}
    with django_db_blocker.unblock(), override_settings(**given):
        try:
            began = time.monotonic()
            made = _drill(world, place)
            yield replace(made, seconds=time.monotonic() - began)
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _drill(world: World, place: Path) -> Drill:
    folder = place / "backups"
    call_command("backup", new_key=True, stdout=StringIO())
    own = replace(world, canaries=Canaries(Random(SEED + 46)), told={}, cases={})
    case_id = worlds._tell(own, Stage.LODGED, 0)
    do_jobs()
    cells, digests = _of(case_id)
    key = making.key_for(folder)
    for _backup in range(scale(3, 1)):
        call_command("backup", folder, stdout=StringIO())
    before = list(manifest.every(folder, key, "data"))
    _erase(world, case_id)
    call_command("backup", folder, stdout=StringIO())
    after = list(manifest.every(folder, key, "data"))[-1]
    backups = [folder / made.name for made in [*before, after]]
    backups.append(_older(place, folder, before[-1], key) / before[-1].name)
    return Drill(folder, case_id, cells, own.canaries, digests, before, after, key, _elsewhere(place, case_id, backups))


def _older(place: Path, folder: Path, data: Manifest, key: bytes) -> Path:
    """A copy that was taken away before the erasure, keys and all; only the tombstones were kept beside it."""
    older = place / "older"
    older.mkdir()
    for made in (data, next(manifest.every(folder, key, "keys"))):
        for path in folder.glob(f"{made.name}*"):
            shutil.copy(path, older)
    shutil.copy(tombstones.place(), older)
    return older


def _of(case_id: UUID) -> tuple[list[Any], list[bytes]]:
    """Every cell of the case as it lies there, and the digests of the codes on papers that left."""
    with as_owner("default"):
        found = [
            (row, column.name)
            for model, column in sealed_columns()
            for row in model._base_manager.filter(**{column.keyed_by: case_id, f"{column.name}__isnull": False})
        ]
        papers = Paper._base_manager.filter(case_id=case_id, state__in=LEFT).exclude(code_digest=None)
        return found, [bytes(paper.code_digest or b"") for paper in papers.only("code_digest")]


def _erase(world: World, case_id: UUID) -> None:
    mara, ilya = world["mara"], world["ilya"]
    with as_(mara):
        case = Case.objects.visible_to(mara).get(pk=case_id)
        asked = erasing.ask(case, "demand", by=mara, reason="asks for it", session="hers")
    with as_(ilya):
        approvals.answer(asked.pk, given=True, by=ilya, session="his")
    with as_(mara):
        erasing.erase(case, "demand", by=mara)


def _elsewhere(place: Path, case_id: UUID, backups: list[Path]) -> dict[str, dict[str, Any]]:
    """An empty machine with servers of its own; it has the backups and the two keys, and nothing else of ours."""
    ours = {"DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL", "DATABASE_OWNER", "DATABASE_BACKUP", "HARBOUR_EMBEDDED"}
    env = {name: value for name, value in os.environ.items() if name not in ours}
    env |= {"HARBOUR_STATE": str(place / "machine"), "HARBOUR_BACKUP_KEY_FILE": str(place / "key")}
    env |= {"HARBOUR_TOMBSTONE_FOLDER": str(place / "elsewhere")}
    command = [sys.executable, "-m", "tests.proofs.rehearsal", str(case_id), *map(str, backups)]
    done = subprocess.run(command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return {told["name"]: told for told in map(json.loads, done.stdout.splitlines())}


@guarantee("G45")
def test_a_backup_is_brought_back_whole_on_an_empty_machine(world: World, lasting: None, drill: Drill, tally: Tally) -> None:
    """Every table's rows by count and hash, the ledger read again, every cell that is not erased opens."""
    for made in [*drill.before, drill.after]:
        told = drill.restored[f"backups/{made.name}"]
        tally.check("refused" not in told["said"], f"{made.name}: {told['said']}")
        tally.check(told["said"].count("each is what it was") == 2, f"{made.name}: rows differ")
        tally.check("The ledger holds" in told["said"], f"{made.name}: the ledger was not read")
        tally.check(told["opened"] == told["cells"] - told["of_case"] > 0, f"{made.name}: a cell does not open")
        tally.check("is lost, minutes:" in told["said"], f"{made.name}: the loss window is not said")
        tally.count("tables", len(made.tables))
        tally.count("rows", made.rows)
    tally.count("seconds_to_restore", round(max(told["seconds"] for told in drill.restored.values())))
    tally.count("seconds_of_rehearsal", round(drill.seconds))
    lost = drill.restored[f"backups/{drill.after.name}"]["said"].rpartition("minutes: ")[2]
    tally.count("loss_window_minutes", int(lost.strip().rstrip(".")))
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", drill.folder, stdout=StringIO())
    tally.check(True)
    for changed in _damaged(drill):
        with pytest.raises(databases.Trouble):
            making.check(drill.after, changed, drill.key)
        tally.check(True)


def _damaged(drill: Drill) -> Iterator[Path]:
    """Copies of the backup in which a byte was changed, the end was cut off, two pieces joined, another key used."""
    whole = drill.after.file(drill.folder).read_bytes()
    middle = len(whole) // 2
    place = drill.folder / "changed"
    place.mkdir()
    for bad in (whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :], whole[:-1], whole[:40], whole + whole[40:]):
        drill.after.file(place).write_bytes(bad)
        yield place
    shutil.rmtree(place)


@guarantee("G46")
def test_whoever_was_erased_is_nowhere_any_more(world: World, lasting: None, drill: Drill, tally: Tally) -> None:
    """Live data, papers, cells that somebody kept, and each older backup with the newest keys, on a machine that never knew."""
    tally.check(len(drill.cells) > 20, "there was nothing to erase")
    for row, name in drill.cells:
        tally.count("readable", not tally.check(_is_noise(row, name), f"{row._meta.label}.{name} still opens"))
    for digest in drill.digests:
        said = sql("SELECT harbour_paper_state(%s)", digest)[0]
        tally.check(said == "paper 0 revoked", f"a paper of somebody erased is said to be: {said}")
    tally.check(drill.digests, "no paper had left")
    live = _plain_dump()
    for canary in drill.canaries.found_in(live):
        tally.check(False, f"{canary.place} of somebody erased lies in the live database")
        tally.count("readable")
    tally.check(not WrappedKey.objects.filter(subject_id=drill.case_id).exists(), "the key is still there")
    tally.check([s.case_id for s in tombstones.read(tombstones.place())] == [drill.case_id], "no tombstone was kept outside")
    for made in [*drill.before, drill.after]:
        told = drill.restored[f"backups/{made.name}"]
        tally.count("backups_restored")
        tally.count("readable", told["readable"] + told["rows"] + told["case"])
        tally.check(not (told["readable"] or told["rows"] or told["case"] or told["keys"]), f"{made.name}: {told}")
        tally.check(told["stones"] == 1, f"{made.name}: no tombstone")
        tally.check(f"once more: {int(made is not drill.after)}" in told["said"], f"{made.name}: {told['said']}")
    older = drill.restored[f"older/{drill.before[-1].name}"]
    tally.check(not (older["readable"] or older["rows"] or older["case"] or older["keys"]), f"with a key of then: {older}")
    tally.count("readable", older["readable"])
    copies = list(manifest.every(drill.folder, drill.key, "keys"))
    days = max((_moment(made.expires) - _moment(made.started)).total_seconds() / 86_400 for made in copies)
    tally.check(days <= 7.001, "a copy of the keys is kept for longer than a week")
    tally.count("max_days_old_keys", round(days))
    tally.check(_old_copies_go(drill, copies[0]), "an old copy of the keys was left")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _is_noise(row: Any, name: str) -> bool:
    try:
        unseal(row, name)
    except Gone:
        return True
    return False


def _plain_dump() -> bytes:
    """The live database as text, as the backup's role reads it."""
    env = databases.environment("data", databases.backup_role())
    return subprocess.run([databases.program("pg_dump")], env=env, capture_output=True, check=True).stdout


def _old_copies_go(drill: Drill, copy: Manifest) -> bool:
    """A copy whose week is over: the next backup removes it, and one that comes back from elsewhere is not restored from."""
    made = _moment(copy.started)
    old = replace(copy, name=f"keys-{made - timedelta(days=7, minutes=1):{manifest.STAMP}}", expires=copy.started)
    place = drill.folder.parent / "expired"
    shutil.copytree(drill.folder, place)
    for path in place.glob("keys-*"):
        path.unlink()
    shutil.copy(copy.file(drill.folder), old.file(place))
    manifest.write(old, place, drill.key)
    with pytest.raises(databases.Trouble, match="younger than a week"):
        restoring.plan(place, drill.key)
    (place / f"keys-{made:{manifest.STAMP}}{manifest.SEALED}").touch()
    return making.let_go(place) == 3 and not list(place.glob("keys-*"))

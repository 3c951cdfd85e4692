"""G21: a thief of disks and backups opens nothing; a house starts sealed, and the master key lies nowhere."""

import base64
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import models

from config import embedded
from config.owner import as_owner
from conftest import BOTH
from relocation.models import Account, Case, Document, Scan, WrappedKey
from relocation.safety import cells, keys, rotation
from relocation.safety.rotation import sealed_columns
from relocation.safety.sealed import Sealed, unseal
from tests.proofs.tally import Tally, guarantee
from tests.safety.committed import as_, kestrel, referred
from tests.safety.custodians import the_tests_own, unwraps
from tests.safety.processes import asked, at_tests_databases, pages, running, worker

__all__ = ["kestrel", "referred"]
SEVERAL = pytest.mark.django_db(transaction=True, databases=BOTH)


@SEVERAL
@guarantee("G21")
def test_a_thief_of_disks_and_backups_opens_nothing(kestrel: Case, vera: Account, key_file: Path, tally: Tally) -> None:
    """Both databases whole, and no master key: every sealed cell is tried with whatever a thief finds that could be a key."""
    _under_a_key_of_its_own(key_file)
    with as_(vera):
        document = Document(case=kestrel, by=vera, kind="passport", number="AB 1234567")
        document.save(force_insert=True)
        Scan(case=kestrel, by=vera, document=document, sha256=b"", body=os.urandom(200_000)).save(force_insert=True)
    master = keys.master_key(2)
    with as_owner("default"):
        found = [(row, column) for model, column in sealed_columns() for row in _all(model, column)]
    wrapped = [bytes(row.wrapped) for row in WrappedKey.objects.all()]
    for row, column in found:
        tally.check(unseal(row, column.name), "what the thief tries cannot be opened by the house either")
    keys.forget()
    for row, column in found:
        with pytest.raises(keys.Shut):
            unseal(row, column.name)
        for key in _guesses(wrapped):
            tally.count("opened", not tally.check(not _opens_with(key, row, column), "a thief opens a cell"))
    for guess in _guesses(wrapped):
        opened = [row.pk for row in WrappedKey.objects.all() if unwraps(row, guess)]
        tally.count("opened", not tally.check(not opened, "a thief unwraps a key"))
    keys.write_master_key(key_file, 2, master)


def _under_a_key_of_its_own(key_file: Path) -> None:
    """The tests' first key lies on a disk, as that of `make run` does; this one was never anywhere but in memory."""
    keys.write_master_key(key_file, 2)
    rotation.rewrap_all()
    keys.forget(1)


def _all(model: type[models.Model], column: Sealed) -> list[Any]:
    return list(model._base_manager.exclude(**{f"{column.name}__isnull": True}))


def _guesses(wrapped: list[bytes]) -> list[bytes]:
    """What could be a key: zeros, the program's other secret, wrapped keys as they are, and the demonstration's master key."""
    secret = configured.SECRET_KEY.encode()[:32].ljust(32, b"\0")
    return [bytes(32), secret, the_tests_own(), *(key[:32] for key in wrapped), *(key[8:40] for key in wrapped)]


def _opens_with(key: bytes, row: models.Model, column: Sealed) -> bool:
    place = f"{row._meta.db_table}|{column.column}|{row.pk}|{column.subject_of(row)}".encode()
    with suppress(cells.Broken):
        return cells.opened(key, place, getattr(row, column.attname).raw) is not None
    return False


@SEVERAL
@guarantee("G21")
def test_a_house_starts_sealed_and_the_master_key_lies_nowhere(kestrel: Case, key_file: Path, tally: Tally) -> None:
    """Real pages and a real worker: sealed first; then open, and the key in no environment, argument, log, disk or source."""
    _under_a_key_of_its_own(key_file)
    master = keys.master_key(2)
    keys.forget()
    environment = at_tests_databases(HARBOUR_KEY_FILE=str(key_file))
    with running(worker(), environment) as jobs, pages(environment) as (address, web):
        for page in ("/", "/sign-in/", "/healthz", "/cases/", f"/cases/{kestrel.pk}/", "/verify/", "/nowhere"):
            tally.check(asked(address + page)[0] == 503, f"{page} answers though the house is sealed")
        keys.write_master_key(key_file, 2, master)
        tally.check(asked(f"{address}/sign-in/")[0] == 200, "the house did not open when the key came")
        for place, content in [*_processes([jobs.pid, web.pid]), *_disks()]:
            tally.count("places")
            tally.count("found", not tally.check(not _within(master, content), f"the master key lies in {place}"))
    tally.check(_within(master, lambda: iter([key_file.read_bytes()])), "the searcher does not find the key where it is")


Content = Callable[[], Iterator[bytes]]


def _within(master: bytes, content: Content) -> bool:
    needles = [master, base64.b64encode(master).rstrip(b"=")[:-1], master.hex().encode(), master.hex().upper().encode()]
    return any(needle in chunk for chunk in content() for needle in needles)


def _processes(roots: list[int]) -> Iterator[tuple[str, Content]]:
    """Environment and arguments of these processes and all that they started."""
    for pid in _family(roots):
        for what in ("environ", "cmdline"):
            path = Path("/proc", str(pid), what)
            yield f"{what} of a process", lambda path=path: _chunks(path)  # type: ignore[misc]


def _family(roots: list[int]) -> list[int]:
    found = list(roots)
    for pid in found:
        for children in Path("/proc", str(pid), "task").glob("*/children"):
            with suppress(OSError):
                found += [int(child) for child in children.read_text().split()]
    return found


def _disks() -> Iterator[tuple[str, Content]]:
    """Whatever the servers keep, and the program itself as an image would hold it."""
    roots = [
        embedded.home(),
        *(configured.BASE_DIR / room for room in ("config", "relocation", "fiction", "static", "templates")),
    ]
    for root in roots:
        for path in root.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield str(path.relative_to(root)), lambda path=path: _chunks(path)  # type: ignore[misc]


def _chunks(path: Path, size: int = 1 << 20, overlap: int = 128) -> Iterator[bytes]:
    with suppress(OSError), path.open("rb") as file:
        tail = b""
        while chunk := file.read(size):
            yield tail + chunk
            tail = chunk[-overlap:]

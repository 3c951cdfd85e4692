"""G36: whoever owns the database, with every trigger switched off, leaves traces; fifty writers at once leave one chain."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from config.owner import as_owner
from conftest import BOTH
from fiction import ground as fiction_ground
from relocation.jobs import anchoring, auditing
from relocation.jobs.auditing import Audit
from relocation.models import LedgerEntry
from relocation.safety import chain, ledger
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied
from tests.proofs.crowd import at_once
from tests.proofs.tally import Tally, guarantee, scale

LEDGER = "relocation_ledgerentry"
WRITERS = 50
EDITS = (
    "what = 'read.nothing'", "actor_id = gen_random_uuid()", "actor_id = NULL", "at = at - interval '1 second'",
    "stage = 'closed'", "standing = 'paused'", "about = gen_random_uuid()", "detail = detail || '!'",
    "reason = '\\x00'", "prev = sha256(prev)", "hash = sha256(hash)", "id = gen_random_uuid()",
)  # fmt: skip
REHASH = """UPDATE {0} SET prev = coalesce((SELECT hash FROM {0} p WHERE p.case_id = {0}.case_id AND p.seq = {0}.seq - 1), '')
  WHERE case_id = %s AND seq = %s"""
OWN = f"UPDATE {LEDGER} SET hash = sha256(prev || convert_to(harbour_line({LEDGER}), 'UTF8')) WHERE case_id = %s AND seq = %s"
SHIFT = f"UPDATE {LEDGER} SET seq = -seq WHERE case_id = %s AND seq > %s"
BACK = f"UPDATE {LEDGER} SET seq = -seq + %s WHERE case_id = %s AND seq < 0"
SWAP = f"UPDATE {LEDGER} SET seq = CASE seq WHEN %s THEN %s ELSE %s END WHERE case_id = %s AND seq IN (%s, %s)"
INSERT = f"""INSERT INTO {LEDGER} (id, case_id, seq, at, actor_id, what, stage, standing, detail, txid, prev, hash)
  SELECT gen_random_uuid(), case_id, %s, at, actor_id, 'grant.given', '', '', '', 0, '', '' FROM {LEDGER}
  WHERE case_id = %s AND seq = 1"""


class Owner:
    """The owner of the tables at work on one chain."""

    def __init__(self, case_id: UUID, length: int) -> None:
        self.case_id, self.length = case_id, length

    def run(self, statement: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    def edit(self, place: int, what: str) -> None:
        self.run(f"UPDATE {LEDGER} SET {what} WHERE case_id = %s AND seq = %s", self.case_id, place)

    def delete(self, place: int, *, close: bool) -> None:
        self.run(f"DELETE FROM {LEDGER} WHERE case_id = %s AND seq = %s", self.case_id, place)
        if close:
            self.run(SHIFT, self.case_id, place)
            self.run(BACK, -1, self.case_id)

    def insert(self, place: int) -> None:
        """A well-formed entry at this place; what follows moves on."""
        self.run(SHIFT, self.case_id, place - 1)
        self.run(BACK, 1, self.case_id)
        self.run(INSERT, place, self.case_id)
        self.link(place)

    def swap(self, one: int, other: int) -> None:
        self.run(f"ALTER TABLE {LEDGER} DROP CONSTRAINT ledger_seq")
        self.run(SWAP, one, other, one, self.case_id, one, other)

    def link(self, place: int) -> None:
        self.run(REHASH.format(LEDGER), self.case_id, place)
        self.run(OWN, self.case_id, place)

    def rechain(self, start: int, length: int) -> None:
        for place in range(start, length + 1):
            self.link(place)

    def truncate(self, left: int) -> None:
        self.run(f"DELETE FROM {LEDGER} WHERE case_id = %s AND seq > %s", self.case_id, left)


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    settings.HARBOUR_ANCHOR_FOLDER = str(tmp_path)
    return tmp_path


@pytest.fixture
def chains(ground: fiction_ground.Ground, folder: Path) -> tuple[fiction_ground.Ground, Owner]:
    """Three chains that are anchored; the second one is attacked."""
    vera, length, ids = ground["vera"], scale(24, 8), [uuid4() for _n in range(3)]
    with acting_as(vera.pk), transaction.atomic():
        for n in range(length):
            for case_id in ids:
                ledger.record("read.identity", case_id, by=vera, detail=str(n), about=uuid4())
    anchoring.make()
    return ground, Owner(sorted(ids)[1], length)


@contextmanager
def attacked(ground: fiction_ground.Ground) -> Iterator[None]:
    """As the owner, without triggers; taken back at the end."""
    with acting_as(ground["anton"].pk), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {LEDGER} DISABLE TRIGGER ALL")
        yield
        transaction.set_rollback(True)


def attacks(owner: Owner) -> Iterator[tuple[str, object]]:
    """Every attack at every place, by name."""
    places = range(1, owner.length + 1)
    for place in places:
        for what in EDITS:
            yield f"edit {place}: {what}", lambda place=place, what=what: owner.edit(place, what)
        for close in (False, True):
            if not (place == owner.length and not close):
                yield f"delete {place}, renumber {close}", lambda place=place, close=close: owner.delete(place, close=close)
        yield f"insert at {place}", lambda place=place: owner.insert(place)
        yield f"insert at {place} and chain anew", lambda place=place: _and(owner.insert, place, owner, owner.length + 1)
        yield f"edit {place} and chain anew", lambda place=place: _edited(owner, place)
        yield f"delete {place} and chain anew", lambda place=place: _deleted(owner, place)
        yield f"cut off after {place - 1}", lambda place=place: owner.truncate(place - 1)
    for one in places:
        for other in range(one + 1, owner.length + 1):
            yield f"swap {one} and {other}", lambda one=one, other=other: owner.swap(one, other)


def _and(first, place: int, owner: Owner, length: int) -> None:
    first(place)
    owner.rechain(place, length)


def _edited(owner: Owner, place: int) -> None:
    owner.edit(place, "what = 'read.nothing'")
    owner.rechain(place, owner.length)


def _deleted(owner: Owner, place: int) -> None:
    owner.delete(place, close=True)
    owner.rechain(place, owner.length - 1)


@pytest.mark.django_db(transaction=True, databases=BOTH)
@guarantee("G36")
def test_whatever_the_owner_does_is_found_and_named(chains, folder: Path, tally: Tally) -> None:
    ground, owner = chains
    with as_owner("default"):
        with attacked(ground):
            tally.check(auditing.audit(folder).holds, "it does not hold where nothing was done")
        for name, attack in attacks(owner):
            with attacked(ground):
                attack()  # type: ignore[operator]
                found = auditing.audit(folder)
            tally.check(_named(found, owner), f"{name}: {found.sentence}")
            tally.count("attempted")
            tally.count("detected", int(not found.holds))
    tally.count("window_minutes", int(anchoring.window().total_seconds() // 60))


def _named(found: Audit, owner: Owner) -> bool:
    """It does not hold, and the chain is named; one that is gone altogether has lost its name."""
    flaw = found.verdict.broken or found.unheld
    return flaw is not None and (flaw.chain == owner.case_id or flaw.at is None) and bool(chain.WRONG[flaw.wrong])


@pytest.mark.django_db(transaction=True, databases=BOTH)
@guarantee("G36")
def test_a_changed_or_missing_anchor_is_found(chains, folder: Path, tally: Tally) -> None:
    ground, _owner = chains
    for _n in range(2):
        anchoring.make()
    paths = sorted(folder.glob("anchor-*.json"))
    for path in paths:
        kept = path.read_bytes()
        for at in range(0, len(kept), max(1, len(kept) // scale(400, 60))):
            path.write_bytes(kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :])
            tally.check(not _look(ground, folder).holds, f"{path.name}, byte {at}")
        path.write_bytes(kept)
    for path in paths[1:]:
        kept = path.read_bytes()
        path.unlink()
        tally.check(not _look(ground, folder).holds, f"{path.name} is missing")
        path.write_bytes(paths[0].read_bytes())
        tally.check(not _look(ground, folder).holds, f"{path.name} is another")
        path.write_bytes(kept)
    tally.check(_look(ground, folder).holds, "it does not hold where everything is in its place")


def _look(ground: fiction_ground.Ground, folder: Path) -> Audit:
    with acting_as(ground["anton"].pk), transaction.atomic():
        return auditing.audit(folder)


@pytest.mark.django_db(transaction=True, databases=BOTH)
@guarantee("G36")
def test_fifty_writers_at_once_leave_one_chain(chains, folder: Path, tally: Tally) -> None:
    ground, owner = chains
    for _round in range(scale(5, 1)):
        outcomes = at_once(lambda _number: _write(ground, owner.case_id), WRITERS)
        tally.check(outcomes == {"done": WRITERS}, f"outcomes: {dict(outcomes)}")
    found = _look(ground, folder)
    tally.check(found.holds, found.sentence)
    with acting_as(ground["anton"].pk), transaction.atomic():
        links = list(LedgerEntry.objects.filter(case_id=owner.case_id).values_list("prev", flat=True))
    tally.check(len({bytes(link) for link in links}) == len(links), "the chain is forked")
    tally.check(len(links) == owner.length + scale(5, 1) * WRITERS, f"{len(links)} entries")
    tally.count("forks", len(links) - len({bytes(link) for link in links}))


def _write(ground: fiction_ground.Ground, case_id: UUID) -> None:
    with acting_as(ground["charlie"].pk):
        ledger.keep(Denied(case_id, "case.open", ground["charlie"].pk))

"""Verifying the ledger inside the database, against reading every entry through the ORM, and against SHA-256 alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.db import connection

from benchmarks import ground
from benchmarks.figure import Figure, figure, in_turn
from fiction import ground as fiction_ground
from relocation.models import Account, LedgerEntry
from relocation.safety import chain

SIZES = {"full": (3_000, 100, 5), "small": (200, 100, 3)}  # chains, entries in each, rounds
FILL = """
  INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, about, detail, reason)
  SELECT gen_random_uuid(), chain.id, %(by)s, 'reveal.identity.surname', '', '', gen_random_uuid(), '',
         CASE WHEN n %% 2 = 0 THEN sha256(chain.id::text::bytea) || sha256(n::text::bytea) END
  FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, %(chains)s)) chain, generate_series(1, %(entries)s) n"""


def measure(scale: str) -> Iterator[Figure]:
    """Two figures over the same entries; for the second one the database may use one core only."""
    chains, entries, rounds = SIZES[scale]
    anton = fiction_ground.lay()["anton"]
    for _part in range(chains // 100):
        ground.owner_runs((FILL, {"by": anton.pk, "chains": 100, "entries": entries}))
    ground.owner_runs(("ANALYZE relocation_ledgerentry", {}))
    thousands = f"{chains * entries // 1000}k"
    pairs = in_turn(lambda: _ours(anton, chains * entries), lambda: _orm(anton), rounds)
    yield figure(f"ledger_verify_{thousands}", pairs, ">= 3", against="ORM iteration")
    lines = _lines(anton)
    pairs = in_turn(lambda: _ours(anton, chains * entries, cores=1), lambda: _alone(lines), rounds)
    yield figure(f"ledger_verify_{thousands}_limit", pairs, ">= 0.17", against="hashlib alone, one core")


def _ours(anton: Account, entries: int, *, cores: int = 0) -> None:
    with ground.acting(anton), connection.cursor() as cursor:
        if cores == 1:
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        verdict = chain.verify()
    if verdict.broken or verdict.entries < entries:
        raise AssertionError(f"the chains that are measured do not hold: {verdict}")


def _orm(anton: Account) -> None:
    with ground.acting(anton):
        before: dict[Any, bytes] = {}
        for entry in LedgerEntry.objects.order_by("case_id", "seq").iterator(chunk_size=2_000):
            last = before.get(entry.case_id, b"")
            now = hashlib.sha256(last + _line(entry)).digest()
            if bytes(entry.prev) != last or bytes(entry.hash) != now:
                raise AssertionError("the peer does not compute the same")
            before[entry.case_id] = now


def _line(entry: LedgerEntry) -> bytes:
    reason: Any = entry.reason
    told = [
        "v1", str(entry.id), str(entry.case_id), entry.seq, entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f"),
        str(entry.actor_id), entry.what, entry.stage, entry.standing, entry.about and str(entry.about), entry.detail,
        hashlib.sha256(reason.raw).hexdigest() if reason else None,
    ]  # fmt: skip
    return json.dumps(told, ensure_ascii=False).encode()


Link = tuple[Any, bytes, bytes, bytes]


def _lines(anton: Account) -> list[Link]:
    """Chain, line, hash and the hash before, in memory beforehand."""
    with ground.acting(anton), connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id, convert_to(harbour_line(e), 'UTF8'), hash, prev FROM relocation_ledgerentry e ORDER BY case_id, seq"
        )
        return [(chain, bytes(line), bytes(hash), bytes(prev)) for chain, line, hash, prev in cursor.fetchall()]


def _alone(lines: list[Link]) -> None:
    """The same chains over lines that somebody wrote out beforehand: nothing but SHA-256 and two comparisons."""
    before, now = b"", None
    for case_id, line, hash, prev in lines:
        last = before if case_id == now else b""
        before, now = hashlib.sha256(last + line).digest(), case_id
        if prev != last or hash != before:
            raise AssertionError("the limit does not compute the same")

"""Finding one number among a million by its keyed digest, against an index over the number itself."""

from __future__ import annotations

import random
from collections.abc import Iterator

from django.db import connection, transaction

from benchmarks import ground
from benchmarks.figure import Figure, figure, in_turn
from relocation.models import Organisation
from relocation.safety import keys

SIZES = {"full": (1_000_000, 10), "small": (50_000, 4)}  # numbers, rounds
LOOKUPS = 400  # in one round
# As many rows of each; the digests of those that are looked for are made as the program makes them.
TABLES = """
  CREATE TABLE bench_plain (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), number text NOT NULL);
  CREATE TABLE bench_blind (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), digest bytea NOT NULL);
  INSERT INTO bench_plain (number) SELECT lpad(n::text, 9, '7') FROM generate_series(1, %(most)s) n;
  INSERT INTO bench_blind (digest) SELECT sha256(n::text::bytea) FROM generate_series(1, %(most)s) n;"""
INDEXES = """
  CREATE INDEX bench_plain_number ON bench_plain (number); CREATE INDEX bench_blind_digest ON bench_blind (digest);
  GRANT SELECT ON bench_plain, bench_blind TO harbour_app; ANALYZE bench_plain; ANALYZE bench_blind"""


def measure(scale: str) -> Iterator[Figure]:
    """One figure: the digest is computed anew for each look-up, its key unwrapped once."""
    most, rounds = SIZES[scale]
    laid = ground.lay(0)
    owner = laid["vera"].organisation
    assert owner
    draw = random.Random(1)  # noqa: S311  drawn again by whoever repeats the measurement
    wanted = [f"{draw.randrange(most):0>9}".replace("0", "7") for _n in range(LOOKUPS)]
    ground.owner_runs((TABLES.replace("%(most)s", str(most)), {}))
    with keys.keys_in_hand():
        digests = [keys.keyed_digest(owner.pk, "passport", number.encode()) for number in wanted]
        fill = "INSERT INTO bench_blind (digest) SELECT unnest(%(digests)s::bytea[])"
        plain = "INSERT INTO bench_plain (number) SELECT unnest(%(numbers)s::text[])"
        ground.owner_runs((fill, {"digests": digests}), (plain, {"numbers": wanted}), (INDEXES, {}))
        pairs = in_turn(lambda: _blind(owner, wanted), lambda: _plain(wanted), rounds)
        yield figure(f"blind_index_{most // 1000}k", pairs, "<= 1.2", against="an index over the number itself")
    ground.owner_runs(("DROP TABLE bench_plain, bench_blind", {}))


def _blind(owner: Organisation, wanted: list[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for number in wanted:
            digest = keys.keyed_digest(owner.pk, "passport", number.encode())
            _insist(cursor.execute("SELECT id FROM bench_blind WHERE digest = %s", [digest]).fetchone())


def _plain(wanted: list[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for number in wanted:
            _insist(cursor.execute("SELECT id FROM bench_plain WHERE number = %s", [number]).fetchone())


def _insist(found: object) -> None:
    if not found:
        raise AssertionError("what is looked for is not there")

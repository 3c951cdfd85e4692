"""Finding one passport number among a million by its keyed digest, against an index over the number itself.

Both columns stand in one table, and both are asked for as the program asks: through the model, which is what a look-up costs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from django.db import models, transaction

from benchmarks import ground
from benchmarks.figure import Figure, figure, in_turn
from relocation.models import Organisation
from relocation.safety import keys
from relocation.safety.digests import digest

SIZES = {"full": (1_000_000, 10), "small": (50_000, 4)}  # numbers, rounds
LOOKUPS = 400  # in one round
# The digests of those that are looked for are made as the program makes them; the others are as long and as random.
TABLE = """
  CREATE TABLE bench_number (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), number text NOT NULL, digest bytea NOT NULL);
  INSERT INTO bench_number (number, digest) SELECT lpad(n::text, 9, '7'), sha256(n::text::bytea) FROM generate_series(1, %(most)s) n"""
WANTED = """UPDATE bench_number SET digest = made FROM unnest(%(numbers)s::text[], %(digests)s::bytea[]) wanted (spelt, made)
  WHERE number = spelt"""
INDEXES = """
  CREATE INDEX bench_number_number ON bench_number (number); CREATE INDEX bench_number_digest ON bench_number (digest);
  GRANT SELECT ON bench_number TO harbour_app; ANALYZE bench_number"""


class Number(models.Model):
    """A number as it is, and its blind index."""

    number = models.TextField()
    digest = models.BinaryField()

    class Meta:
        app_label = "relocation"
        db_table = "bench_number"
        managed = False
        default_permissions = ()

    def __str__(self) -> str:
        return f"number {self.pk}"


def measure(scale: str) -> Iterator[Figure]:
    """One figure: the digest is computed anew for each look-up, its key unwrapped once."""
    most, rounds = SIZES[scale]
    owner = ground.lay(0)["vera"].organisation
    assert owner
    draw = random.Random(1)  # noqa: S311  drawn again by whoever repeats the measurement
    wanted = [f"{n:7>9}" for n in draw.sample(range(1, most), LOOKUPS)]
    ground.owner_runs((TABLE.replace("%(most)s", str(most)), {}))
    with keys.keys_in_hand():
        digests = [digest(owner.pk, "passport", number) for number in wanted]
        ground.owner_runs((WANTED, {"numbers": wanted, "digests": digests}), (INDEXES, {}))
        pairs = in_turn(lambda: _blind(owner, wanted), lambda: _plain(wanted), rounds)
        yield figure(f"blind_index_{most // 1000}k", pairs, "<= 1.2", against="an index over the number itself")
    ground.owner_runs(("DROP TABLE bench_number", {}))


def _blind(owner: Organisation, wanted: list[str]) -> None:
    with transaction.atomic():
        for number in wanted:
            _insist(Number._default_manager.filter(digest=digest(owner.pk, "passport", number)).first())


def _plain(wanted: list[str]) -> None:
    with transaction.atomic():
        for number in wanted:
            _insist(Number._default_manager.filter(number=number).first())


def _insist(found: Number | None) -> None:
    if not found:
        raise AssertionError("what is looked for is not there")

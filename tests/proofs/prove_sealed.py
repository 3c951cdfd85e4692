"""G19: a sealed cell opens in its own place and unchanged only, and its length tells little."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models

from config.owner import as_owner
from relocation.safety import cells, keys
from relocation.safety.refusal import Damaged
from relocation.safety.rotation import sealed_columns
from relocation.safety.sealed import Cell, Sealed, unseal
from tests.proofs.tally import SEED, Tally, guarantee, scale

KEY, PLACE = b"k" * 32, b"table|column|row|case"
MOST = 300  # bytes of one cell that are flipped


def refused(row: models.Model, column: Sealed, raw: bytes) -> bool:
    """Whether these bytes, put at this place, are refused as damaged and as nothing else."""
    was = getattr(row, column.attname)
    setattr(row, column.attname, Cell(raw))
    try:
        unseal(row, column.name)
    except Damaged:
        return True
    finally:
        setattr(row, column.attname, was)
    return False


def flips(raw: bytes) -> Iterator[bytes]:
    """One bit changed, in each byte of a short cell and at many places of a long one."""
    draw = random.Random(SEED)
    places = range(len(raw)) if len(raw) <= MOST else [*range(20), *draw.sample(range(20, len(raw)), MOST - 20)]
    for at in places:
        yield raw[:at] + bytes([raw[at] ^ 1 << draw.randrange(8)]) + raw[at + 1 :]


@guarantee("G19")
def test_every_cell_of_every_column_opens_in_its_own_place_and_unchanged_only(world: Any, lasting: None, tally: Tally) -> None:
    """Each sealed column of each model: bits flipped, cut, lengthened, and every other cell of the world put in its place."""
    with as_owner("default"), keys.keys_in_hand():
        found = [(row, column) for model, column in sealed_columns() for row in _rows(model, column)]
        others = [getattr(row, column.attname).raw for row, column in found]
        for row, column in found:
            raw, label = getattr(row, column.attname).raw, f"{row._meta.label}.{column.name}"
            tally.check(unseal(row, column.name) is not None, f"{label} does not open")
            for wrong in [*flips(raw), raw[:-1], raw + b"\0", raw[:3], *(other for other in others if other != raw)]:
                tally.count("opened", not tally.check(refused(row, column, wrong), f"{label} opens though it was changed"))
    tally.count("columns", len({(row._meta.label, column.name) for row, column in found}))


def _rows(model: type[models.Model], column: Sealed) -> list[Any]:
    return list(model._base_manager.exclude(**{f"{column.name}__isnull": True}).order_by("pk")[: scale(3, 1)])


@pytest.mark.nodb
@guarantee("G19")
def test_pieces_of_a_large_file_cannot_be_cut_doubled_moved_or_borrowed(tally: Tally) -> None:
    draw = random.Random(SEED)
    start, step = cells.HEAD + cells.PREFIX, cells.PIECE + cells.TAG
    one, other = (cells.close(KEY, 1, PLACE, draw.randbytes(scale(12, 5) * cells.PIECE)) for _ in range(2))
    mine, theirs = ([cell[at : at + step] for at in range(start, len(cell), step)] for cell in (one, other))
    tally.check(_opens(one), "what was sealed does not open")
    for name, arranged in _arranged(mine, theirs):
        tally.count("opened", not tally.check(not _opens(one[:start] + b"".join(arranged)), f"pieces {name} open"))
    for wrong in flips(one):
        tally.count("opened", not tally.check(not _opens(wrong), "a changed file opens"))


def _opens(cell: bytes) -> bool:
    try:
        return bool(cells.opened(KEY, PLACE, cell))
    except cells.Broken:
        return False


def _arranged(mine: list[bytes], theirs: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    for at in range(len(mine)):
        yield "cut", mine[:at]
        yield "left out", mine[:at] + mine[at + 1 :]
        yield "doubled", mine[: at + 1] + mine[at:]
        yield "borrowed", [*mine[:at], theirs[at], *mine[at + 1 :]]
        for to in range(at + 1, len(mine)):
            moved = list(mine)
            moved[at], moved[to] = moved[to], moved[at]
            yield "moved", moved


@pytest.mark.nodb
@guarantee("G19")
def test_lengths_tell_little(tally: Tally) -> None:
    """Everything up to 60 bytes is one size; above, all sizes up to 15 MB are few, and padding costs 12 % at most."""
    sizes = {len(cells.close(KEY, 1, PLACE, b"x" * length)) for length in range(1, 61)}
    tally.check(len(sizes) == 1, f"short words have {len(sizes)} sizes")
    buckets = set()
    for length in range(1, 15_000_000, scale(997, 9973)):
        buckets.add(padded := cells.bucket(length))
        tally.check(length <= padded <= max(256, length * 1.12), f"{length} bytes are padded to {padded}")
    tally.count("sizes", len(buckets))

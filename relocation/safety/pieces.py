"""Large sealed fields piece by piece, as the database hands them out: however large, a few pieces are in memory at a time."""

from collections.abc import Iterator
from itertools import chain

from django.db import connection, models

from relocation.safety import cells
from relocation.safety.sealed import Sealed, damaged, key_of, place_of, sealed_field

START = cells.HEAD + cells.PREFIX
AT_ONCE = 4  # pieces in one answer of the database

# One statement, so that all pieces are of one version of the row.
QUERY = """
SELECT substring({table}.{column} FROM slice.at FOR slice.size) FROM {table} CROSS JOIN LATERAL (
  SELECT 1 AS at, {start} AS size UNION ALL
  SELECT at, {step} FROM generate_series({start} + 1, octet_length({table}.{column}), {step}) AS at ORDER BY at
) AS slice WHERE {table}.{key} = %s AND {table}.{column} IS NOT NULL"""


def unsealed(row: models.Model, name: str) -> Iterator[bytes]:
    """Plaintext of one stored field; only the vault calls this. What came before a `Damaged` is void. Raises as `unseal`."""
    field = sealed_field(row, name)
    slices = _slices(row, field)
    if not (head := next(slices, b"")):
        return
    try:
        layout = cells.format_of(head)
        key, _generation = key_of(row, field, cells.generation_of(head))
        if layout == cells.PIECES:
            yield from cells.opened_pieces(key, place_of(row, field), head, slices)
        else:
            yield cells.opened(key, place_of(row, field), b"".join(chain([head], slices)))
    except cells.Broken:
        raise damaged(row, field) from None


def _slices(row: models.Model, field: Sealed) -> Iterator[bytes]:
    """The head, then one sealed piece after another."""
    names = {"table": row._meta.db_table, "column": field.column, "key": row._meta.pk.column}
    quoted = {what: connection.ops.quote_name(str(name)) for what, name in names.items()}
    query = QUERY.format(**quoted, start=START, step=cells.PIECE + cells.TAG)
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, [row.pk])
        while found := cursor.fetchmany(AT_ONCE):
            yield from (bytes(piece) for (piece,) in found)

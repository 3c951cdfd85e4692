"""Rotation: every key under the newest master key; or one case under a new key of its own. Stopped anywhere, it goes on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Count, Func, QuerySet

from relocation.safety import keys
from relocation.safety.keys import Foreign, WrappedKey, master_keys, unwrap
from relocation.safety.sealed import Cell, Sealed, seal, unseal

BATCH = 500  # keys in one transaction
KEEPS = frozenset({"relocation_ledgerentry"})  # the chain holds the hash of what is sealed: it is never sealed anew
Tell = Callable[[int], object]


@dataclass
class Rewrapped:
    """What a rotation did: keys that were moved, and the subjects whose key no master key here opens."""

    moved: int = 0
    foreign: list[UUID] = field(default_factory=list)


def wrapped_by() -> dict[int, int]:
    """How many keys each master key wraps."""
    found = WrappedKey.objects.order_by("master").values_list("master").annotate(n=Count("pk"))
    return dict(found)


def rewrap_all(tell: Tell = lambda moved: None) -> Rewrapped:
    """Wrap every key with the newest master key; `tell` hears how many so far. Raises `Shut` where an older one is missing.

    Each batch is one transaction and each row says what wraps it, so whoever stops at any moment leaves every key whole.
    Several may run at once. A key that is destroyed meanwhile is not written again.
    """
    done, last = Rewrapped(), 0
    while rows := _rewrap_batch(master_keys(), last, done):
        last = rows[-1].pk
        tell(done.moved)
    return done


def _rewrap_batch(known: Mapping[int, bytes], last: int, done: Rewrapped) -> list[WrappedKey]:
    newest = max(known)
    with transaction.atomic(using="keys"):
        older = WrappedKey.objects.using("keys").exclude(master=newest).filter(pk__gt=last).order_by("pk")
        rows = list(older.select_for_update()[:BATCH])
        moved = [row for row in rows if _rewrap(row, known, newest)]
        WrappedKey.objects.using("keys").bulk_update(moved, ["wrapped", "master"])
    done.moved += len(moved)
    done.foreign += [row.subject_id for row in rows if row.master != newest]
    return rows


def _rewrap(row: WrappedKey, known: Mapping[int, bytes], newest: int) -> bool:
    if row.master not in known:
        raise keys.Shut(f"Master key {row.master} wraps keys here and has not been brought. Bring it with `manage.py unseal`.")
    try:
        row.wrapped = aes_key_wrap(known[newest], unwrap(row, known[row.master]))
    except Foreign:
        return False
    row.master = newest
    return True


def sealed_columns() -> Iterator[tuple[type[models.Model], Sealed]]:
    """Every sealed field of every model, of whichever room."""
    for model in apps.get_models():
        if not model._meta.proxy:
            yield from ((model, column) for column in model._meta.concrete_fields if isinstance(column, Sealed))


def stale(subject_id: UUID) -> int:
    """How many cells of a case are sealed under an older generation of its key, other than the ledger's reasons."""
    newest = keys.newest(subject_id)
    return sum(_older(model, column, subject_id, newest).count() for model, column in _columns())


def renew(subject_id: UUID) -> bool:
    """Give a case a new generation of its key, unless the last one still has cells to take over. Returns whether it did."""
    if stale(subject_id):
        return False
    keys.new_key(subject_id, keys.newest(subject_id) + 1)
    return True


def reseal(subject_id: UUID, tell: Tell = lambda done: None) -> int:
    """Seal anew whatever is under an older generation of a case's key; `tell` hears how many cells so far. Returns how many.

    Runs as the owner of the tables, from whom no row is hidden. A cell that somebody changes meanwhile is left to them.
    The old generation stays: the ledger's reasons are sealed with it, and a request under way may still write with it.
    """
    newest, done = keys.newest(subject_id), 0
    for model, column in _columns():
        older = _older(model, column, subject_id, newest)
        for pk in list(older.values_list("pk", flat=True)):
            row = older.filter(pk=pk).only("pk", column.keyed_by, column.name).first()
            done += _seal_anew(row, column) if row else 0
            tell(done)
    return done


class _Generation(Func):
    template = "substring(%(expressions)s from 2 for 2)"
    output_field = models.BinaryField()


def _columns() -> Iterator[tuple[type[models.Model], Sealed]]:
    return ((model, column) for model, column in sealed_columns() if model._meta.db_table not in KEEPS)


def _older(model: type[models.Model], column: Sealed, subject_id: UUID, newest: int) -> QuerySet[Any]:
    """Rows of the subject whose cell begins with another generation; the database looks at two bytes of each."""
    rows = model._base_manager.filter(**{column.keyed_by: subject_id, f"{column.name}__isnull": False})
    found: QuerySet[Any] = rows.annotate(sealed_by=_Generation(column.name)).exclude(sealed_by=newest.to_bytes(2, "big"))
    return found.order_by("pk")


def _seal_anew(row: models.Model, column: Sealed) -> int:
    """One cell, unless somebody else wrote it in the meantime. Returns 0 or 1."""
    was: Cell = getattr(row, column.attname)
    anew = seal(row, column, unseal(row, column.name))
    names = (row._meta.db_table, column.column, row._meta.pk.column)
    table, cell, key = (connection.ops.quote_name(str(name)) for name in names)
    with connection.cursor() as cursor:  # names of our own tables and columns only
        cursor.execute(f"UPDATE {table} SET {cell} = %s WHERE {key} = %s AND {cell} = %s", [anew, row.pk, was.raw])
        return int(cursor.rowcount)

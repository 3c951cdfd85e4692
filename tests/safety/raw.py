"""Raw SQL as the application's own role, and as the owner, who sees every row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from config.owner import as_owner


def sql(statement: str, *values: Any) -> Any:
    """Run one statement in the tests' connection; its first row, or how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone() if cursor.description else cursor.rowcount


def column(statement: str, *values: Any) -> list[Any]:
    """The first column of every row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


@contextmanager
def owner() -> Iterator[None]:
    """Become the owner, from whom no row is hidden. Only for transactional tests: the connection is opened anew."""
    with as_owner("default"):
        yield

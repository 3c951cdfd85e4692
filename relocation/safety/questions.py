"""What functions of the database answer: they act as the owner of the tables, and so say what whoever asks may not read."""

from typing import Any

from django.db import connection


def rows(question: str, *told: Any) -> list[tuple[Any, ...]]:
    """Every row of the answer."""
    with connection.cursor() as cursor:
        cursor.execute(question, told)
        return list(cursor.fetchall())


def answers(question: str, *told: Any) -> list[Any]:
    """What stands first in each row."""
    return [row[0] for row in rows(question, *told)]


def answer(question: str, *told: Any) -> Any:
    """What stands first in the one row. Raises `IndexError` where there is none."""
    return answers(question, *told)[0]


def one_at_a_time(about: object, lock: int) -> None:
    """Whoever asks for the same lock waits until this transaction ends; `lock` is the number of its kind, about what it is."""
    answer("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", str(about), lock)

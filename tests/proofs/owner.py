"""The owner's eyes: a connection of its own from which no row is hidden, to see what really stands in the tables."""

from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

# What every request writes, whatever it is answered: the trail, the sessions, and who tried a wrong password or code.
TRAIL = frozenset({"relocation_ledgerentry", "relocation_session", "axes_accessattempt"})


def connect(alias: str = "default", *, user: str = "") -> psycopg.Connection[Any]:
    """A fresh connection to a test database, as the owner or as `user`; every statement commits by itself."""
    known = connections[alias].settings_dict
    name, _colon, password = settings.DATABASE_OWNER.partition(":")
    place = psycopg.conninfo.make_conninfo(
        host=known["HOST"], port=known["PORT"] or None, dbname=known["NAME"], user=user or name, password=password or None
    )
    return psycopg.connect(place, autocommit=True)


@cache
def _eyes(name: str) -> psycopg.Connection[Any]:
    return connect()


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """All rows of one statement; none where it returns nothing."""
    eyes = _eyes(str(connections["default"].settings_dict["NAME"]))
    done = eyes.execute(statement, values or None)
    return list(done.fetchall()) if done.description else []


def close() -> None:
    """Let go of the database, so that it can be dropped."""
    if _eyes.cache_info().currsize:
        _eyes(str(connections["default"].settings_dict["NAME"])).close()
        _eyes.cache_clear()


def tables() -> list[str]:
    """Every table of the program."""
    return [name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]


def digests() -> dict[str, str]:
    """A digest of every table but the trail: two that are equal say that nothing was changed."""
    question = sql.SQL("SELECT md5(coalesce(string_agg(h, '' ORDER BY h), '')) FROM (SELECT md5(t::text) h FROM {} t) s")
    eyes = _eyes(str(connections["default"].settings_dict["NAME"]))
    wanted = [table for table in tables() if table not in TRAIL]
    return {table: eyes.execute(question.format(sql.Identifier(table))).fetchone()[0] for table in wanted}  # type: ignore[index]


def changed(before: dict[str, str]) -> list[str]:
    """The tables that are not as they were."""
    now = digests()
    return [table for table, digest in now.items() if before.get(table) != digest]


def columns(column: str) -> list[str]:
    """Every table that has a column of this name."""
    question = "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = %s ORDER BY 1"
    return [name for (name,) in rows(question, column)]

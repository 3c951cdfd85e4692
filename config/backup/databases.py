"""Both databases as PostgreSQL's own programs reach them, and what is in each table as one moment saw it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connections
from psycopg import sql

from config import binaries, embedded
from relocation.safety.retention import NOT_BACKED_UP

ALIASES = {"data": "default", "keys": "keys"}
Tables = dict[str, list[Any]]  # name -> rows, and the sum of their hashes

TABLES = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"""
# The same however the rows lie: sixty bits of each row's SHA-256, added up.
ROWS = """SELECT count(*), coalesce(sum(
  ('x' || left(encode(sha256(convert_to(t::text, 'UTF8')), 'hex'), 15))::bit(60)::bigint), 0)::text FROM {} t"""
HEADS = """SELECT count(*), encode(sha256(convert_to(
  string_agg(case_id || ':' || seq || ':' || encode(hash, 'hex'), ' ' ORDER BY case_id), 'UTF8')), 'hex')
  FROM (SELECT DISTINCT ON (case_id) case_id, seq, hash FROM relocation_ledgerentry ORDER BY case_id, seq DESC) heads"""


class Trouble(Exception):
    """A backup that cannot be made, or not be brought back; its words say what to do."""


def left_out() -> list[str]:
    """Tables whose rows go into no backup."""
    return [apps.get_model(label)._meta.db_table for label in NOT_BACKED_UP]


def environment(what: str, credentials: str) -> dict[str, str]:
    """What PostgreSQL's programs read: where the database is and as whom ("user:password"). Raises `Trouble` for nobody."""
    user, _colon, password = credentials.partition(":")
    if not user:
        raise Trouble("Set DATABASE_BACKUP=user:password for backup, DATABASE_OWNER=user:password for restore.")
    found = connections[ALIASES[what]].settings_dict
    named = {"PGHOST": found["HOST"], "PGPORT": str(found["PORT"]), "PGDATABASE": found["NAME"], "PGUSER": user}
    named |= {"PGPASSWORD": password, "PGSSLMODE": found["OPTIONS"].get("sslmode", ""), "PGTZ": "UTC"}
    named |= {"PGSSLROOTCERT": found["OPTIONS"].get("sslrootcert", ""), "PGCONNECT_TIMEOUT": "10"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {name: value for name, value in named.items() if value}


@contextmanager
def reached(what: str, credentials: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of our own, as of one moment. Raises `Trouble` where nobody answers."""
    told = environment(what, credentials)
    names = {"PGHOST": "host", "PGPORT": "port", "PGDATABASE": "dbname", "PGUSER": "user", "PGPASSWORD": "password"}
    names |= {"PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert"}
    try:
        connection = psycopg.connect(**{words: told[name] for name, words in names.items() if name in told})  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        raise Trouble(f"The database of the {what} does not answer: {str(error).splitlines()[0]}") from None
    with connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SET LOCAL TimeZone = 'UTC'; SET LOCAL bytea_output = 'hex'; SET LOCAL DateStyle = 'ISO'")
        yield connection


def contents(connection: psycopg.Connection[Any]) -> Tables:
    """Every table with its rows and their hashes."""
    names = [name for (name,) in connection.execute(TABLES) if name not in left_out()]
    return {name: list(connection.execute(sql.SQL(ROWS).format(sql.Identifier(name))).fetchone() or ()) for name in names}


def heads(connection: psycopg.Connection[Any]) -> list[Any]:
    """How many chains the ledger has, and one hash over the newest entry of each."""
    return list(connection.execute(HEADS).fetchone() or ())


def is_empty(connection: psycopg.Connection[Any]) -> bool:
    """Whether nothing was ever made there."""
    return connection.execute(TABLES).fetchone() is None


def program(name: str) -> str:
    """pg_dump or pg_restore: those that come with the embedded server, else the system's. Raises `Trouble`."""
    try:
        beside = binaries.postgres(embedded.copies()) / name
    except SystemExit:
        beside = None
    if beside and beside.exists():
        return str(beside)
    if found := shutil.which(name):
        return found
    raise Trouble(f"Harbour found no {name}. Install it (on Debian: apt-get install postgresql-client).")


def backup_role() -> str:
    """Who reads every row, and nothing else."""
    return str(settings.DATABASE_BACKUP)


def owner_role() -> str:
    """Who makes tables."""
    return str(settings.DATABASE_OWNER)

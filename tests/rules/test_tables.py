"""Tables that are made from the models at once are those that the migrations make one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connections

from config.owner import as_owner

# The join of groups and permissions is numbered in four bytes one way and in eight the other; nothing refers to it.
COLUMNS = """SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default, character_maximum_length,
  is_identity, is_generated FROM information_schema.columns WHERE table_schema = 'public'
  AND NOT (table_name = 'auth_group_permissions' AND column_name = 'id')"""
CONSTRAINTS = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace"""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
APPLIED = "SELECT app, name FROM django_migrations"


def everything() -> dict[str, set[tuple[Any, ...]]]:
    """What the catalogue says of the tables, to their owner."""
    with as_owner("default"), connections["default"].cursor() as cursor:
        return {question: set(cursor.execute(question).fetchall()) for question in (COLUMNS, CONSTRAINTS, INDEXES, APPLIED)}


@contextmanager
def another() -> Iterator[None]:
    """An empty database in the place of the test's own."""
    connection = connections["default"]
    own, name = connection.settings_dict["NAME"], "harbour_one_by_one"
    with as_owner("default"), connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        connection.close()
        connection.settings_dict["NAME"] = name
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
        with as_owner("default"), connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def test_they_agree(transactional_db: None) -> None:
    at_once = everything()
    with another():
        call_command("migrate", each=True, verbosity=0)
        one_by_one = everything()
    for question in at_once:
        assert at_once[question] ^ one_by_one[question] == set()

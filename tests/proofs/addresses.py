"""Every address of a case: each route with the ids of everything that hangs on it."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple
from uuid import UUID, uuid4

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from relocation.desk.record_kinds import KINDS
from relocation.desk.reveal import LOCATION, OPENINGS
from relocation.journey.step import STEPS
from tests.proofs import owner
from tests.proofs.tally import QUICK

WORDS: dict[str, list[str]] = {
    "step": ["extract", "lodge", "withdraw", "compromise"] if QUICK else [*STEPS],
    "record.kind": ["claim", "identity", "whereabouts", "consent"] if QUICK else [*KINDS],
    "reveal.kind": [*OPENINGS, LOCATION],
    "username": ["vera"],
}


class Address(NamedTuple):
    """One place that can be asked for, and the route that answers."""

    route: str
    path: str


def routes(under: URLResolver | None = None, before: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Every route with its whole pattern."""
    for entry in (under or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, before + str(entry.pattern))
        else:
            yield before + str(entry.pattern), entry


def of_case(case_id: UUID | str) -> list[Address]:
    """Each route that names something, with everything of this case that it can name."""
    return [Address(name, path) for name, pattern in routes() if "<" in name for path in _filled(name, pattern, case_id)]


def of_nobody() -> list[Address]:
    """Each route that names nothing: lists, portals, doors."""
    return [Address(name, name) for name, _pattern in routes() if "<" not in name]


def _filled(name: str, pattern: URLPattern, case_id: UUID | str) -> Iterator[str]:
    converters = pattern.pattern.converters
    values = [_values(pattern.name or "", key, case_id) for key in converters]
    for chosen in product(*values):
        path = name
        for (key, converter), value in zip(converters.items(), chosen, strict=True):
            kind = {"UUIDConverter": "uuid", "SlugConverter": "slug", "StringConverter": "str", "IntConverter": "int"}
            path = path.replace(f"<{kind[type(converter).__name__]}:{key}>", value)
        yield path


def _values(route: str, key: str, case_id: UUID | str) -> list[str]:
    if key == "case_id":
        return [str(case_id)]
    if words := WORDS.get(key) or WORDS.get(f"{route}.{key}"):
        return words
    return [str(pk) for table in _tables(key.removesuffix("_id")) for pk in _of(table, case_id)] or [str(uuid4())]


def _tables(stem: str) -> list[str]:
    """The tables that an id of this name may mean."""
    return [m._meta.db_table for m in apps.get_models() if str(m._meta.model_name).endswith(stem) and not m._meta.proxy]


def _of(table: str, case_id: UUID | str) -> list[UUID]:
    if table not in owner.columns("case_id"):
        return []
    return [pk for (pk,) in owner.rows(f"SELECT id FROM {table} WHERE case_id = %s ORDER BY id", case_id)]

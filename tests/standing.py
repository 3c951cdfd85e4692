"""The ground, laid and committed once per database: each test begins from it and takes back only what it did."""

from __future__ import annotations

from copy import deepcopy

from fiction import ground
from fiction.world import is_empty

PASSWORD = "a long and invented password"
_laid: list[ground.Ground] = []


def lay_again() -> None:
    """Lay the ground where somebody emptied the tables, or where nobody laid any yet. Needs a database, and no transaction."""
    if not _laid or is_empty():
        _laid[:] = [ground.lay(PASSWORD)]


def copy() -> ground.Ground:
    """The ground as it was laid; a test may change its people without anybody else hearing of it."""
    return deepcopy(_laid[-1])

"""The two locks, and the switch that opens either: what a stranger is told must not depend on one alone.

`with first_open():` every question of access is answered with yes, for every case (`access.permitted`, `may`, `grants`).
`with second_open():` every row policy of PostgreSQL is joined by one that says yes. Only a test database has an owner at hand.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from django.apps import apps

from relocation.safety import access
from relocation.safety.walls import APP, all_rules
from tests.proofs import owner


def _everything(account: Any, capability: str) -> Any:
    return access.CaseQuerySet(apps.get_model("relocation", "Case"))


def _anybodys(account: Any, capability: str) -> Any:
    return access.CaseGrant.objects.filter(permission__codename__in=access._roles(capability))


def _yes(*asked: Any, **rest: Any) -> bool:
    return True


@contextmanager
def first_open() -> Iterator[None]:
    """The querysets ask nobody."""
    with ExitStack() as opened:
        for name, answer in (("permitted", _everything), ("grants", _anybodys), ("may", _yes)):
            opened.enter_context(patch.object(access, name, answer))
        yield


@contextmanager
def second_open() -> Iterator[None]:
    """The row policies say yes."""
    tables = [*all_rules()]
    try:
        for table in tables:
            owner.rows(f"CREATE POLICY wide_open ON {table} TO {APP} USING (true) WITH CHECK (true)")
        yield
    finally:
        for table in tables:
            owner.rows(f"DROP POLICY IF EXISTS wide_open ON {table}")

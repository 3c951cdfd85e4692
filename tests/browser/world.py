"""The invented world, filled once for all who only look at it, and a server in front of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connections, transaction
from pytest_django.live_server_helper import LiveServer

from config.owner import as_owner
from fiction import world
from fiction.ground import Ground
from fiction.story import as_
from relocation.journey import approvals
from relocation.models import Account, Case
from tests.standing import PASSWORD


@dataclass(frozen=True)
class World:
    """Where it is served, and who lives in it."""

    url: str
    ground: Ground


def ask_to_look(ground: Ground) -> None:
    """Vera waits for somebody's word, so that the page of approvals has a question."""
    with as_(ground["vera"]) as vera:
        case = Case.objects.visible_to(vera).get(alias="Kestrel")
        approvals.ask_to_look(case, by=vera, reason="She has not checked in.", session="device of vera")


@contextmanager
def lived_in() -> Iterator[World]:
    """Empty the database, fill it, serve it, and leave it empty."""
    _empty()
    for _sentence in world.fill(PASSWORD, as_owner):
        pass
    with transaction.atomic():
        ground = Ground(people={account.username: account for account in Account.objects.all()})
    ask_to_look(ground)
    server = LiveServer("localhost")
    try:
        yield World(server.url, ground)
    finally:
        server.stop()
        until_alone()
        _empty()


def _empty() -> None:
    for alias in connections:
        call_command("flush", database=alias, interactive=False, verbosity=0)


def until_alone(seconds: float = 5.0) -> None:
    """Wait until the server's threads have let go of the databases, so that these can be emptied and dropped."""
    question = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with connections["default"].cursor() as cursor:
            if cursor.execute(question).fetchone()[0] == 0:
                return
        time.sleep(0.1)

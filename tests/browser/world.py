"""The invented world, filled once for all who only look at it, and a server in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connections, transaction
from pytest_django.live_server_helper import LiveServer

from fiction import world
from fiction.ground import Ground
from relocation.models import Account
from tests.browser.screen import PASSWORD


@dataclass(frozen=True)
class World:
    """Where it is served, and who lives in it."""

    url: str
    ground: Ground


@contextmanager
def lived_in() -> Iterator[World]:
    """Fill the database, serve it, and leave it as empty as it was."""
    for _sentence in world.fill(PASSWORD):
        pass
    with transaction.atomic():
        ground = Ground(people={account.username: account for account in Account.objects.all()})
    server = LiveServer("localhost")
    try:
        yield World(server.url, ground)
    finally:
        server.stop()
        for alias in connections:
            call_command("flush", database=alias, interactive=False, verbosity=0)

"""A real browser, a real server and a real worker, for the people of the cast."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import override_settings
from playwright.sync_api import Browser, sync_playwright

from config import run
from fiction.ground import Ground
from relocation.models import Outbox, system_account
from relocation.safety.actor import acting_as
from tests import beside
from tests.browser import chromium, world
from tests.browser.screen import Screen

# Playwright keeps a loop in this thread, and Django would take every test for asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
QUIET = (
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run",
    "--disable-gpu",
)  # fmt: skip


@pytest.fixture(scope="package", autouse=True)
def alarms_wake_somebody() -> Iterator[None]:
    """An alarm command, as `make run` has one: pages without any bear a red banner, which is tested elsewhere."""
    with override_settings(HARBOUR_ALARM_COMMAND="true"):
        yield


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """The system's Chromium; root has no sandbox."""
    program = chromium.find()
    assert program, chromium.ADVICE
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=[*QUIET, *sandbox])
        yield started
        started.close()
        connections.close_all()  # beside Playwright's loop Django keeps connections of their own, which outlive it


@pytest.fixture(scope="module")
def celery_worker(django_db_setup: None) -> Iterator[None]:
    """A Celery worker of its own process on the databases of the tests, which it does not own; it ends with its file."""
    process = subprocess.Popen(run.celery()["worker"], env=beside.environment(), stdin=subprocess.DEVNULL)
    yield
    process.terminate()
    process.wait(15)


@pytest.fixture
def worker(ground: Ground, celery_worker: None) -> Iterator[None]:
    """The worker, left only when nothing waits any more: the tables are emptied next, and both would wait for each other."""
    yield
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with acting_as(system_account("outbox")), transaction.atomic():
            if not Outbox.objects.filter(done_at=None, attempts=0).exists():
                return
        time.sleep(0.2)


Sit = Callable[..., Screen]


@pytest.fixture
def sit(browser: Browser, live_server: Any, ground: Ground) -> Iterator[Sit]:
    """Seat somebody before a screen of their own: `sit("vera")`. Nobody may have asked a stranger for anything."""
    screens: list[Screen] = []

    def one(username: str = "", **how: Any) -> Screen:
        screens.append(screen := Screen(browser, live_server.url, **how))
        return screen.sign_in(username) if username else screen

    yield one
    for screen in screens:
        screen.close()


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def script(request: pytest.FixtureRequest) -> bool:
    """Everything is done twice: Harbour works without JavaScript."""
    return bool(request.param)


@pytest.fixture(scope="module")
def lived_in(django_db_setup: None, django_db_blocker: Any) -> Iterator[world.World]:
    """The invented world, for all tests of a file, which only look."""
    with django_db_blocker.unblock(), world.lived_in() as made:
        yield made

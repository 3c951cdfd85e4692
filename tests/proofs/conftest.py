"""What every proof has: a tally, the world, and a way to commit; and how the table comes about."""

import logging
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.plugin import blocking_manager_key

from tests.browser.conftest import browser, sit
from tests.proofs import alone, owner
from tests.proofs import world as worlds
from tests.proofs.report import Book
from tests.proofs.tally import Tally
from tests.safety.custodians import brought

__all__ = ["browser", "sit"]  # one browser for all: Playwright lets a second one start in no thread that has one
BOOK = pytest.StashKey[Book]()
HANDED_OVER = os.environ.get("HARBOUR_PROVE_ROWS")  # where a half leaves its rows


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "guarantee(number): the promise that this test proves")
    logging.getLogger("django.request").setLevel(logging.CRITICAL)  # a refusal is what is asked for
    config.stash[BOOK] = Book(whole=False)
    alone.cut_off()  # before anything is started that could ask somebody


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever shares the world does not empty the tables."""
    for item in items:
        mark = item.get_closest_marker("django_db")
        if "world" in _asks(item) and mark and mark.kwargs.get("transaction"):
            raise pytest.UsageError(f"{item.nodeid} would empty the world: use `lasting` instead of transaction=True.")


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_collection_finish(session: pytest.Session) -> Iterator[None]:
    """Those who share the world come before those who empty the tables."""
    session.items.sort(key=lambda item: 0 if "world" in _asks(item) else 1)
    return (yield)


def _asks(item: pytest.Item) -> list[str]:
    return getattr(item, "fixturenames", [])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Whoever does not ask for the world begins in empty tables."""
    if "world" not in _asks(item):
        with item.config.stash[blocking_manager_key].unblock():
            worlds.leave()


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Where a proof counts."""
    request.node.tally = tally = Tally()
    return tally


@pytest.fixture(scope="session")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[worlds.World]:
    """Two organisations, cases in every state, an actor of every kind, canaries everywhere; laid once, committed."""
    with django_db_blocker.unblock():
        yield worlds.lay()
        owner.close()


@pytest.fixture(autouse=True)
def _django_db_marker(request: pytest.FixtureRequest) -> None:
    """As pytest-django's own, but what lasts is wrapped by nothing."""
    if request.node.get_closest_marker("django_db") and "lasting" not in request.fixturenames:
        request.getfixturevalue("_django_db_helper")


@pytest.fixture
def lasting(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The databases as they are outside tests: what commits stays, and other connections see it. Make cases of your own."""
    with django_db_blocker.unblock():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """A test whose tally has failures has failed."""
    result = yield
    if (counted := getattr(pyfuncitem, "tally", None)) and counted.failures:
        pytest.fail(counted.told(), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    for mark in item.iter_markers("guarantee"):
        _enter(item.config.stash[BOOK].row(mark.args[0]), item, report)
    return report


def _enter(row: Any, item: pytest.Item, report: pytest.TestReport) -> None:
    """Add what a test counted to its row; a test without a tally counts as one thing tried."""
    counted: Tally | None = getattr(item, "tally", None)
    if report.when == "call":
        row.seconds += report.duration
        row.add(counted if counted else Tally(total=1, failures=[] if report.passed else [item.name]))
    if report.skipped or (report.failed and not (report.when == "call" and counted and counted.failures)):
        row.broken.append(item.nodeid)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table of some proofs; that of all is told by whoever joins the halves (`python -m tests.proofs`)."""
    book = config.stash[BOOK]
    if book.rows and not HANDED_OVER:
        terminalreporter.write_line("\n" + "\n".join(book.lines()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if HANDED_OVER:
        session.config.stash[BOOK].hand_over(Path(HANDED_OVER))


@pytest.fixture
def key_file(settings: Any, ground: Any) -> Iterator[Path]:
    """The master key in a file of this proof's own, in memory."""
    with brought(settings) as path:
        yield path

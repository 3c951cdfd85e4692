"""Every test knows the cast, and every test with a database begins from the same ground."""

from __future__ import annotations

import pytest
from pytest_django import DjangoDbBlocker

from tests import standing
from tests.cast import *  # noqa: F403

_ready = pytest.StashKey[DjangoDbBlocker]()


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The databases, and the ground in them before the first test begins its transaction."""
    request.config.stash[_ready] = django_db_blocker
    with django_db_blocker.unblock():
        standing.lay_again()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """After a test that emptied the tables the ground is laid again, before the next one begins its transaction."""
    if item.get_closest_marker("django_db") and _ready in item.config.stash:
        with item.config.stash[_ready].unblock():
            standing.lay_again()

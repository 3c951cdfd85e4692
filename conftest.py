"""The tests' servers and database: real PostgreSQL and Valkey of their own, beside those of `make run`."""

from __future__ import annotations

import os

import django
import pytest

from config import embedded

BOTH = ["default", "keys"]

# Settings name the servers, so the servers come first; pytest-django would read settings before this file.
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ.setdefault("HARBOUR_INSECURE_LOCAL", "1")
if embedded.state().name not in ("tests", "prove"):
    os.environ["HARBOUR_STATE"] = str(embedded.state() / "tests")
embedded.join(durable=False)
django.setup()


def pytest_configure() -> None:
    """Hash passwords quickly: people sign in hundreds of times in the tests. What is drawn is drawn alike in every run."""
    import hypothesis
    from django.conf import settings

    hypothesis.settings.register_profile("alike", derandomize=True)
    hypothesis.settings.load_profile("alike")

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test both databases, as the restricted role, unless it is marked `nodb` or says otherwise."""
    for item in items:
        if not (item.get_closest_marker("nodb") or item.get_closest_marker("django_db")):
            item.add_marker(pytest.mark.django_db(databases=BOTH))

"""make walkthrough: the main job without a browser, in a fresh database of its own, with a real worker; leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import embedded
from config.run import QUIET, celery
from config.steps import side_by_side, step

PAPERS = Path("build/walkthrough")


def main() -> int:
    """Prepare, walk, clean up. Returns what the walk returned: 0 only if all of it happened."""
    os.environ |= {"HARBOUR_INSECURE_LOCAL": "1", "HARBOUR_ALARM_COMMAND": "true"}  # somebody hears every alarm
    os.environ |= {"PYTHONWARNINGS": QUIET, "DJANGO_SETTINGS_MODULE": "config.settings"}
    if embedded.state().name != "walkthrough":
        os.environ["HARBOUR_STATE"] = str(embedded.state() / "walkthrough")
    with step("PostgreSQL and Valkey"):
        embedded.join(durable=False)
    with own_databases():
        migrate = [sys.executable, "manage.py", "migrate", "-v0", "--database"]
        side_by_side("Tables, and the store of keys", [*migrate, "default"], [*migrate, "keys"])
        with worker():
            return walk()


def walk() -> int:
    import django

    django.setup()
    from fiction.walkthrough import Walk

    return Walk(PAPERS).all()


@contextmanager
def own_databases() -> Iterator[None]:
    """Two databases with names of their own, fresh before and gone after."""
    own = f"{os.environ['DATABASE_URL']}_walkthrough"
    keys = os.environ.get("KEYS_DATABASE_URL")
    os.environ |= {"DATABASE_URL": own, "KEYS_DATABASE_URL": f"{keys}_walkthrough" if keys else f"{own}_keys"}
    urls = [os.environ["DATABASE_URL"], os.environ["KEYS_DATABASE_URL"]]
    _each(urls)
    try:
        yield
    finally:
        close()
        _each(urls, again=False)


def close() -> None:
    """Let go of the databases, so that they can be dropped."""
    from django.db import connections

    connections.close_all()


def _each(urls: list[str], *, again: bool = True) -> None:
    """Drop each database and, `again`, make it anew, as the owner."""
    import psycopg

    for url in urls:
        server, _slash, name = url.rpartition("/")
        user, _colon, password = os.environ["DATABASE_OWNER"].partition(":")
        where = server.rpartition("@")[2]
        login = f"{user}:{password}" if password else user
        with psycopg.connect(f"postgres://{login}@{where}/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
            if again:
                connection.execute(f'CREATE DATABASE "{name}"')


@contextmanager
def worker() -> Iterator[None]:
    """A Celery worker on these databases; it may not become their owner."""
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_OWNER", "DATABASE_BACKUP")}
    process = subprocess.Popen(celery()["worker"], env=env, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


if __name__ == "__main__":
    sys.exit(main())

"""Servers that die: PostgreSQL and Valkey are ended without a word, and their keeper starts them again."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from django.db import connections
from psycopg import sql

from config import embedded
from tests.proofs import line, owner
from tests.safety.processes import until

PATIENCE = 60  # seconds
BELLS = "DEL celery slow unacked unacked_index"


@contextmanager
def lasting_commits() -> Iterator[None]:
    """What is committed lasts as on a real installation; the tests' servers may lose half a second of it, to be fast."""
    for mode in ("SET synchronous_commit = on", "RESET synchronous_commit"):
        for alias in ("default", "keys"):
            name = connections[alias].settings_dict["NAME"]
            owner.rows(sql.SQL("ALTER DATABASE {} " + mode).format(sql.Identifier(name)).as_string())
        anew()
        if mode.startswith("SET"):
            yield


def anew() -> None:
    """Let go of every connection of this thread, and of the owner's."""
    owner.close()
    connections.close_all()


def postgres() -> int:
    """The process that is PostgreSQL now."""
    return int((embedded.state() / "data" / "postmaster.pid").read_text().split()[0])


def end_postgres(how: signal.Signals = signal.SIGQUIT) -> int:
    """End PostgreSQL as `pg_ctl restart -m immediate` does, or with -9; its number, once it is dead."""
    pid = postgres()
    os.kill(pid, how)
    until(lambda: not _lives(pid), PATIENCE)
    return pid


def postgres_again(dead: int) -> None:
    """Wait until another PostgreSQL answers, and forget every connection to the dead one."""

    def answers() -> bool:
        with suppress(psycopg.OperationalError, OSError, IndexError):
            owner.connect().close()
            return postgres() != dead
        return False

    until(answers, PATIENCE)
    anew()


def valkey() -> int:
    """The process that is Valkey now."""
    with line.opened() as one:
        told = line.answered(one, "INFO server").decode()
    return int(next(words.partition(":")[2] for words in told.splitlines() if words.startswith("process_id:")))


def end_valkey() -> int:
    """Kill Valkey (-9) with all that it ever kept; its number, once it is dead."""
    pid = valkey()
    shutil.rmtree(embedded.state() / "valkey" / "appendonlydir")
    os.kill(pid, signal.SIGKILL)
    until(lambda: not _lives(pid), PATIENCE)
    return pid


def valkey_again(dead: int) -> None:
    """Wait until another Valkey answers, which has forgotten everything."""

    def answers() -> bool:
        with suppress(OSError, StopIteration):
            return valkey() != dead
        return False

    until(answers, PATIENCE)


def no_bells() -> None:
    """Forget the bells that others rang."""
    with line.opened() as one:
        line.answered(one, BELLS)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def since(began: float) -> int:
    """Tenths of a second."""
    return round((time.monotonic() - began) * 10)

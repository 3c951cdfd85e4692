"""Real processes on the tests' databases: pages behind an address, and a worker, with the environment of a real house."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections

from config import run

Environment = dict[str, str]
Process = subprocess.Popen[bytes]
GRACE = 10  # seconds, as a supervisor gives
WORKER = ("worker", "-c1", "-l", "error", "--without-gossip", "--without-mingle")


def at_tests_databases(**more: str) -> Environment:
    """The environment of a real process on the tests' own databases, as the app's role."""
    server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    named = {"DATABASE_URL": "default", "KEYS_DATABASE_URL": "keys"}
    found = {name: f"{server}/{connections[alias].settings_dict['NAME']}" for name, alias in named.items()}
    return {name: value for name, value in os.environ.items() if name not in ("DATABASE_OWNER", "DATABASE_BACKUP")} | found | more


@contextmanager
def running(command: list[str], environment: Environment) -> Iterator[Process]:
    """One process, ended with its own children at the end."""
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:  # a worker may wait for a job that it was just given; whoever keeps it kills it then
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def pages(environment: Environment) -> Iterator[tuple[str, Process]]:
    """The web server as `make run` starts it, on a free port, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running(run.pages(port), environment) as process:
        address = f"http://127.0.0.1:{port}"
        until(lambda: asked(f"{address}/healthz")[0] > 0, 60)
        yield address, process


def worker() -> list[str]:
    """The command of one worker, for `running`."""
    return [sys.executable, "-m", "celery", "-A", "config.celery", *WORKER]


def asked(address: str) -> tuple[int, bytes]:
    """Status and body; status 0 where nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read()
    except OSError:
        return 0, b""


def until(holds: Callable[[], bool], seconds: float) -> float:
    """Wait until it holds; how many seconds it took. Raises `TimeoutError`."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"It did not hold within {seconds} s.")
        time.sleep(0.05)
    return time.monotonic() - began

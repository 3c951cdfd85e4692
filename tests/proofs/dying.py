"""Moments to die at: before each statement and each commit of a connection; and real workers that are killed at one of them.

Run as a process (`python -m tests.proofs.dying`) it has loaded all that a worker loads, and forks one for each line of its
input: `task number after` is a worker whose whole group is killed (-9) in this task after so many moments, and an empty line
one that lives on. It answers with the number of the process, and then with how that ended.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.db import connection

from config.celery import app
from tests.safety.processes import WORKER, Environment

PATIENCE = 60  # seconds
# What each worker would load for itself.
LOADED = (
    "celery.bin.worker", "celery.apps.worker", "celery.concurrency.prefork", "kombu.transport.redis",
    "shelters.placement.solving",
)  # fmt: skip
PERFORM, LOOK = "relocation.jobs.tasks.perform", "logistics.ladder.look"


@contextmanager
def stepped(step: Callable[[], None]) -> Iterator[None]:
    """Call `step` before each statement and each commit of this thread's connection."""
    commit = connection._commit  # type: ignore[attr-defined]  # of the backend itself

    def before(execute: Callable[..., Any], *told: Any) -> Any:
        step()
        return execute(*told)

    def last() -> None:
        step()
        commit()

    connection._commit = last  # type: ignore[attr-defined]
    try:
        with connection.execute_wrapper(before):
            yield
    finally:
        del connection._commit  # type: ignore[attr-defined]


def moments(act: Callable[[], Any]) -> int:
    """How many moments there are in an act that nothing disturbs."""
    passed: list[None] = []
    with stepped(lambda: passed.append(None)):
        act()
    return len(passed)


def spread(over: int, many: int) -> list[int]:
    """So many numbers from 0 to `over` at most, evenly."""
    return sorted({round(n * over / max(many - 1, 1)) for n in range(many)}) if many > 1 else [over // 2]


class Workers:
    """Workers one after the other, from a process that has loaded them."""

    def __init__(self, forks: subprocess.Popen[bytes]) -> None:
        self.forks = forks

    def dies(self, task: str, number: int | None, after: int) -> bool:
        """Start one that dies in this task (of the job `number`) after so many moments; whether it did."""
        pid = self._asked(f"{task} {number or ''} {after}")
        assert self.forks.stdout
        if select.select([self.forks.stdout], [], [], PATIENCE)[0]:
            return self._answer() == -signal.SIGKILL
        self._end(pid)
        return False

    @contextmanager
    def lives(self) -> Iterator[None]:
        """One that works until the block ends."""
        pid = self._asked("")
        try:
            yield
        finally:
            self._end(pid)

    def _asked(self, words: str) -> int:
        assert self.forks.stdin
        self.forks.stdin.write(f"{words}\n".encode())
        return self._answer()

    def _answer(self) -> int:
        assert self.forks.stdout
        return int(self.forks.stdout.readline())

    def _end(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        self._answer()


@contextmanager
def workers(environment: Environment) -> Iterator[Workers]:
    """Workers in this environment, until the block ends."""
    pipe, command = subprocess.PIPE, [sys.executable, "-m", "tests.proofs.dying"]
    unchecked = {"CELERY_SKIP_CHECKS": "1"}  # `make check` has looked
    forks = subprocess.Popen(command, env=environment | unchecked, cwd=settings.BASE_DIR, bufsize=0, stdin=pipe, stdout=pipe)
    with forks:
        yield Workers(forks)


class _Doom:
    """What a worker was told."""

    def __init__(self, told: str) -> None:
        self.task, *number, after = told.split()
        self.arguments, self.left = tuple(map(int, number)), int(after)

    def begin(self, sender: Any, args: Any = (), **_rest: Any) -> None:
        if sender.name == self.task and tuple(args or ()) == self.arguments:
            self.within = stepped(self.step)
            self.within.__enter__()

    def step(self) -> None:
        if self.left == 0:
            _die()
        self.left -= 1

    def end(self, sender: Any, args: Any = (), **_rest: Any) -> None:
        """Done, and the queue has not heard of it yet."""
        if hasattr(self, "within"):
            _die()


def _die() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _work(told: str) -> None:
    """Be a worker, in a group of one's own."""
    os.setsid()
    os.dup2(2, 1)  # what it says is no answer
    if told:
        doom = _Doom(told)
        task_prerun.connect(doom.begin)
        task_postrun.connect(doom.end)
    try:
        app.worker_main([*WORKER])
    finally:
        os._exit(0)


def main() -> None:
    """Fork a worker for each line."""
    app.loader.import_default_modules()
    for name in LOADED:
        import_module(name)
    while told := sys.stdin.readline():
        if not (pid := os.fork()):
            _work(told.strip())
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()

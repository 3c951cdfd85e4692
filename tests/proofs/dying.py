"""Moments to die at: before each statement and each commit of a connection; and a real worker that is killed at one of them.

As the app of a Celery process: HARBOUR_DIES is `task number after`, and its whole group is killed (-9) after so many moments.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from celery.signals import task_postrun, task_prerun
from django.db import connection

from config.celery import app
from tests.safety.processes import Environment, worker

__all__ = ["app"]
DIES = "HARBOUR_DIES"
PERFORM, LOOK = "relocation.jobs.tasks.perform", "logistics.ladder.look"


@contextmanager
def stepped(step: Callable[[], None]) -> Iterator[None]:
    """Call `step` before each statement and each commit of this thread's connection."""
    commit = connection._commit

    def before(execute: Callable[..., Any], *told: Any) -> Any:
        step()
        return execute(*told)

    def last() -> None:
        step()
        commit()

    connection._commit = last
    try:
        with connection.execute_wrapper(before):
            yield
    finally:
        del connection._commit


def moments(act: Callable[[], Any]) -> int:
    """How many moments there are in an act that nothing disturbs."""
    passed: list[None] = []
    with stepped(lambda: passed.append(None)):
        act()
    return len(passed)


def spread(over: int, many: int) -> list[int]:
    """So many numbers from 0 to `over` at most, evenly."""
    return sorted({round(n * over / max(many - 1, 1)) for n in range(many)}) if many > 1 else [over // 2]


def doomed(task: str, number: int | None, after: int) -> tuple[list[str], Environment]:
    """The command and environment of a worker that dies in this task (of the job `number`) after so many moments."""
    command = [__name__ if word == "config.celery" else word for word in worker()]
    return command, {DIES: f"{task} {number or ''} {after}"}


class _Doom:
    """What the worker was told."""

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


if DIES in os.environ:
    doom = _Doom(os.environ[DIES])
    task_prerun.connect(doom.begin)
    task_postrun.connect(doom.end)

"""Work done in front of somebody's eyes: a line for each piece, with its seconds."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print `✓ what  seconds` after the block, or `✗ what` when it raises."""
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(f"✗ {what}", flush=True)
        raise
    print(f"✓ {what:<44} {time.monotonic() - began:5.1f} s", flush=True)


def side_by_side(what: str, *commands: Sequence[str]) -> None:
    """Run several commands at once as one step. Raises `SystemExit` with what the first of them said that failed."""
    with step(what):
        running = [subprocess.Popen(one, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for one in commands]
        for said, process in [(process.communicate()[0], process) for process in running]:
            if process.returncode:
                raise SystemExit(said.rstrip() or f"a command ended with {process.returncode}")


def run(what: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
    """Run `command` as one step. Raises `SystemExit` with what it said when it fails."""
    with step(what):
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stdout.rstrip() or f"{command[0]} ended with {done.returncode}")

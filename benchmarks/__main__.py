"""make bench: measure every row (or ONLY=row), print a table, and write build/bench.json.

A row is a module of this folder with `measure(scale)`, which yields figures. It has a database of its own, empty but for the
walls, on the embedded servers. `SCALE=small` is for a quick look and is never quoted.
"""

from __future__ import annotations

import json
import os
import pkgutil
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import benchmarks
from benchmarks.figure import Figure

FRAME = {"__main__", "figure", "ground"}
OUT = Path(__file__).resolve().parent.parent / "build" / "bench.json"


def rows() -> list[str]:
    """The rows that were asked for, in the order of the alphabet. Raises `SystemExit` for one that there is not."""
    known = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name not in FRAME)
    asked = os.environ.get("ONLY", "").split()
    if unknown := set(asked) - set(known):
        raise SystemExit(f"There is no row {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    return [row for row in known if row in asked or not asked]


@contextmanager
def house() -> Iterator[None]:
    """Servers of our own, and databases that are made for one row and removed after it."""
    from django.test.utils import setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)


def begin() -> None:
    """Start what everything runs on."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ.setdefault("HARBOUR_INSECURE_LOCAL", "1")
    from config import embedded

    os.environ["HARBOUR_STATE"] = str(embedded.state() / "bench")
    embedded.join()
    import django

    django.setup()


def main() -> int:
    """Measure, print, write; returns how many figures miss their goal."""
    wanted, small = rows(), os.environ.get("SCALE") == "small"
    begin()
    print(f"{'small, not to be quoted: ' if small else ''}{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    print(f"{'figure':34}{'ours ms':>12}{'peer ms':>12}{'ratio':>9}  {'goal':9}{'spread':>17}  against")
    found: list[Figure] = []
    for row in wanted:
        with house():
            for figure in import_module(f"benchmarks.{row}").measure("small" if small else "full"):
                print(line(figure), flush=True)
                found.append(figure)
    write(found, small=small)
    return sum(not figure.ok for figure in found)


def line(found: Figure) -> str:
    """One line of the table; what misses its goal is marked."""
    spread, mark = "{:.2f} to {:.2f}".format(*found.spread), "" if found.ok else "  MISSED"
    times = f"{found.ours:12.2f}{found.peer:12.2f}{found.ratio:9.2f}"
    return f"{found.name:34}{times}  {found.goal:9}{spread:>17}  {found.against}{mark}"


def write(found: list[Figure], *, small: bool) -> None:
    """Keep figures of other rows from an earlier run of the same scale."""
    OUT.parent.mkdir(exist_ok=True)
    path = OUT.with_name("bench.small.json") if small else OUT
    before = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(before | {figure.name: figure.told() for figure in found}, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    sys.exit(main())

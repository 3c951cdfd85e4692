"""The table that a donor reads, and build/prove.json, which machines read."""

import json
import platform
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

from tests.proofs.promises import PROMISES
from tests.proofs.tally import QUICK, SEED, Row

KEPT = Path("build/prove.json")
NUMBER = 1 + max(map(len, PROMISES))


@dataclass
class Book:
    """All rows of one run. `whole` says that every promise is asked for, so that a missing one has failed."""

    whole: bool
    rows: dict[str, Row] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def row(self, number: str) -> Row:
        return self.rows.setdefault(number, Row(number))

    def asked(self) -> list[Row]:
        return [self.row(number) for number in PROMISES if self.whole or number in self.rows]

    @property
    def ok(self) -> bool:
        return all(row.ok or row.not_yet for row in self.asked())

    def run(self) -> dict[str, Any]:
        """What the run was, in the shape of a row."""
        proved = [row for row in self.asked() if not row.not_yet]
        return {
            "promise": "Every guarantee of this release holds.",
            "passed": sum(row.ok for row in proved),
            "total": len(proved),
            "seconds": round(time.monotonic() - self.began, 1),
            "seed": SEED,
            "ok": self.ok,
            "partial": QUICK,
            "versions": {"python": platform.python_version(), "django": django.__version__},
        }

    def hand_over(self, place: Path) -> None:
        """Write down what one half counted, for the whole to join."""
        place.write_text(json.dumps([vars(row) for row in self.rows.values()]))

    def join(self, place: Path) -> None:
        """Add what a half wrote down; of a half that wrote nothing the rows are missing, and so have failed."""
        for told in json.loads(place.read_text()) if place.exists() else []:
            self.row(told["number"]).join(Row(**told | {"figures": Counter(told["figures"])}))

    def keep(self) -> None:
        """Write build/prove.json."""
        KEPT.parent.mkdir(exist_ok=True)
        told = {"run": self.run()} | {row.number: row.told() for row in self.asked()}
        KEPT.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")

    def lines(self) -> list[str]:
        """The table."""
        width = max(map(len, PROMISES.values()))
        head = f"{'':{NUMBER + 2}}{'promise':{width}}  {'passed/total':>15}  {'seconds':>7}"
        return [head, "-" * len(head), *(_line(row, width) for row in self.asked()), *self._foot()]

    def _foot(self) -> list[str]:
        run = self.run()
        partial = ["This run was partial (QUICK=1): each promise was tried at a smaller scale."] if QUICK else []
        return ["", *partial, f"{run['passed']} of {run['total']} guarantees hold; {run['seconds']:.0f} seconds, seed {SEED}."]


def _line(row: Row, width: int) -> str:
    figure = "not yet" if row.not_yet else f"{row.passed}/{row.total}"
    mark = " " if row.not_yet or row.ok else "✗"
    figures = "".join(f"  {name} {number}" for name, number in row.figures.items())
    return f"{mark} {row.number:{NUMBER}}{PROMISES[row.number]:{width}}  {figure:>15}  {row.seconds:7.1f}{figures}"

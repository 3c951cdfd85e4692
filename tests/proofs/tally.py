"""How a proof counts: what was tried, what held, and figures with names; the rows of the table come from it."""

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.proofs.promises import LATER, PROMISES

QUICK = os.environ.get("QUICK") == "1"
SEED = int(os.environ.get("SEED") or 1)
SAID = 8  # failures of one test that are told in words


def scale(full: int, quick: int) -> int:
    """How much of it to try in this run."""
    return quick if QUICK else full


def guarantee(number: str) -> pytest.MarkDecorator:
    """Say which promise a test (or a class of tests) proves; several may add to one row."""
    if number not in PROMISES:
        raise ValueError(f"No promise is called {number}.")
    return pytest.mark.guarantee(number)


@dataclass
class Tally:
    """What one test counted."""

    total: int = 0
    failures: list[str] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)

    def check(self, held: object, words: str = "it did not hold") -> bool:
        """Count one thing that was tried; what did not hold is kept with its words and fails the row at the end."""
        self.total += 1
        if not held:
            self.failures.append(words)
        return bool(held)

    def count(self, name: str, number: int = 1) -> None:
        """Add to a figure which the row reports, such as leaks; zero makes it appear."""
        self.figures[name] += number

    def told(self) -> str:
        """What did not hold, the first few in words."""
        more = len(self.failures) - SAID
        return "\n".join([*self.failures[:SAID], *([f"and {more} more"] if more > 0 else [])])


@dataclass
class Row:
    """One promise and all that its tests counted."""

    number: str
    passed: int = 0
    total: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)

    def add(self, tally: Tally) -> None:
        self.total += tally.total
        self.passed += tally.total - len(tally.failures)
        self.figures.update(tally.figures)

    def join(self, other: "Row") -> None:
        """Add what another process counted for the same promise."""
        self.passed += other.passed
        self.total += other.total
        self.seconds += other.seconds
        self.broken += other.broken
        self.figures.update(other.figures)

    @property
    def not_yet(self) -> bool:
        return self.number in LATER and not self.total and not self.broken

    @property
    def ok(self) -> bool:
        """Something was tried, all of it held, and nothing was skipped or broke off."""
        return self.total > 0 and self.passed == self.total and not self.broken

    def told(self) -> dict[str, Any]:
        """The row as it stands in prove.json."""
        base = {
            "promise": PROMISES[self.number],
            "passed": self.passed,
            "total": self.total,
            "seconds": round(self.seconds, 1),
            "seed": SEED,
            "ok": None if self.not_yet else self.ok,
        }
        return base | ({"not_yet": True} if self.not_yet else {}) | dict(self.figures)

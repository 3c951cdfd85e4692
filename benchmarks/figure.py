"""A figure: two things measured in turn in one run on one machine, their ratio, and the goal that it must reach."""

from __future__ import annotations

import gc
import operator
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

Work = Callable[[], Any]
SIGNS = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True)
class Pairs:
    """Seconds of ours and of the other, pair by pair; the two of a pair were measured one right after the other."""

    ours: list[float]
    other: list[float]

    def costs(self) -> list[float]:
        """How many times the other's time ours takes."""
        return [a / b for a, b in zip(self.ours, self.other, strict=True)]

    def gains(self) -> list[float]:
        """How many times faster than the other ours is."""
        return [b / a for a, b in zip(self.ours, self.other, strict=True)]


@dataclass(frozen=True)
class Figure:
    """One line of the table. Times are the medians, in milliseconds; `spread` is the lowest and the highest ratio of a pair."""

    name: str
    ours: float
    peer: float
    ratio: float
    goal: str
    spread: tuple[float, float]
    against: str

    @property
    def ok(self) -> bool:
        sign, _space, bound = self.goal.partition(" ")
        return bool(SIGNS[sign](self.ratio, float(bound)))

    def told(self) -> dict[str, Any]:
        """As `build/bench.json` holds it."""
        return {name: value for name, value in asdict(self).items() if name != "name"} | {"ok": self.ok}


def in_turn(ours: Work, other: Work, rounds: int, *, between: Callable[[str], None] | None = None) -> Pairs:
    """Measure both `rounds` times, now the one first and now the other, after one round that does not count.

    `between` is told which of the two comes ("ours", "other"), for what has to be switched before it and is not measured.
    """
    seconds: dict[str, list[float]] = {"ours": [], "other": []}
    for turn in range(rounds + 1):
        both = [("ours", ours), ("other", other)]
        for name, work in both if turn % 2 else reversed(both):
            if between:
                between(name)
            took = _timed(work)
            if turn:
                seconds[name].append(took)
    return Pairs(seconds["ours"], seconds["other"])


def _timed(work: Work) -> float:
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    try:
        work()
        return time.perf_counter() - began
    finally:
        gc.enable()


def figure(name: str, pairs: Pairs, goal: str, *, against: str) -> Figure:
    """A goal of `>=` asks how many times faster ours is, one of `<=` how many times the other's time it takes."""
    ratios = pairs.gains() if goal.startswith(">") else pairs.costs()
    ours, peer = (1000 * statistics.median(seconds) for seconds in (pairs.ours, pairs.other))
    spread = (round(min(ratios), 3), round(max(ratios), 3))
    return Figure(name, round(ours, 3), round(peer, 3), round(statistics.median(ratios), 3), goal, spread, against)

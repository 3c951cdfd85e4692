"""What is asked of the solver and what it answers: sizes, capacities, scores; who goes where, how far from the best at most."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Yes = NDArray[np.bool_]
NOWHERE = -1
EXACT = float(1 << 50)  # up to here sums of whole numbers are exact


@dataclass(frozen=True)
class Problem:
    """Households of so many people, places of so many beds, and the score of each pair; -inf where it is forbidden."""

    sizes: Ints
    capacities: Ints
    scores: Floats  # households x places

    @classmethod
    def of(cls, sizes: Sequence[int], capacities: Sequence[int], scores: Sequence[Sequence[float | None]]) -> Problem:
        """From plain numbers, with None for a forbidden pair."""
        rows = [[-math.inf if score is None else float(score) for score in row] for row in scores]
        shape = (len(sizes), len(capacities))
        return cls(np.array(sizes, np.int64), np.array(capacities, np.int64), np.array(rows, np.float64).reshape(shape))

    def worth(self, homes: Ints) -> float:
        """The summed scores of a choice of places."""
        placed = np.flatnonzero(homes != NOWHERE)
        return math.fsum(self.scores[placed, homes[placed]])

    def holds(self, homes: Ints) -> bool:
        """Whether nobody is where they may not be, and no place takes more people than it has beds."""
        placed = np.flatnonzero(homes != NOWHERE)
        filled = np.bincount(homes[placed], weights=self.sizes[placed], minlength=len(self.capacities))
        return bool(np.isfinite(self.scores[placed, homes[placed]]).all() and (filled <= self.capacities).all())


@dataclass(frozen=True)
class Answer:
    """A place or None for each household, its summed score, and a bound that no choice can pass; seconds it took."""

    assignment: tuple[int | None, ...]
    value: float
    bound: float
    seconds: float

    @property
    def gap(self) -> float:
        """How far below the best the value may be at most, as a share of the bound."""
        return 0.0 if self.bound <= self.value else (self.bound - self.value) / self.bound

    def told(self) -> dict[str, Any]:
        """As `python -m shelters.placement` prints it; whole numbers stay whole."""
        told = {"assignment": list(self.assignment), "value": _plain(self.value), "bound": _plain(self.bound)}
        return told | {"gap": self.gap, "seconds": round(self.seconds, 6)}


def _plain(number: float) -> float | int:
    return int(number) if float(number).is_integer() and abs(number) < EXACT else number


@dataclass(frozen=True)
class Progress:
    """How far it is: the part that runs, of how many, and what is known already."""

    part: int
    parts: int
    value: float
    bound: float


Tell = Callable[[Progress], None]
Stop = Callable[[], bool]

"""The problem as the solver works on it: whole numbers where that is possible, and only pairs that could add something."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from shelters.placement.problem import EXACT, NOWHERE, Floats, Ints, Problem

ROUNDED = 1e-13  # by which share a computed sum may be off
DIGITS = 6  # decimal places that are still turned into whole numbers


@dataclass(frozen=True)
class Core:
    """Households with people, places, and what a pair adds; -inf where it adds nothing or cannot be.

    `grain` is the least by which two values differ where all of them are whole, else nought; a 1 of the problem is `per` here.
    """

    rows: Ints  # which households of the problem
    sizes: Ints
    capacities: Ints
    scores: Floats
    per: float
    grain: float

    def worth(self, homes: Ints) -> float:
        placed = np.flatnonzero(homes != NOWHERE)
        return math.fsum(self.scores[placed, homes[placed]])

    def same(self, bound: float, value: float) -> bool:
        """Whether nothing can lie between, as far as numbers that are not whole can be told apart."""
        return bound - value <= (0.0 if self.grain else 1e-9 * bound)

    def could_be(self, bound: float) -> float:
        """The greatest value that a choice can have under a bound, which may be off by as much as numbers are rounded."""
        bound += ROUNDED * max(1e3, abs(bound))
        return math.floor(bound / self.grain) * self.grain if self.grain else bound


def core_of(problem: Problem) -> Core:
    """Leave out whoever has no people, and every pair that adds nothing or has too few beds."""
    rows = np.flatnonzero(problem.sizes > 0)
    sizes, most = problem.sizes[rows], int(problem.sizes.sum())
    capacities = np.minimum(problem.capacities, most)
    scores = problem.scores[rows]
    scores = np.where((scores > 0) & (sizes[:, None] <= capacities[None, :]), scores, -np.inf)
    per, grain = _grain(scores)
    scores = np.rint(scores * per) if grain else scores * per
    divisor = int(np.gcd.reduce(sizes)) if len(sizes) else 1
    return Core(rows, sizes // divisor, capacities // divisor, scores, per, grain)


def _grain(scores: Floats) -> tuple[float, float]:
    """By what to multiply so that all scores are whole, where that can be; else so that they are small."""
    finite = scores[np.isfinite(scores)]
    if not finite.size:
        return 1.0, 1.0
    greatest = float(finite.max())
    for digits in range(DIGITS + 1):
        scaled = finite * 10.0**digits
        if greatest * 10.0**digits * len(scores) > EXACT:
            break
        whole = np.rint(scaled)
        if np.allclose(scaled, whole, rtol=0, atol=1e-9 * max(1.0, greatest)):
            return 10.0**digits, float(np.gcd.reduce(whole.astype(np.int64)))
    return 1000 / greatest, 0.0


def free_homes(problem: Problem) -> Ints:
    """Whoever has no people takes no bed: each goes where the score is best, if that adds something."""
    homes = np.full(len(problem.sizes), NOWHERE, np.int64)
    if problem.scores.size:
        nobody = np.flatnonzero(problem.sizes == 0)
        best = problem.scores[nobody].argmax(axis=1) if len(nobody) else nobody
        homes[nobody] = np.where(problem.scores[nobody, best] > 0, best, NOWHERE)
    return homes

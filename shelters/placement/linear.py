"""The linear program over pairs, solved with a few columns that grow by their price; HiGHS does the arithmetic.

What HiGHS says is only taken as prices: the bound is computed from them here, and holds for any prices.
"""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray

from shelters.placement.core import Core
from shelters.placement.problem import Floats, Ints, Stop, Yes

FIRST, MORE = 6, 4  # columns per household, at first and in each round
ROUNDS = 60
Columns = NDArray[np.int32]


def prices(core: Core, homes: Ints, stop: Stop) -> tuple[Floats, Floats]:
    """What a household and what a bed of each place costs at the optimum, or when it was stopped."""
    model, have = Pairs(core), np.zeros(core.scores.shape, np.bool_)
    have[np.flatnonzero(homes >= 0), homes[homes >= 0]] = True
    beds = bed_prices(core, core.worth(homes))
    wanted = have | _best(core.scores - core.sizes[:, None] * beds, FIRST)
    paid: Floats = np.zeros(len(core.sizes))
    for _round in range(ROUNDS):
        model.add(*np.nonzero(wanted & np.isfinite(core.scores)))
        have |= wanted
        paid, beds = model.solve()
        left = np.where(have, -np.inf, core.scores - core.sizes[:, None] * beds - paid[:, None])
        wanted = _best(left, MORE) & (left > 1e-7 * max(1.0, float(core.scores.max())))
        if stop() or not wanted.any():
            break
    return household_prices(core, beds), beds


def household_prices(core: Core, beds: Floats) -> Floats:
    """The least that each household must cost, so that no pair is worth more than its household and its beds cost."""
    best: Floats = (core.scores - core.sizes[:, None] * beds).max(axis=1)
    return np.maximum(0.0, best)


def bound(core: Core, paid: Floats, beds: Floats) -> float:
    """No choice of places is worth more."""
    return float(paid.sum() + core.capacities @ beds)


def bed_prices(core: Core, target: float, rounds: int = 40) -> Floats:
    """Prices of beds by subgradients: rough, but they name the columns that matter."""
    beds, best = np.zeros(len(core.capacities)), (np.inf, np.zeros(len(core.capacities)))
    pace, worse = 1.0, 0
    for _round in range(rounds):
        profit = core.scores - core.sizes[:, None] * beds
        choice = profit.argmax(axis=1)
        gain = profit[np.arange(len(choice)), choice]
        on = gain > 0
        found = float(gain[on].sum() + core.capacities @ beds)
        best, worse = ((found, beds), 0) if found < best[0] else (best, worse + 1)
        pace = pace / 2 if worse and worse % 4 == 0 else pace
        over = np.bincount(choice[on], weights=core.sizes[on], minlength=len(beds)) - core.capacities
        if not over.any():
            break
        beds = np.maximum(0.0, beds + pace * max(found - target, 0.0) / float(over @ over) * over)
    return best[1]


def _best(wish: Floats, count: int) -> Yes:
    """The `count` greatest of each row."""
    chosen = np.zeros(wish.shape, np.bool_)
    count = min(count, wish.shape[1])
    top = np.argpartition(-wish, count - 1, axis=1)[:, :count]
    np.put_along_axis(chosen, top, True, axis=1)
    return chosen


class Pairs:
    """The linear program, to which pairs are added."""

    def __init__(self, core: Core) -> None:
        self.core, (self.rows, places) = core, core.scores.shape
        self.highs = quiet()
        none = np.zeros(0, np.int32)
        ends = np.concatenate([np.ones(self.rows), core.capacities.astype(float)])
        self.highs.addRows(self.rows + places, np.full(len(ends), -highspy.kHighsInf), ends, 0, none, none, np.zeros(0))
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)

    def add(self, households: Ints, places: Ints) -> None:
        count, infinite = len(households), highspy.kHighsInf
        index, value = entries(self.core, households, places)
        starts = np.arange(0, 2 * count, 2, dtype=np.int32)
        worth = self.core.scores[households, places]
        self.highs.addCols(count, worth, np.zeros(count), np.full(count, infinite), 2 * count, starts, index, value)

    def solve(self) -> tuple[Floats, Floats]:
        self.highs.run()
        paid = np.maximum(0.0, np.array(self.highs.getSolution().row_dual))
        return paid[: self.rows], paid[self.rows :]


def entries(core: Core, households: Ints, places: Ints) -> tuple[Columns, Floats]:
    """The two entries of each pair's column: one household, so many beds of one place."""
    index: Columns = np.empty(2 * len(households), np.int32)
    value = np.ones(2 * len(households))
    index[0::2], index[1::2] = households, len(core.sizes) + places
    value[1::2] = core.sizes[households]
    return index, value


class Silent(highspy.Highs):
    """HiGHS without a word: it greets on the standard output as soon as it may call back, so it is silenced before."""

    def enableCallbacks(self) -> None:
        self.silent()
        super().enableCallbacks()


def quiet() -> highspy.Highs:
    """HiGHS without a word, on one thread."""
    highs = Silent()
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("parallel", "off")
    return highs

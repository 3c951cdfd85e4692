"""How each place would fill its beds if it paid a price for every household: a knapsack per place, all of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shelters.placement.core import Core
from shelters.placement.problem import Floats, Ints, Yes

MOST = 200_000_000  # steps that one filling may take


@dataclass(frozen=True)
class Filling:
    """What the beds of each place are worth at these prices, with 0, 1, 2.. beds, and how often each household was chosen."""

    worth: Floats  # by place
    table: Floats  # place x beds
    chosen: Ints  # by household


class Filler:
    """Fills every place of a core in its own best way. Raises `ValueError` where there are too many beds to count through."""

    def __init__(self, core: Core) -> None:
        self.core, self.beds = core, int(core.capacities.max(initial=0))
        sizes = [int(size) for size in np.unique(core.sizes) if size <= self.beds]
        rows = [np.flatnonzero(core.sizes == size) for size in sizes]
        self.classes = [(size, found, min(len(found), self.beds // size)) for size, found in zip(sizes, rows, strict=True)]
        steps = sum(count for _size, _rows, count in self.classes) * len(core.capacities) * (self.beds + 1)
        if steps > MOST:
            raise ValueError("too many beds")

    def fill(self, prices: Floats) -> Filling:
        """Only the best few households of each size can be in a best filling, so only these are looked at."""
        items, profits, sizes = self._candidates(self.core.scores - prices[:, None])
        table = np.zeros((len(self.core.capacities), self.beds + 1))
        taken = np.zeros((len(sizes), *table.shape), np.bool_)
        for step, size in enumerate(sizes):
            better = table[:, :-size] + profits[step][:, None]
            taken[step, :, size:] = better > table[:, size:]
            np.maximum(table[:, size:], better, out=table[:, size:])
        places = np.arange(len(self.core.capacities))
        return Filling(table[places, self.core.capacities], table, self._count(items, sizes, taken))

    def _candidates(self, profit: Floats) -> tuple[Ints, Floats, list[int]]:
        items, profits, sizes = [], [], []
        for size, rows, count in self.classes:
            of_size = profit[rows]
            best = np.argpartition(-of_size, count - 1, axis=0)[:count]
            items.append(rows[best])
            profits.append(np.take_along_axis(of_size, best, axis=0))
            sizes += [size] * count
        empty = np.zeros((0, profit.shape[1]))
        return np.concatenate([empty.astype(np.int64), *items]), np.concatenate([empty, *profits]), sizes

    def _count(self, items: Ints, sizes: list[int], taken: Yes) -> Ints:
        """Walk back through the steps: how many places have chosen each household."""
        places, beds = np.arange(len(self.core.capacities)), self.core.capacities.copy()
        counts = np.zeros(len(self.core.sizes), np.int64)
        for step in range(len(sizes) - 1, -1, -1):
            here = taken[step, places, beds]
            np.add.at(counts, items[step, here], 1)
            beds = beds - sizes[step] * here
        return counts

"""Better answers, region by region: where the choice loses most against the bound, a few places are filled anew, exactly."""

from __future__ import annotations

import numpy as np

from shelters.placement.core import Core
from shelters.placement.limit import Limit
from shelters.placement.problem import NOWHERE, Ints, Stop, Yes
from shelters.placement.rounding import rounded

NEAR = 8  # places that are looked at for each household
SMALLEST, LARGEST = 8, 120  # places of a region
A_TRY = 1.5  # seconds


class Search:
    """A choice that grows better. The same seed takes the same way."""

    def __init__(self, core: Core, limit: Limit, homes: Ints, stop: Stop) -> None:
        self.core, self.limit, self.homes, self.stop = core, limit, homes, stop
        self.draw = np.random.default_rng(1)
        self.size = 30
        count = min(NEAR, core.scores.shape[1])
        self.near = np.argpartition(limit.losses, count - 1, axis=1)[:, :count]

    def step(self, seconds: float) -> None:
        """Fill one region anew."""
        places = self.region()
        pairs = self._pairs(places)
        if not len(pairs[0]):
            return
        found = rounded(self.core, pairs, self.homes, min(seconds, A_TRY), self.stop)
        self.size = int(np.clip(self.size * (1.15 if found.proven else 0.8), SMALLEST, LARGEST))
        if self.core.worth(found.homes) >= self.core.worth(self.homes):
            self.homes = found.homes

    def region(self) -> Yes:
        """Places around a household that is drawn by how much it loses: where it would go, who is there, where they would go."""
        lost = self.limit.lost(self.homes) + 1e-9
        asked = [int(self.draw.choice(len(lost), p=lost / lost.sum()))]
        chosen = np.zeros(len(self.core.capacities), np.bool_)
        seen = np.zeros(len(lost), np.bool_)
        while asked and chosen.sum() < self.size:
            household = asked.pop(int(self.draw.integers(min(len(asked), 5))))
            seen[household] = True
            wanted = self._wanted(household)
            chosen[wanted] = True
            others = np.flatnonzero(np.isin(self.homes, wanted) & ~seen)
            asked += [int(other) for other in self.draw.permutation(others)]
        return chosen

    def _wanted(self, household: int) -> Ints:
        near = self.near[household][np.isfinite(self.limit.losses[household, self.near[household]])]
        home = self.homes[household]
        return near if home == NOWHERE else np.append(near[:4], home)

    def _pairs(self, places: Yes) -> tuple[Ints, Ints]:
        """The pairs that could still be better, of whoever is in these places or nowhere."""
        inside = (self.homes == NOWHERE) | places[np.maximum(self.homes, 0)]
        gap = max(self.limit.bound - self.core.worth(self.homes), 0.0)
        near = np.zeros(self.limit.losses.shape, np.bool_)
        np.put_along_axis(near, self.near, True, axis=1)
        near[np.flatnonzero(self.homes >= 0), self.homes[self.homes >= 0]] = True
        useful = near & (self.limit.losses <= gap + 1e-6) & inside[:, None] & places[None, :]
        useful[np.flatnonzero(inside & (self.homes >= 0)), self.homes[inside & (self.homes >= 0)]] = True
        households, at = np.nonzero(useful & np.isfinite(self.core.scores))
        return households, at

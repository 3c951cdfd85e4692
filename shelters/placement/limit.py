"""How good any choice can be at most, and what each pair takes away from that: by linear prices, made better by fillings.

The bound is Lagrangian (Fisher, Management Science 27, 1981): households are given prices, and each place fills its beds in its
own best way at these. It holds for any prices; good ones are found by following subgradients.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from shelters.placement import linear
from shelters.placement.core import Core
from shelters.placement.filling import Filler, Filling
from shelters.placement.problem import NOWHERE, Floats, Ints, Stop

PACE, SLOWEST = 2e-3, 2e-5  # of the bound, in a step
LITTLE, PATIENCE, SLOWER = 2e-7, 6, 0.7  # what counts as better; after how many rounds without, steps grow how much shorter
MOMENTUM = 0.5


@dataclass(frozen=True)
class Limit:
    """Whoever uses a pair ends at least so far below the bound; leaving a household out costs its price."""

    bound: float
    losses: Floats  # households x places, inf where a pair cannot be
    paid: Floats  # by household

    def lost(self, homes: Ints) -> Floats:
        """By household, what its place (or its having none) costs against the bound."""
        placed = self.losses[np.arange(len(homes)), np.maximum(homes, 0)] if self.losses.size else self.paid
        return np.where(homes == NOWHERE, self.paid, placed)


def limit(core: Core, homes: Ints, stop: Stop, rounds: int) -> Limit:
    """The linear limit, and the better one that `rounds` of fillings find."""
    paid, beds = linear.prices(core, homes, stop)
    found = _linear(core, paid, beds)
    with suppress(ValueError):
        filled = tightened(core, Filler(core), paid, stop, rounds)
        found = filled if filled.bound < found.bound else found
    return found


def _linear(core: Core, paid: Floats, beds: Floats) -> Limit:
    losses = paid[:, None] + core.sizes[:, None] * beds - core.scores
    return Limit(linear.bound(core, paid, beds), np.maximum(losses, 0.0), paid)


def tightened(core: Core, filler: Filler, paid: Floats, stop: Stop, rounds: int) -> Limit:
    """Follow subgradients from the linear prices: whoever is chosen twice grows dearer, whoever is not, cheaper."""
    best, best_paid, best_filling = np.inf, paid, filler.fill(paid)
    pace, dull, heading = PACE, 0, np.zeros(len(paid))
    for _round in range(rounds):
        filling = filler.fill(paid)
        found = float(paid.sum() + filling.worth.sum())
        dull = 0 if found < best * (1 - LITTLE) else dull + 1
        if found < best:
            best, best_paid, best_filling = found, paid, filling
        push = _push(filling, paid)
        if stop() or pace < SLOWEST or not push.any():
            break
        if dull and dull % PATIENCE == 0:
            pace, paid, heading = pace * SLOWER, best_paid, np.zeros(len(paid))
            continue
        heading = push + MOMENTUM * heading
        paid = np.maximum(0.0, paid + pace * best / float(heading @ heading) * heading)
    return _filled(core, best, best_paid, best_filling)


def _push(filling: Filling, paid: Floats) -> Floats:
    push = filling.chosen - 1.0
    return np.where((paid <= 0) & (push < 0), 0.0, push)


def _filled(core: Core, bound: float, paid: Floats, filling: Filling) -> Limit:
    """A pair leaves its place so many beds less to fill: what that costs is read from the table of the filling."""
    left = np.maximum(core.capacities[None, :] - core.sizes[:, None], 0)
    rest = filling.table[np.arange(len(core.capacities))[None, :], left]
    losses = filling.worth[None, :] - (core.scores - paid[:, None]) - rest
    return Limit(bound, np.maximum(losses, 0.0), paid)

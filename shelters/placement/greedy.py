"""An answer at once: the pairs that give most for their beds first."""

import numpy as np

from shelters.placement.core import Core
from shelters.placement.problem import NOWHERE, Floats, Ints, Yes

WEIGHTS = (1.0, 0.5, 0.0)  # how much a bed counts beside a score; which is best depends on how tight it is


def greedy(core: Core) -> Ints:
    """The best of a few greedy choices."""
    choices = [_fill(core, weight) for weight in WEIGHTS]
    return max(choices, key=core.worth)


def _fill(core: Core, weight: float) -> Ints:
    return best_first(core, core.scores / core.sizes[:, None].astype(float) ** weight)


def best_first(core: Core, wish: Floats) -> Ints:
    """Give each household the place that it wishes most, the greatest wishes first, as long as there are beds."""
    homes, room = np.full(len(core.sizes), NOWHERE, np.int64), core.capacities.copy()
    wish = np.where(np.isfinite(core.scores), wish, -np.inf)
    waiting = np.arange(len(core.sizes))
    while waiting.size:
        open_ones = np.where(core.sizes[waiting, None] <= room[None, :], wish[waiting], -np.inf)
        place = open_ones.argmax(axis=1) if room.size else np.zeros(0, np.int64)
        most = open_ones[np.arange(len(waiting)), place] if room.size else np.zeros(0)
        settled = _seat(core, homes, room, waiting, place, most)
        waiting = waiting[np.isfinite(most) & ~settled] if room.size else waiting[:0]
    return homes


def _seat(core: Core, homes: Ints, room: Ints, waiting: Ints, place: Ints, most: Floats) -> Yes:
    """Seat those whose wish comes first at their place and who still fit; which of the waiting were seated."""
    settled = np.zeros(len(waiting), np.bool_)
    for at in np.argsort(-most, kind="stable"):
        household, wanted = waiting[at], place[at]
        if np.isfinite(most[at]) and core.sizes[household] <= room[wanted]:
            homes[household], settled[at] = wanted, True
            room[wanted] -= core.sizes[household]
    return settled

"""The solver: an answer at once, a bound, better answers, and the proof where there is time for it. It knows numbers alone."""

from __future__ import annotations

import time

import numpy as np

from shelters.placement.core import Core, core_of, free_homes
from shelters.placement.greedy import best_first, greedy
from shelters.placement.limit import Limit, limit
from shelters.placement.problem import NOWHERE, Answer, Ints, Problem, Progress, Stop, Tell
from shelters.placement.rounding import rounded
from shelters.placement.search import Search

SECONDS = 30.0
PARTS = 5
ROUNDS = 400  # of tightening the bound
SMALL = 100_000  # pairs up to which the proof is tried at once, before other ways
FEW = 1_500  # pairs that could still matter, among which the proof is tried again
WIDER, ONCE = (3, 5, 9), (2,)  # pairs per household, in the steps of the proof; in the one step of a large problem
SHARE = 0.4  # of the time, for the first attempt at a proof; a large problem has a tenth of that, for one step


class _Run:
    """One run: what is known, and how long it may take."""

    def __init__(self, core: Core, seconds: float, enough: float, tell: Tell, stop: Stop) -> None:
        self.core, self.enough, self._tell, self._stop = core, enough, tell, stop
        self.ends = time.perf_counter() + seconds
        self.homes: Ints = np.full(len(core.sizes), NOWHERE, np.int64)
        self.value, self.bound = 0.0, float(np.maximum(core.scores.max(axis=1, initial=0.0), 0.0).sum())

    def left(self) -> float:
        return self.ends - time.perf_counter()

    def stop(self) -> bool:
        return self.left() <= 0 or self._stop()

    def over(self) -> bool:
        """Nothing better can be, what there is is good enough, or time is up."""
        near = self.bound - self.value <= self.enough * self.bound
        return near or self.core.same(self.bound, self.value) or self.stop()

    def better(self, homes: Ints) -> None:
        if self.core.worth(homes) > self.value:
            self.homes, self.value = homes, self.core.worth(homes)

    def at_most(self, bound: float) -> None:
        self.bound = max(self.value, min(self.bound, self.core.could_be(bound)))

    def tell(self, part: int) -> None:
        self._tell(Progress(part, PARTS, self.value / self.core.per, self.bound / self.core.per))


def solve(
    problem: Problem,
    *,
    seconds: float = SECONDS,
    enough: float = 0.0,
    tell: Tell = lambda progress: None,
    stop: Stop = lambda: False,
) -> Answer:
    """Place households whole so that the summed scores are greatest; who is left out counts nothing.

    It ends after `seconds`, when `stop()` says so, or as soon as the gap is at most `enough`; the best that is known then is
    returned, with a bound that holds in any case.
    """
    began = time.perf_counter()
    core = core_of(problem)
    run = _Run(core, seconds, enough, tell, stop)
    if core.scores.size and np.isfinite(core.scores).any():
        _run(run)
    return _answer(problem, core, run, began)


def _run(run: _Run) -> None:
    run.tell(0)
    run.better(greedy(run.core))
    run.at_most(run.bound)
    if run.over():
        return
    run.tell(1)
    known = limit(run.core, run.homes, run.stop, ROUNDS)
    run.at_most(known.bound)
    run.tell(2)
    run.better(best_first(run.core, -known.losses))
    small = run.core.scores.size <= SMALL
    _prove(run, known, WIDER if small else ONCE, run.left() * SHARE * (1.0 if small else 0.1))
    run.tell(3)
    _search(run, known)


def _search(run: _Run, known: Limit) -> None:
    """Region by region; and the proof again as soon as few pairs could still matter."""
    search = Search(run.core, known, run.homes, run.stop)
    tried = np.inf
    while not run.over():
        survivors = _survivors(run, known)
        if survivors <= min(FEW, tried / 2):
            run.tell(4)
            _prove(run, known, WIDER, run.left() * SHARE)
            tried = survivors
        search.homes = run.homes
        search.step(run.left())
        run.better(search.homes)
        run.tell(3)


def _survivors(run: _Run, known: Limit) -> int:
    return int((known.losses <= run.bound - run.value).sum())


def _prove(run: _Run, known: Limit, widths: tuple[int, ...], seconds: float) -> None:
    """Solve for the pairs that lose least; whatever uses another one is worth less than the bound by more than `reach`."""
    until = time.perf_counter() + seconds
    for wide in widths:
        reach = _reach(run, known, wide * len(run.core.sizes))
        pairs = np.nonzero(known.losses <= reach)
        found = rounded(run.core, (pairs[0], pairs[1]), run.homes, until - time.perf_counter(), run.stop)
        run.better(found.homes)
        run.at_most(max(run.core.could_be(found.bound), run.core.could_be(known.bound - reach)))
        if run.over() or not found.proven:
            return


def _reach(run: _Run, known: Limit, count: int) -> float:
    """Loss up to which `count` pairs lie, but never more than could still be won."""
    won = run.bound - run.value
    finite = known.losses[np.isfinite(known.losses)]
    least = float(np.partition(finite, count)[count]) if count < finite.size else np.inf
    return min(won, least) + 1e-9


def _answer(problem: Problem, core: Core, run: _Run, began: float) -> Answer:
    homes = free_homes(problem)
    free = problem.worth(homes)
    homes[core.rows] = run.homes
    assert problem.holds(homes)
    value, bound = (number / core.per + free for number in (run.value, run.bound))
    proven = core.same(run.bound, run.value)
    places = tuple(None if home == NOWHERE else int(home) for home in homes)
    return Answer(places, value, value if proven else bound, time.perf_counter() - began)

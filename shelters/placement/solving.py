"""Solving a proposal in a worker: telling how far it is, hearing whether it is stopped, keeping apart who must not meet."""

import time
from collections.abc import Sequence
from itertools import combinations

from django.db import transaction

from relocation.journey import kin
from relocation.models import Case
from shelters.models import Proposal
from shelters.placement import solver
from shelters.placement.fitness import Fit
from shelters.placement.problem import Answer, Problem, Progress

SECONDS = 20.0  # for the solver
OFTEN = 1.0  # seconds between two looks at whether it was stopped
AGAIN = 5  # how often it is solved anew because two of one house must not meet
ORDERED = Proposal.State.ORDERED


def solved(households: list[list[Case]], fits: list[list[Fit]], made: Proposal) -> tuple[list[int | None], float]:
    """The house for each household by its number, or None, and the gap. It is solved anew where two who must not meet would.

    The bound is that of the first time, when nobody was kept apart yet: nothing that is allowed can pass it.
    """
    scores: list[list[float | None]] = [[one.score for one in row] for row in fits]
    first = answer = _solve(households, fits, scores, made)
    for _attempt in range(AGAIN):
        if not (clashes := _clashes(households, answer.assignment)):
            break
        for household, place in clashes:
            scores[household][place] = None
        answer = _solve(households, fits, scores, made)
    homes = list(answer.assignment)
    for household, _place in _clashes(households, homes):
        homes[household] = None
    worth = sum(fits[n][home].score or 0 for n, home in enumerate(homes) if home is not None)
    return homes, max(0.0, first.bound - worth) / first.bound if first.bound else 0.0


def _solve(households: list[list[Case]], fits: list[list[Fit]], scores: list[list[float | None]], made: Proposal) -> Answer:
    sizes, beds = [len(people) for people in households], [len(one.beds) for one in (fits[0] if fits else [])]
    return solver.solve(Problem.of(sizes, beds, scores), seconds=SECONDS, tell=_Teller(made), stop=_Watch(made))


def _clashes(households: list[list[Case]], homes: Sequence[int | None]) -> list[tuple[int, int]]:
    """Households that would share a house with somebody whom one of them fears; of two, the smaller looks elsewhere."""
    found = set()
    for one, two in combinations([n for n, home in enumerate(homes) if home is not None], 2):
        place = homes[one]
        if place is not None and place == homes[two] and not _may_meet(households[one], households[two]):
            found.add((min(one, two, key=lambda n: len(households[n])), place))
    return sorted(found)


def _may_meet(ones: list[Case], others: list[Case]) -> bool:
    with transaction.atomic():
        return all(kin.may_share_a_roof(case.pk, [other.pk for other in others]) for case in ones)


class _Teller:
    """Writes down how far it is, once a second at most."""

    def __init__(self, made: Proposal) -> None:
        self.made, self.told = made, 0.0

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() - self.told >= OFTEN:
            self.told = time.monotonic()
            with transaction.atomic():
                Proposal.objects.filter(pk=self.made.pk, state=ORDERED).update(part=progress.part, parts=progress.parts)


class _Watch:
    """Whether whoever asked wants it stopped; looked up once a second at most."""

    def __init__(self, made: Proposal) -> None:
        self.made, self.looked, self.halted = made, 0.0, False

    def __call__(self) -> bool:
        if time.monotonic() - self.looked >= OFTEN:
            self.looked = time.monotonic()
            with transaction.atomic():
                self.halted = Proposal.objects.filter(pk=self.made.pk, halted=True).exists()
        return self.halted

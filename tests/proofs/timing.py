"""How well time tells two things apart, and how little it may."""

from math import sqrt

from tests.proofs.tally import QUICK

MOST = 0.55


def auc(one: list[float], other: list[float]) -> float:
    """The area under the curve of the best threshold between two samples: 0.5 is a guess, whichever is the slower."""
    ranked = sorted([(value, True) for value in one] + [(value, False) for value in other])
    ranks = sum(rank for rank, (_value, mine) in enumerate(ranked, 1) if mine)
    area = (ranks - len(one) * (len(one) + 1) / 2) / (len(one) * len(other))
    return max(area, 1 - area)


def most(each: int) -> float:
    """What may be measured of so many times of each: the promise; or, in a quick run, what a coin stays within, six times out of
    a hundred thousand excepted: of so few nothing more can be said, so that the full run alone is the proof."""
    return 0.5 + 4 * sqrt((2 * each + 1) / (12 * each * each)) if QUICK else MOST

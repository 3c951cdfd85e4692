"""Whole answers from few pairs: a small integer program, which HiGHS solves or gives up in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from shelters.placement.core import Core
from shelters.placement.linear import entries, quiet
from shelters.placement.problem import NOWHERE, Ints, Stop


@dataclass(frozen=True)
class Rounded:
    """Places for the households of these pairs, and what these pairs can give at most; `proven` where that was reached."""

    homes: Ints
    bound: float
    proven: bool


def rounded(core: Core, pairs: tuple[Ints, Ints], homes: Ints, seconds: float, stop: Stop) -> Rounded:
    """The best choice among `pairs` for the households in them; all others stay where `homes` has them."""
    households, places = pairs
    mine = np.zeros(len(homes), np.bool_)
    mine[households] = True
    settled = np.where(mine, NOWHERE, homes)
    model = _model(core, households, places, _room(core, settled))
    model.setOptionValue("time_limit", max(seconds, 0.01))
    _begin(model, homes[households] == places)
    model.cbMipInterrupt += lambda event: event.interrupt() if stop() else None
    model.run()
    return _read(core, model, households, places, settled, homes)


def _room(core: Core, settled: Ints) -> Ints:
    placed = np.flatnonzero(settled != NOWHERE)
    used = np.bincount(settled[placed], weights=core.sizes[placed], minlength=len(core.capacities))
    return core.capacities - used.astype(np.int64)


def _model(core: Core, households: Ints, places: Ints, room: Ints) -> highspy.Highs:
    count = len(households)
    index, value = entries(core, households, places)
    used, rows = np.unique(index, return_inverse=True)
    upper = np.concatenate([np.ones(len(core.sizes)), room.astype(float)])[used]
    problem: Any = highspy.HighsLp()
    problem.num_col_, problem.num_row_, problem.sense_ = count, len(used), highspy.ObjSense.kMaximize
    problem.col_cost_, problem.col_lower_, problem.col_upper_ = core.scores[households, places], np.zeros(count), np.ones(count)
    problem.row_lower_, problem.row_upper_ = np.full(len(used), -highspy.kHighsInf), upper
    matrix = problem.a_matrix_
    matrix.format_, matrix.start_ = highspy.MatrixFormat.kColwise, np.arange(0, 2 * count + 1, 2, dtype=np.int32)
    matrix.index_, matrix.value_ = rows.astype(np.int32), value
    problem.integrality_ = [highspy.HighsVarType.kInteger] * count
    model = quiet()
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", 0.99 * core.grain if core.grain else 1e-9)
    model.passModel(problem)
    return model


def _begin(model: highspy.Highs, chosen: Ints) -> None:
    """Begin with what is known, so that only better answers are looked for."""
    known = highspy.HighsSolution()
    known.col_value = chosen.astype(float).tolist()
    model.setSolution(known)


def _read(core: Core, model: highspy.Highs, households: Ints, places: Ints, settled: Ints, homes: Ints) -> Rounded:
    values = np.array(model.getSolution().col_value)
    found = settled.copy()
    if values.size:
        chosen = values > 0.5
        found[households[chosen]] = places[chosen]
    proven = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    rest = core.worth(settled)
    bound = float(model.getInfo().mip_dual_bound) + rest
    better = core.worth(found) >= core.worth(homes)
    return Rounded(found if better else homes, core.worth(found) if proven else bound, proven)

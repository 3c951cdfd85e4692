"""G2: every route, method and actor against the richest case; and each of the two locks alone keeps them out.

What a case shows and takes in its other states is in `prove_states`.
"""

from typing import Any

import pytest

from tests.proofs.locks import first_open, second_open
from tests.proofs.matrix import RICHEST, STRANGERS, UNKNOWN, Matrix, SignIn
from tests.proofs.tally import QUICK, Tally, guarantee
from tests.proofs.world import World

pytestmark = [guarantee("G2"), pytest.mark.usefixtures("lasting")]
FEW = (
    ("no grant",)
    if QUICK
    else ("no grant", "lead of another case", "another house's host", "another post's officer", "another leg's escort", "revoked")
)


def test_nobody_is_told_or_changes_anything_of_a_foreign_case(world: World, signed_in: SignIn, tally: Tally) -> None:
    matrix = Matrix(world, signed_in)
    matrix.try_case(world.one(RICHEST), STRANGERS, ("GET",) if QUICK else ("GET", "POST", "HEAD", *UNKNOWN))
    matrix.try_lists(STRANGERS)
    matrix.judge(tally)
    tally.count("leaks", len(matrix.leaks))
    tally.count("changes", len(matrix.changes))
    tally.count("actors", len(STRANGERS))


@pytest.mark.parametrize(("lock", "switch"), [("querysets", first_open), ("policies", second_open)])
def test_one_lock_alone_keeps_everybody_out(world: World, signed_in: SignIn, tally: Tally, lock: str, switch: Any) -> None:
    matrix = Matrix(world, signed_in)
    with switch():
        matrix.try_case(world.one(RICHEST), FEW, ("GET",))
        matrix.try_lists(FEW)
    matrix.judge(tally)
    tally.count(f"leaks_without_{lock}", len(matrix.leaks))


def test_with_both_locks_open_the_matrix_sees_it(world: World, signed_in: SignIn, tally: Tally) -> None:
    matrix = Matrix(world, signed_in)
    with first_open(), second_open():
        matrix.try_case(world.one(RICHEST), FEW[:1], ("GET",), send=False)  # what would be sent, would be done
    tally.check(matrix.leaks, "with both locks open nothing was told: the matrix sees nothing")
    tally.count("leaks_without_both", len(matrix.leaks))

"""G2, in every state of a case: whoever has no business there is told nothing of it, and what they send changes nothing."""

import pytest

from tests.proofs.matrix import RICHEST, STRANGERS, Matrix, SignIn
from tests.proofs.tally import QUICK, Tally, guarantee
from tests.proofs.world import World

pytestmark = [guarantee("G2"), pytest.mark.usefixtures("lasting")]


def test_in_no_state_is_anybody_told_or_changes_anything(world: World, signed_in: SignIn, tally: Tally) -> None:
    """Every page is asked for in every state; what no state before it offered to send, is sent."""
    matrix = Matrix(world, signed_in)
    others = [state for state in world.cases if state != RICHEST]
    for state in others[-2:] if QUICK else others:
        matrix.try_case(world.one(state), ("no grant", "a colleague") if QUICK else STRANGERS, ("GET",))
    matrix.judge(tally)
    tally.count("leaks", len(matrix.leaks))
    tally.count("changes", len(matrix.changes))

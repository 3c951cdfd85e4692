"""G2, in every state of a case: whoever has no business there is told nothing of it, and what they send changes nothing."""

import pytest

from tests.proofs.matrix import RICHEST, SHUT_OUT, STRANGERS, Matrix, SignIn
from tests.proofs.tally import QUICK, Tally, guarantee
from tests.proofs.world import World

pytestmark = [guarantee("G2"), pytest.mark.usefixtures("lasting")]


def test_in_no_state_is_anybody_told_or_changes_anything(world: World, signed_in: SignIn, tally: Tally) -> None:
    """Every page is asked for in every state; what no state before it offered to send, is sent.

    Whoever is not let in at all is stopped before any case is looked at: `prove_matrix` asks for them.
    """
    matrix = Matrix(world, signed_in)
    others = [state for state in world.cases if state != RICHEST]
    strangers = [who for who in STRANGERS if who not in SHUT_OUT]
    for state in others[-2:] if QUICK else others:
        matrix.try_case(world.one(state), strangers[:2] if QUICK else strangers, ("GET",))
    matrix.judge(tally)
    tally.count("leaks", len(matrix.leaks))
    tally.count("changes", len(matrix.changes))

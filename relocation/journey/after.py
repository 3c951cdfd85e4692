"""What follows from a step in an upper room: offered there under the step's name, done in the step's own transaction."""

from collections.abc import Callable

from relocation.journey.attempt import Attempt

Follows = Callable[[Attempt, str], None]
_follows: dict[str, list[Follows]] = {}


def after(*steps: str) -> Callable[[Follows], Follows]:
    """An upper room says what follows once one of these steps is taken; it is told the attempt and the state before."""

    def register(follows: Follows) -> Follows:
        for name in steps:
            _follows.setdefault(name, []).append(follows)
        return follows

    return register


def follow(attempt: Attempt, was: str) -> None:
    """Do whatever follows from the step that was just taken."""
    for follows in _follows.get(attempt.step.name, ()):
        follows(attempt, was)

"""The job of a step for a whole wave: each person in a transaction of their own, so that a worker that dies leaves no half."""

from relocation.journey import turns
from relocation.models import Outbox
from relocation.models.outbox import job


@job("wave_step", whole=False, slow=True)
def wave_step(row: Outbox) -> None:
    """Let everybody who waits have their turn; begun again, it goes on where it stopped."""
    turns.work(row)

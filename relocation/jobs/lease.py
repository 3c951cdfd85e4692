"""A job in somebody's hands: for how long, and how a long one says that whoever does it still lives."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Thread

from django.db import Error, connections, transaction
from django.db.models.functions import Now

from relocation.models import Outbox, system_account
from relocation.safety.actor import acting_as

LEASE = timedelta(seconds=30)  # what a worker that dies keeps others waiting
OFTEN = LEASE / 3


@contextmanager
def renewed(pk: int) -> Iterator[None]:
    """Renew the lease of a job while the block runs, by a connection of its own. Whoever dies renews nothing."""
    over = Event()
    beat = Thread(target=_beat, args=(pk, over), daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join()  # so that nothing is renewed once it is done or put off


def _beat(pk: int, over: Event) -> None:
    while not over.wait(OFTEN.total_seconds()):
        with suppress(Error):  # the database was away: the next beat tries again
            _renew(pk)
        connections.close_all()


def _renew(pk: int) -> None:
    """A job that is done, or in nobody's hands, is left alone; nobody else took it, for nobody may while it is leased."""
    with acting_as(system_account("outbox")), transaction.atomic():
        Outbox.objects.filter(pk=pk, done_at=None).exclude(leased_until=None).update(leased_until=Now() + LEASE)

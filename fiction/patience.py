"""Waiting for a worker until the outbox is empty, where no clock runs that sweeps it."""

import time

from django.db import transaction
from django.db.models.functions import Now

from relocation.jobs import tasks
from relocation.models import Outbox, system_account
from relocation.models.outbox import queue_of
from relocation.safety.actor import acting_as

PATIENCE = 180  # seconds for a worker to do what waits
RINGS = 1.5  # seconds after which what still waits is rung for: what the database itself puts rings nowhere


def wait() -> bool:
    """Wait until every job that was put so far is done; whether that was so in time."""
    until, ring = time.monotonic() + PATIENCE, time.monotonic() + RINGS
    rung: set[int] = set()
    while time.monotonic() < until:
        waiting = _waiting()
        if not waiting:
            return True
        if time.monotonic() > ring:
            rung |= _ring({pk: kind for pk, kind in waiting.items() if pk not in rung})
            ring += RINGS
        time.sleep(0.1)
    return False


def _waiting() -> dict[int, str]:
    """What is not done and not put off, in somebody's hands or not."""
    with acting_as(system_account("outbox")), transaction.atomic():
        return dict(Outbox.objects.filter(done_at=None, next_at__lte=Now()).order_by("pk").values_list("pk", "kind"))


def _ring(waiting: dict[int, str]) -> set[int]:
    for pk, kind in waiting.items():
        tasks.perform.apply_async(args=(pk,), queue=queue_of(kind))
    return set(waiting)

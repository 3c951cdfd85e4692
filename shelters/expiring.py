"""The sweep of holds: a hold that ran out gives its bed back, by the database's clock, once."""

from celery import shared_task
from django.db import transaction

from relocation.models import system_account
from relocation.safety.actor import acting_as
from relocation.safety.questions import answer

OWNER = system_account("holds")


@shared_task(name="shelters.expiring.run_out")
def run_out() -> int:
    """Release what ran out, each in a transaction of its own, so that a power cut leaves none half done. Returns how many.

    The lead is told through the outbox, whose row is written with the release; nobody counts on the sweep: a hold that ran out
    is passed over wherever beds are looked for.
    """
    gone = 0
    with acting_as(OWNER):
        while _one():
            gone += 1
    return gone


def _one() -> bool:
    with transaction.atomic():
        return bool(answer("SELECT harbour_run_out()"))

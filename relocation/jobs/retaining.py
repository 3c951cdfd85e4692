"""The sweep of retention: warns, lets go of what nobody needs any more, and destroys the keys of whoever was erased."""

from celery import shared_task
from django.db import transaction

from relocation.models import system_account
from relocation.safety import tombstones
from relocation.safety.actor import acting_as
from relocation.safety.questions import answer

OWNER = system_account("retention")


@shared_task(name="relocation.jobs.retaining.retention")
def retention() -> int:
    """Look at what runs out, in the database and by its clock. Returns how many kinds of record went.

    What a power cut left between an erasure and the destruction of its key is made good here.
    """
    with acting_as(OWNER):
        with transaction.atomic():
            gone = int(answer("SELECT count(*) FROM harbour_expire()"))
        with transaction.atomic():
            stones = tombstones.in_database()
    tombstones.bury(stones)
    return gone

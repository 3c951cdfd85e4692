"""The sweep of retention: warns, lets go of what nobody needs any more, and destroys the keys of whoever was erased."""

from celery import shared_task
from django.db import connection, transaction

from relocation.models import system_account
from relocation.safety import tombstones
from relocation.safety.actor import acting_as

OWNER = system_account("retention")


@shared_task(name="relocation.jobs.retaining.retention")
def retention() -> int:
    """Look at what runs out, in the database and by its clock. Returns how many kinds of record went.

    What a power cut left between an erasure and the destruction of its key is made good here.
    """
    with acting_as(OWNER):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM harbour_expire()")
            gone = int(cursor.fetchone()[0])
        with transaction.atomic():
            stones = tombstones.in_database()
    tombstones.bury(stones)
    return gone

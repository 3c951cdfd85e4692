"""Celery's part: a doorbell. The rows of the outbox are the jobs, so a lost or repeated ring changes nothing."""

import logging
from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from relocation.models import Outbox, system_account
from relocation.models.outbox import JOBS
from relocation.models.referral_file import forget_expired
from relocation.safety.actor import acting_as
from relocation.safety.keys import keys_in_hand
from relocation.safety.ledger import refusals_kept
from relocation.safety.refusal import Refusal

log = logging.getLogger("harbour.jobs")
AT_LEAST_OLD = timedelta(seconds=10)
ATTEMPTS = 8


@shared_task(name="relocation.jobs.tasks.perform")
def perform(pk: int) -> None:
    """Do one job as its originator, once: whoever comes second finds it done or locked."""
    with acting_as(system_account("outbox")), transaction.atomic():
        row = Outbox.objects.filter(pk=pk, done_at=None, attempts__lt=ATTEMPTS).first()
        if row is None:
            return
        Outbox.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
    try:
        with acting_as(row.originator_id), keys_in_hand(), refusals_kept():
            _do(row)
    except Refusal as refusal:
        _give_up(row, refusal)
    except Exception as error:  # any failure is tried again by the sweep; only its type is kept
        log.warning("job failed", extra={"code": type(error).__name__, "id": pk})
        _note(row, error)


def _do(row: Outbox) -> None:
    job = JOBS[row.kind]
    if not job.whole:
        job.work(row)
        return
    with transaction.atomic():
        locked = Outbox.objects.select_for_update(skip_locked=True).filter(pk=row.pk, done_at=None).first()
        if locked:
            job.work(locked)
            done(locked)


def done(row: Outbox) -> None:
    """Mark a job done, in the transaction of its effect."""
    Outbox.objects.filter(pk=row.pk).update(done_at=timezone.now(), failed="")


def _give_up(row: Outbox, refusal: Refusal) -> None:
    """What is refused now stays refused: access was asked again when the job ran."""
    with acting_as(system_account("outbox")), transaction.atomic():
        Outbox.objects.filter(pk=row.pk).update(done_at=timezone.now(), failed=refusal.kind[:60])


def _note(row: Outbox, error: Exception) -> None:
    with acting_as(system_account("outbox")), transaction.atomic():
        Outbox.objects.filter(pk=row.pk).update(failed=type(error).__name__[:60])


@shared_task(name="relocation.jobs.tasks.forget")
def forget() -> int:
    """Remove what was kept for an hour only. Returns how many files."""
    with acting_as(system_account("retention")), transaction.atomic():
        return forget_expired()


@shared_task(name="relocation.jobs.tasks.sweep")
def sweep() -> int:
    """Ring again for jobs that nobody has done: the broker was away, or a worker died. Returns how many."""
    with acting_as(system_account("outbox")), transaction.atomic():
        waiting = Outbox.objects.filter(done_at=None, attempts__lt=ATTEMPTS, created_at__lt=timezone.now() - AT_LEAST_OLD)
        rows = list(waiting.order_by("pk").values_list("pk", flat=True)[:200])
    for pk in rows:
        perform.delay(pk)
    return len(rows)

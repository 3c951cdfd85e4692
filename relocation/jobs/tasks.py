"""Celery's part: a doorbell. The rows of the outbox are the jobs, so a lost or repeated ring changes nothing."""

import logging
from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from relocation.jobs.lease import LEASE, renewed
from relocation.models import Outbox, system_account
from relocation.models.file_link import forget_late
from relocation.models.outbox import ALARMS, JOBS, done, queue_of
from relocation.models.referral_file import forget_expired
from relocation.safety import throttle
from relocation.safety.actor import acting_as
from relocation.safety.keys import Shut, keys_in_hand
from relocation.safety.ledger import refusals_kept
from relocation.safety.lockdown import is_open
from relocation.safety.locks import settle
from relocation.safety.refusal import Refusal
from relocation.safety.session import SessionStore

log = logging.getLogger("harbour.jobs")
AT_LEAST_OLD = timedelta(seconds=10)
ATTEMPTS = 8  # failures, after which somebody must look; an alarm has no such end
PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=5)
AT_ONCE = 200  # bells in one sweep, for alarms and for the rest


@shared_task(name="relocation.jobs.tasks.perform")
def perform(pk: int) -> None:
    """Do one job as its originator, once: whoever comes second finds it done, taken, or put off. Sealed, only alarms leave."""
    row = _take(pk)
    if row is None:
        return
    try:
        with acting_as(row.originator_id), keys_in_hand(), refusals_kept():
            _do(row)
    except Refusal as refusal:
        _refused(row, refusal)
    except Shut:
        _put_back(row)
    except Exception as error:  # any failure is tried again by the sweep; only its type is kept
        _put_off(row, type(error).__name__)


def _take(pk: int) -> Outbox | None:
    """Take the job for a while. One whose time ran out before it was done has failed: its worker died.

    A job in one transaction is kept from others by the lock on its row for as long as it takes, any other by renewing its time.
    """
    with acting_as(system_account("outbox")), transaction.atomic():
        row = allowed().select_for_update(skip_locked=True).filter(pk=pk).first()
        if row is None:
            return None
        lost = 1 if row.leased_until else 0
        Outbox.objects.filter(pk=pk).update(leased_until=Now() + LEASE, attempts=F("attempts") + lost)
        row.attempts += lost
        return row


def due() -> QuerySet[Outbox]:
    """Jobs to be done now: not put off, in nobody's hands, and not given up."""
    free = Q(leased_until=None) | Q(leased_until__lt=Now())
    alive = Q(attempts__lt=ATTEMPTS) | Q(kind__in=ALARMS)
    return Outbox.objects.filter(free, alive, done_at=None, next_at__lte=Now())


def allowed() -> QuerySet[Outbox]:
    """Of what is due, what may be done now: while Harbour is sealed or locked nothing but alarms."""
    return due() if is_open() else due().filter(kind__in=ALARMS)


def _do(row: Outbox) -> None:
    job = JOBS[row.kind]
    if not job.whole:
        with renewed(row.pk):
            job.work(row)
        with transaction.atomic():
            done(row)
        return
    with transaction.atomic():
        locked = Outbox.objects.select_for_update().filter(pk=row.pk, done_at=None).first()
        if locked:
            job.work(locked)
            done(locked)


def _refused(row: Outbox, refusal: Refusal) -> None:
    """What is refused now stays refused: access was asked again when the job ran. Only an alarm is not given up."""
    if row.kind in ALARMS:
        _put_off(row, refusal.kind)
        return
    with acting_as(system_account("outbox")), transaction.atomic():
        done(row, failed=refusal.kind)


def _put_off(row: Outbox, why: str) -> None:
    """Try again later, and later each time. What fails again for the same reason is said once in the log."""
    if row.failed != why:
        log.warning("job failed", extra={"code": why, "id": row.pk})
    with acting_as(system_account("outbox")), transaction.atomic():
        Outbox.objects.filter(pk=row.pk, done_at=None).update(
            failed=why[:60], attempts=F("attempts") + 1, next_at=Now() + pause(row.attempts), leased_until=None
        )


def _put_back(row: Outbox) -> None:
    """The key went while the job ran: it has not failed, and is done when the key is brought again."""
    with acting_as(system_account("outbox")), transaction.atomic():
        Outbox.objects.filter(pk=row.pk, done_at=None).update(leased_until=None)


def pause(failures: int) -> timedelta:
    """How long a job rests after failing once more: twice as long each time, up to five minutes."""
    return min(PAUSE * (1 << min(failures, ATTEMPTS)), LONGEST_PAUSE)


@shared_task(name="relocation.jobs.tasks.forget")
def forget() -> int:
    """Remove what is kept for an hour at most, and sessions and counters that are over. Returns how many files and links."""
    SessionStore.clear_expired()
    throttle.forget()
    with acting_as(system_account("retention")), transaction.atomic():
        return forget_expired() + forget_late()


@shared_task(name="relocation.jobs.tasks.sweep")
def sweep() -> int:
    """Ring again for jobs that are due: the broker was away, a worker died, or they failed. Alarms first. Returns how many.

    While Harbour is sealed or locked only alarms ring, and everything else waits in its row. Grants are made to fit what is
    locked, whether or not the broker hears.
    """
    with acting_as(system_account("outbox")), transaction.atomic():
        waiting = allowed().filter(created_at__lt=Now() - AT_LEAST_OLD).order_by("next_at", "pk").values_list("pk", "kind")
        rows = [*waiting.filter(kind__in=ALARMS)[:AT_ONCE], *waiting.exclude(kind__in=ALARMS)[:AT_ONCE]]
    try:
        for pk, kind in rows:
            perform.apply_async(args=(pk,), queue=queue_of(kind))
    finally:
        with acting_as(system_account("outbox")):
            settle()
    return len(rows)

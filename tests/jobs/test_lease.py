"""A job that is being done is in somebody's hands: nobody rings for it, and nothing quick waits behind it."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from relocation.jobs import lease, tasks
from relocation.models import Outbox, system_account
from relocation.models.outbox import JOBS, Job, queue_of
from relocation.safety.actor import acting_as
from tests.jobs.test_outbox import SEVERAL, leave, rings, row
from tests.proofs.crowd import at_once
from tests.safety.processes import until


@pytest.fixture
def work(monkeypatch):
    """Offer a kind of job for one test."""

    def offer(work, **how):
        monkeypatch.setitem(JOBS, "tried", Job(work, **how))

    return offer


def older(pk, **changes):
    with acting_as(system_account("outbox")), transaction.atomic():
        Outbox.objects.filter(pk=pk).update(created_at=timezone.now() - timedelta(minutes=1), **changes)


class TestLease:
    def test_while_it_runs_nobody_rings_and_nobody_does_it_again(self, kestrel, vera, work, monkeypatch):
        done, heard = [], rings(monkeypatch)

        def long(job):
            done.append(job.pk)
            tasks.sweep()
            tasks.perform(job.pk)

        work(long, whole=False)
        pk = leave(vera, kestrel)
        older(pk)
        tasks.perform(pk)
        assert done == [pk] and pk not in heard
        assert row(pk).done_at and row(pk).attempts == 0

    def test_one_whose_worker_died_is_rung_for_again_and_that_counts_as_a_failure(self, kestrel, vera, work, monkeypatch):
        heard = rings(monkeypatch)
        work(lambda job: None)
        pk = leave(vera, kestrel)
        older(pk, leased_until=timezone.now() + timedelta(minutes=1))
        tasks.sweep()
        assert pk not in heard
        older(pk, leased_until=timezone.now() - timedelta(minutes=1))
        tasks.sweep()
        assert pk in heard
        tasks.perform(pk)
        assert row(pk).done_at and row(pk).attempts == 1

    def test_one_that_kills_every_worker_is_given_up(self, kestrel, vera, work, monkeypatch):
        heard = rings(monkeypatch)
        work(lambda job: None)
        pk = leave(vera, kestrel)
        older(pk, leased_until=timezone.now() - timedelta(minutes=1), attempts=tasks.ATTEMPTS)
        tasks.sweep()
        tasks.perform(pk)
        assert pk not in heard and row(pk).done_at is None

    @SEVERAL
    def test_a_long_one_says_that_its_worker_lives_until_it_is_done(self, kestrel, vera, work, monkeypatch):
        monkeypatch.setattr(lease, "OFTEN", timedelta(seconds=0.02))
        seen = []

        def long(job):
            first = row(job.pk).leased_until
            seen.append(until(lambda: row(job.pk).leased_until > first, 10))

        work(long, whole=False)
        pk = leave(vera, kestrel)
        tasks.perform(pk)
        assert len(seen) == 1 and row(pk).done_at and row(pk).leased_until is None and row(pk).attempts == 0

    @SEVERAL
    def test_one_in_a_single_transaction_is_not_done_twice_however_long_it_takes(self, kestrel, vera, work, monkeypatch):
        monkeypatch.setattr(tasks, "LEASE", timedelta(seconds=-1))
        done = []

        def long(job):
            done.append(job.pk)
            assert at_once(lambda _number: tasks.perform(job.pk), 1) == {"done": 1}

        work(long)
        pk = leave(vera, kestrel)
        tasks.perform(pk)
        assert done == [pk] and row(pk).done_at

    def test_the_pause_grows_and_has_an_end(self):
        pauses = [tasks.pause(failures) for failures in range(20)]
        assert pauses == sorted(pauses) and pauses[0] < timedelta(minutes=1) < pauses[-1] == tasks.LONGEST_PAUSE


class TestQueues:
    @pytest.mark.nodb
    def test_papers_and_imports_have_a_queue_of_their_own(self):
        assert {kind for kind in JOBS if queue_of(kind) == "slow"} == {"make_paper", "import_referrals", "propose", "wave_step"}

    @pytest.mark.nodb
    def test_one_worker_hears_everything_and_another_only_what_is_quick(self):
        from django.conf import settings

        from config.run import celery

        assert {queue.name for queue in settings.CELERY_TASK_QUEUES} == {"celery", "slow"}
        assert "-Q" not in celery()["worker"] and celery()["bell"][-2:] == ["-Q", "celery"]

    def test_the_bell_rings_on_the_queue_of_the_kind(self, kestrel, vera, work, monkeypatch, django_capture_on_commit_callbacks):
        heard = []
        monkeypatch.setattr("celery.Celery.send_task", lambda self, name, queue, **rest: heard.append(queue))
        for slow in (True, False):
            work(lambda job: None, slow=slow)
            with django_capture_on_commit_callbacks(execute=True):
                leave(vera, kestrel, str(slow))
        assert heard == ["slow", "celery"]

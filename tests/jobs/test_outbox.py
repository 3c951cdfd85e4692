"""Jobs are rows: done once however often the bell rings, given up when refused, tried again when they fail."""

import base64
import json
import subprocess
import sys
import time
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from conftest import BOTH
from relocation.jobs import tasks
from relocation.models import DuplicateCheck, LedgerEntry, Outbox, system_account
from relocation.models.outbox import JOBS, Job, put
from relocation.safety import access
from relocation.safety.actor import acting_as, current
from relocation.safety.policy import Role
from tests import beside
from tests.proofs.crowd import at_once
from tests.safety.committed import as_
from tests.safety.raw import sql

SEVERAL = pytest.mark.django_db(transaction=True, databases=BOTH)
QUEUE = "celery"


@pytest.fixture
def kind(monkeypatch):
    """Offer a kind of job for one test."""

    def offer(work, *, whole=True):
        monkeypatch.setitem(JOBS, "tried", Job(work, whole))

    return offer


def leave(by, case, key="1"):
    """Leave a job as somebody; its number."""
    with as_(by):
        put("tried", by=by, key=key, case=case.pk)
        return Outbox.objects.get(key=f"tried:{key}").pk


def rested(pk):
    """The job as if its pause were over."""
    with acting_as(system_account("outbox")), transaction.atomic():
        Outbox.objects.filter(pk=pk).update(next_at=timezone.now() - timedelta(minutes=1))


def rings(monkeypatch):
    """Bells that are rung from now on, by number."""
    heard = []
    monkeypatch.setattr(tasks.perform, "apply_async", lambda args, **rest: heard.append(args[0]))
    return heard


def row(pk):
    with acting_as(system_account("outbox")), transaction.atomic():
        return Outbox.objects.get(pk=pk)


class TestOnce:
    def test_a_job_is_done_once_though_rung_twice(self, kestrel, vera, kind):
        done = []
        kind(lambda job: done.append(current()))
        pk = leave(vera, kestrel)
        for _ring in range(3):
            tasks.perform(pk)
        assert done == [vera.pk] and row(pk).done_at and row(pk).attempts == 0

    @SEVERAL
    def test_nor_twice_when_two_workers_hear_the_bell_at_once(self, kestrel, vera, kind):
        done = []

        def work(job):
            done.append(job.pk)
            time.sleep(0.2)

        kind(work)
        pk = leave(vera, kestrel)
        assert at_once(lambda _number: tasks.perform(pk), 4) == {"done": 4}
        assert done == [pk] and row(pk).done_at

    def test_one_key_has_one_effect(self, kestrel, vera):
        leave(vera, kestrel)
        with pytest.raises(Exception, match="outbox_key"), transaction.atomic():
            leave(vera, kestrel)

    def test_its_effect_and_its_end_are_one(self, kestrel, vera, kind):
        def half(job):
            DuplicateCheck(case_id=kestrel.pk, by=vera).save(force_insert=True)
            raise RuntimeError("power cut")

        with as_(vera):
            before = DuplicateCheck.objects.count()
        kind(half)
        pk = leave(vera, kestrel)
        tasks.perform(pk)
        with as_(vera):
            assert DuplicateCheck.objects.count() == before
        assert row(pk).done_at is None

    def test_a_number_that_names_no_job_does_nothing(self, ground):
        assert tasks.perform(987654321) is None


class TestRefused:
    def test_access_is_asked_again_when_it_runs_and_the_ledger_says_so(self, kestrel, vera, mara, kind):
        done = []

        def work(job):
            access.require(job.originator, "card.write", kestrel.pk)
            done.append(job.pk)

        kind(work)
        allowed, refused = leave(vera, kestrel), leave(vera, kestrel, "2")
        tasks.perform(allowed)
        with as_(mara):
            access.dismiss(vera, Role.LEAD, kestrel.pk, by=mara)
        tasks.perform(refused)
        assert done == [allowed]
        assert (row(refused).failed, bool(row(refused).done_at)) == ("denied", True)
        with as_(mara):
            assert LedgerEntry.objects.filter(what="denied.card.write", actor_id=vera.pk, case_id=kestrel.pk).count() == 1

    def test_what_was_given_up_is_not_tried_again(self, kestrel, charlie, vera, kind, monkeypatch):
        kind(lambda job: access.require(job.originator, "card.write", kestrel.pk))
        pk = leave(charlie, kestrel)
        tasks.perform(pk)
        assert self.rung(monkeypatch, pk) == []

    def rung(self, monkeypatch, pk):
        heard = rings(monkeypatch)
        with acting_as(system_account("outbox")), transaction.atomic():
            ago = timezone.now() - timedelta(minutes=1)
            Outbox.objects.filter(pk=pk).update(created_at=ago, next_at=ago)
            Outbox.objects.exclude(pk=pk).update(done_at=timezone.now())
        tasks.sweep()
        return heard

    def test_the_sweep_itself_sees_no_case(self, kestrel):
        with acting_as(system_account("outbox")), transaction.atomic():
            assert sql("SELECT count(*) FROM relocation_case") == (0,)
            assert sql("SELECT count(*) FROM relocation_outbox")[0] > 0


class TestFailing:
    def test_it_is_tried_again_and_the_errors_text_is_kept_nowhere(self, kestrel, vera, kind, monkeypatch, caplog):
        trouble = [RuntimeError("Elfova hides in Birch lane")]
        kind(lambda job: (_ for _ in ()).throw(trouble.pop()) if trouble else None)
        pk = leave(vera, kestrel)
        tasks.perform(pk)
        failed = row(pk)
        assert (failed.failed, failed.done_at, failed.attempts) == ("RuntimeError", None, 1)
        with acting_as(system_account("outbox")), transaction.atomic():
            assert "Birch" not in sql("SELECT o::text FROM relocation_outbox o WHERE id = %s", pk)[0]
        assert "Birch" not in caplog.text and "Elfova" not in caplog.text
        assert row(pk).next_at > timezone.now()
        tasks.perform(pk)
        assert row(pk).done_at is None, "it rests first"
        for heard in TestRefused().rung(monkeypatch, pk):
            tasks.perform(heard)
        assert row(pk).done_at and row(pk).failed == ""

    def test_young_jobs_are_left_to_the_bell(self, kestrel, vera, kind, monkeypatch):
        kind(lambda job: None)
        pk = leave(vera, kestrel)
        heard = rings(monkeypatch)
        tasks.sweep()
        assert pk not in heard

    def test_after_eight_times_somebody_must_look(self, kestrel, vera, kind, monkeypatch):
        def fails(job):
            raise RuntimeError

        kind(fails)
        pk = leave(vera, kestrel)
        for _time in range(12):
            rested(pk)
            tasks.perform(pk)
        assert row(pk).attempts == tasks.ATTEMPTS == 8
        assert TestRefused().rung(monkeypatch, pk) == []


@pytest.fixture
def queue():
    """The broker's list of bells, emptied before."""
    client = redis.from_url(settings.REDIS_URL.replace("redis+socket", "unix"))
    client.delete(QUEUE)
    yield client
    client.delete(QUEUE)
    client.close()


@SEVERAL
class TestTheBell:
    def test_it_carries_one_number_and_nothing_else(self, kestrel, vera, kind, queue):
        kind(lambda job: None)
        pk = leave(vera, kestrel)
        message = json.loads(queue.lrange(QUEUE, 0, -1)[0])
        arguments, named, _embedded = json.loads(base64.b64decode(message["body"]))
        assert (arguments, named) == ([pk], {})
        assert message["content-type"] == "application/json"
        assert "Kestrel" not in json.dumps(message) and str(kestrel.pk) not in json.dumps(message)

    def test_it_does_not_ring_for_what_was_rolled_back(self, kestrel, vera, queue):
        with pytest.raises(RuntimeError), as_(vera):
            put("tried", by=vera, key="never", case=kestrel.pk)
            raise RuntimeError
        assert queue.llen(QUEUE) == 0

    def test_with_the_broker_away_the_work_goes_on(self, kestrel, vera, kind, monkeypatch):
        def away(*args, **rest):
            raise ConnectionError

        monkeypatch.setattr("celery.Celery.send_task", away)
        pk = leave(vera, kestrel)
        assert row(pk).done_at is None


@pytest.fixture
def worker(queue):
    """A real worker process over Valkey, on the tests' databases, as the app's role, for as long as one test."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config.celery",
        "worker",
        "-c1",
        "-l",
        "error",
        "--without-gossip",
        "--without-mingle",
    ]
    pipe, env = subprocess.PIPE, beside.environment()
    process = subprocess.Popen(command, env=env, cwd=settings.BASE_DIR, stdout=pipe, stderr=subprocess.STDOUT)
    yield process
    process.terminate()
    said = process.communicate(timeout=30)[0].decode()
    assert "Traceback" not in said, said


@SEVERAL
def test_a_worker_over_the_socket_does_the_jobs(kestrel, vera, mara, worker):
    with as_(vera):
        put("tell_lead", by=vera, key="heard", case=kestrel.pk)
    with acting_as(system_account("outbox")), transaction.atomic():
        pk = Outbox.objects.get(key="tell_lead:heard").pk
    until = time.monotonic() + 120  # a busy machine starts a worker slowly
    while not row(pk).done_at and time.monotonic() < until:
        assert worker.poll() is None, "the worker stopped"
        time.sleep(0.1)
    tasks.perform.delay(pk)
    time.sleep(0.3)
    assert (bool(row(pk).done_at), row(pk).attempts, row(pk).failed) == (True, 0, "")

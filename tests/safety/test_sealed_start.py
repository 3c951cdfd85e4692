"""A sealed house, as real processes: one page, jobs that wait, and no restart when the key comes and when it goes."""

from io import StringIO

import pytest
import redis
from django.conf import settings as configured
from django.core.management import call_command
from django.db import transaction

from conftest import BOTH
from relocation.jobs import tasks
from relocation.models import Outbox, system_account
from relocation.models.outbox import put
from relocation.safety import keys, shares
from relocation.safety.actor import acting_as
from tests.safety.committed import as_
from tests.safety.custodians import brought
from tests.safety.processes import asked, at_tests_databases, pages, running, until, worker

WITHIN = 5  # seconds


@pytest.fixture
def key_file(settings, ground):
    """The master key in a file of this test's own, in memory."""
    with brought(settings) as path:
        yield path


@pytest.fixture
def queue():
    """The broker's list of bells, emptied before and after."""
    client = redis.from_url(configured.REDIS_URL.replace("redis+socket", "unix"))
    client.delete("celery")
    yield
    client.delete("celery")
    client.close()


def job():
    with acting_as(system_account("outbox")), transaction.atomic():
        return Outbox.objects.get(key="tell_lead:sealed")


@pytest.mark.django_db(transaction=True, databases=BOTH)
def test_pages_and_worker_notice_the_key_come_and_go(kestrel, vera, key_file, queue, monkeypatch):
    with as_(vera):
        put("tell_lead", by=vera, key="sealed", case=kestrel.pk)
    written = "\n".join(share.written() for share in shares.split(1, keys.master_key(1)))
    keys.forget()
    environment = at_tests_databases(HARBOUR_KEY_FILE=str(key_file))
    with running(worker(), environment), pages(environment) as (address, _process):
        assert asked(f"{address}/healthz") == (503, b"sealed\n")
        answers = {
            asked(address + page) for page in ("/", "/sign-in/", "/cases/", f"/cases/{kestrel.pk}/", "/nowhere/", "/verify/")
        }
        assert len(answers) == 1 and answers.pop()[0] == 503
        assert asked(f"{address}/static/app.css")[0] == asked(f"{address}/left")[0] == 200
        tasks.perform.delay(job().pk)
        until(lambda: is_empty(configured.REDIS_URL), 60)
        assert tasks.sweep() == 0 and (job().done_at, job().attempts, job().failed) == (None, 0, "")

        monkeypatch.setattr("sys.stdin", StringIO(written))
        call_command("unseal", stdout=StringIO())
        until(lambda: asked(f"{address}/healthz") == (200, b"ok\n"), WITHIN)
        assert asked(f"{address}/sign-in/")[0] == 200
        tasks.perform.delay(job().pk)
        until(lambda: job().done_at is not None, 30)
        assert job().attempts == 0

        call_command("unseal", forget=0, stdout=StringIO())
        until(lambda: asked(f"{address}/sign-in/")[0] == 503, WITHIN)


def is_empty(broker):
    with redis.from_url(broker.replace("redis+socket", "unix")) as client:
        return not client.llen("celery") and not client.hlen("unacked")


def test_a_key_that_goes_while_a_job_runs_is_no_failure_of_the_job(kestrel, vera, key_file, monkeypatch):
    from relocation.models.outbox import JOBS, Job

    def work(row):
        keys.forget()
        keys.subkey(kestrel.pk, "card")

    monkeypatch.setitem(JOBS, "tell_lead", Job(work, True))
    with as_(vera):
        put("tell_lead", by=vera, key="sealed", case=kestrel.pk)
    tasks.perform(job().pk)
    assert (job().done_at, job().attempts, job().failed, job().leased_until) == (None, 0, "", None)

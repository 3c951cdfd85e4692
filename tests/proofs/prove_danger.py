"""G47 and G48: all is locked within seconds whatever server is down, and what must not happen reaches people.

Missed check-ins, the other half of G48, are in `prove_ladder`.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from conftest import BOTH
from fiction import decoys
from relocation.jobs import danger, tasks
from relocation.journey.glass import break_glass
from relocation.models import Account, Case, CaseGrant, Outbox, Session, Signal, system_account
from relocation.models.outbox import ALARMS, put
from relocation.safety import access, keys, lockdown
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from tests.cast import seated
from tests.proofs.tally import QUICK, Tally, guarantee, scale
from tests.safety.committed import as_, kestrel, referred
from tests.safety.custodians import brought
from tests.safety.processes import asked, at_tests_databases, pages, running, until, worker
from tests.safety.raw import sql

__all__ = ["kestrel", "referred"]
pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)
SECONDS, MINUTE = 5, 60
NOWHERE = {"REDIS_URL": "redis+socket:///nowhere/valkey.sock"}
NO_DATABASE = dict.fromkeys(("DATABASE_URL", "KEYS_DATABASE_URL"), "postgresql://harbour_app@%2Fnowhere/harbour")
BOTH_DOWN = NOWHERE | NO_DATABASE
DOWN = {"both down": BOTH_DOWN} if QUICK else {"all up": {}, "Valkey down": NOWHERE, "PostgreSQL down": NO_DATABASE}


@pytest.fixture
def key_file(settings: Any, ground: Any) -> Iterator[Path]:
    """The master key in a file of this proof's own, in memory."""
    with brought(settings) as path:
        yield path
        lockdown.place().unlink(missing_ok=True)


def locking(environment: dict[str, str]) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """What the operator types, from the moment in which Enter is pressed."""
    return running([sys.executable, "manage.py", "lockdown", "--yes"], environment)


@guarantee("G47")
@pytest.mark.parametrize("down", [*DOWN.values()], ids=DOWN)
def test_everything_is_locked_within_seconds(
    down: dict[str, str], kestrel: Case, vera: Account, key_file: Path, tally: Tally, monkeypatch: Any
) -> None:
    """Pages as real processes, whose servers are there or are not; then the key is gone, and nothing is served."""
    environment = at_tests_databases(HARBOUR_KEY_FILE=str(key_file)) | down
    written = keys.master_key(1)
    browser = seated(vera)
    with pages(environment) as (address, _process):
        open_before = asked(f"{address}/sign-in/")[0]
        tally.check(open_before in (200, 500), f"the pages did not start: {open_before}")
        began = time.monotonic()
        with locking(environment) as typed:
            with suppress(TimeoutError):
                until(lambda: asked(f"{address}/")[0] == 503 and not key_file.exists(), MINUTE)
            took = time.monotonic() - began
            tally.check(typed.wait(MINUTE) == 0, "the command failed")
        tally.check(took <= SECONDS, f"pages were served, or the key was there, for {took:.1f} s after Enter")
        tally.count("tenths of a second, summed", round(took * 10))
        for page in ("/sign-in/", "/cases/", f"/cases/{kestrel.pk}/", "/verify/", "/sign-in/join/abc/", "/healthz"):
            tally.count("served", not tally.check(asked(address + page)[0] == 503, f"{page} is served"))
    tally.check(not key_file.exists(), "the key is still in memory")
    tally.check(lockdown.is_locked() and tasks.allowed().exclude(kind__in=ALARMS).count() == 0, "workers take jobs")
    keys.write_master_key(key_file, 1, written)
    tally.check(browser.get("/").status_code == 503, "the key alone opens it again")
    lockdown.open_again()  # as unseal does, once two custodians have brought the key
    tally.count("sessions left", not tally.check(not Session.objects.exists(), "a session of before is left"))
    tally.check(browser.get("/cases/").status_code == 302, "a session of before opens something")


@guarantee("G47")
def test_a_worker_takes_no_job_and_alarms_still_leave(
    kestrel: Case, vera: Account, key_file: Path, tally: Tally, settings: Any
) -> None:
    said = key_file.with_name("rang")
    environment = at_tests_databases(HARBOUR_KEY_FILE=str(key_file), HARBOUR_ALARM_COMMAND=f"touch {said}")
    with running(worker(), environment):
        call_command("lockdown", yes=True, stdout=StringIO())
        with as_(vera):
            put("tell_lead", by=vera, key="locked", case=kestrel.pk)
            put("ring_on_call", by=vera, key="locked")
        with suppress(TimeoutError):
            until(said.exists, MINUTE)
        tally.check(said.exists(), "an alarm did not leave")
    with acting_as(system_account("outbox")), transaction.atomic():
        waiting = Outbox.objects.get(key="tell_lead:locked")
    tally.count("jobs taken", not tally.check((waiting.done_at, waiting.attempts) == (None, 0), "a worker took a job"))


@guarantee("G48")
def test_break_glass_alerts_two_others_and_ends_by_itself(kestrel: Case, ground: Any, tally: Tally, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    from django.core import mail

    for name in ("nina", "tomas", "vera")[: scale(3, 1)]:
        by, began = ground[name], time.monotonic()
        mail.outbox.clear()
        with as_(by):
            opened = break_glass(kestrel.code, by=by, reason="nobody answers")
        tally.check(opened == kestrel.pk, f"{name} opened nothing")
        _drain()
        told = {address for message in mail.outbox for address in message.to}
        tally.check(len(told - {by.email}) >= 2, f"{name}: two others were not told: {told}")
        tally.check(time.monotonic() - began <= MINUTE, "it took longer than a minute")
        tally.count(
            "content in mails", sum(kestrel.alias in f"{m.subject}{m.body}" or kestrel.code in m.body for m in mail.outbox)
        )
        with as_(by):
            grant = CaseGrant.objects.get(user=by, permission__codename=Role.GLASS)
            tally.check(grant.expires_at - timezone.now() <= timedelta(minutes=30), "it lasts longer than half an hour")
        _half_an_hour_later(by)
        with as_(by):
            still = CaseGrant.objects.filter(user=by, permission__codename=Role.GLASS).exists()
            tally.count("open after half an hour", not tally.check(not still, f"{name} still reads after half an hour"))
            tally.check(not access.may(by, "location.reveal", kestrel.pk), f"{name} still looks at places")


def _half_an_hour_later(by: Account) -> None:
    """As if the clock had gone on; only the owner of the tables moves what was given back in time."""
    from config.owner import as_owner

    with as_owner("default"), transaction.atomic():
        sql("ALTER TABLE relocation_casegrant DISABLE TRIGGER given")
        half, glass = "interval '31 minutes'", "permission_id = (SELECT id FROM auth_permission WHERE codename = 'glass')"
        set_back = f"SET granted_at = granted_at - {half}, expires_at = expires_at - {half}"
        sql(f"UPDATE relocation_casegrant {set_back} WHERE {glass} AND user_id = %s", by.pk)
        sql("ALTER TABLE relocation_casegrant ENABLE TRIGGER given")


def _drain() -> None:
    """What the worker does when the clock rings, until nothing waits."""
    for _round in range(5):
        with acting_as(system_account("outbox")), transaction.atomic():
            waiting = [*tasks.due().values_list("pk", flat=True)]
        for pk in waiting:
            tasks.perform(pk)


@guarantee("G48")
def test_every_touch_of_honey_alarms_and_ordinary_use_never_does(
    kestrel: Case, ground: Any, tally: Tally, django_user_model: type[Account]
) -> None:
    list(decoys.make("Eastern Shore", decoys=1, cases=scale(6, 2)))
    honeyed = _honey(ground)
    for name in ("vera", "mara", "ilya", "tomas", "nina"):
        browser, case = seated(ground[name]), f"/cases/{kestrel.pk}/"
        for page in (
            "/",
            "/cases/",
            "/cases/?q=Kestrel",
            f"/cases/?q={kestrel.code}",
            case,
            f"{case}people/",
            "/approvals/",
            "/stays/",
        ):
            browser.get(page)
            tally.total += 1
    alarms = _noticed(ground["anton"])
    tally.count("false alarms", alarms)
    tally.check(alarms == 0, "ordinary use raised an alarm")
    touches = 0
    for case_id, code in honeyed:
        for by, touch in _touches(ground, case_id, code):
            before = _noticed(ground["anton"])
            touch()
            touches += 1
            tally.check(_noticed(ground["anton"]) > before, f"{by} touched a honey case and nobody heard")
    tally.count("touches", touches)
    with acting_as(system_account("outbox")), transaction.atomic():
        row = Outbox.objects.filter(kind="tell_danger").last()
    assert row is not None
    with acting_as(row.originator_id), transaction.atomic():
        tally.check(len(danger.watching(row)) >= 2, "fewer than two are told")


def _honey(ground: Any) -> list[tuple[Any, str]]:
    found = []
    for account in Account.objects.filter(organisation__name="Eastern Shore"):
        with as_(account):
            found += list(Case.objects.visible_to(account).values_list("pk", "code"))
    return sorted(set(found))


def _touches(ground: Any, case_id: Any, code: str) -> Iterator[tuple[str, Any]]:
    vera, nina, charlie = seated(ground["vera"]), seated(ground["nina"]), seated(ground["charlie"])
    yield "an opened page", lambda: vera.get(f"/cases/{case_id}/")
    yield "an opened page of another house", lambda: charlie.get(f"/cases/{case_id}/reveal/identity/")
    yield "a step", lambda: nina.post(f"/cases/{case_id}/steps/verify/", {"version": 0, "do": "take"})
    yield "a search", lambda: nina.get("/cases/", {"q": code})

    def breaks() -> None:
        with as_(ground["tomas"]):
            break_glass(code, by=ground["tomas"], reason="x")

    yield "break-glass", breaks


def _noticed(auditor: Account) -> int:
    with as_(auditor):
        return Signal.objects.filter(kind="honey").count()

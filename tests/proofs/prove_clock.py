"""G40: a full disk refuses calmly and leaves nothing half; what ends, ends by the database's clock, whatever ours shows."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from conftest import BOTH
from fiction.pictures import photograph
from logistics import ladder
from relocation.jobs import retaining, tasks
from relocation.journey.recording import write
from relocation.models import Account, Case, Document
from relocation.models.outbox import put
from relocation.safety import access
from relocation.safety.policy import Role
from tests.cast import seated
from tests.proofs import owner
from tests.proofs.prove_ladder import watched
from tests.proofs.tally import Tally, guarantee, scale
from tests.safety.committed import as_, kestrel, referred
from tests.safety.processes import at_tests_databases

__all__ = ["kestrel", "referred"]
pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)
FULL = """CREATE FUNCTION harbour_no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"""
ZONES = ("UTC", "Pacific/Auckland", "America/St_Johns", "Asia/Kathmandu")


@contextmanager
def no_room(table: str) -> Iterator[None]:
    """PostgreSQL's own error for a full disk, as soon as a row of this table is written."""
    owner.rows(FULL)
    owner.rows(f"CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION harbour_no_room()")
    try:
        yield
    finally:
        owner.rows("DROP FUNCTION harbour_no_room() CASCADE")


@guarantee("G40")
@pytest.mark.parametrize("table", ["relocation_scan", "relocation_ledgerentry", "logistics_checkin", "relocation_alarm"])
def test_on_a_full_disk_a_page_refuses_and_nothing_is_half(kestrel: Case, vera: Account, tally: Tally, table: str) -> None:
    with as_(vera):
        document = write(Document(case=kestrel, kind="photo"), by=vera)
    desk, case = seated(vera), f"/cases/{kestrel.pk}/"
    desk.raise_request_exception = False
    posts: dict[str, tuple[str, dict[str, Any]]] = {
        "relocation_scan": (reverse("desk:document", args=[kestrel.pk, document.pk]), {"add": "1"}),
        "logistics_checkin": (f"{case}check-ins/", {"outcome": "no_answer", "channel": "phone", "word": "gooseberry"}),
        "relocation_alarm": (f"{case}alarm/", {}),
        "relocation_ledgerentry": (f"{case}check-ins/", {"outcome": "no_answer", "channel": "phone"}),
    }
    address, told = posts[table]

    def send() -> Any:
        more = {"page": SimpleUploadedFile("page.jpg", photograph())} if table == "relocation_scan" else {}
        return desk.post(address, told | more)

    before = owner.digests()
    with no_room(table):
        answer = send()
    text = answer.content.decode()
    if table == "relocation_ledgerentry":
        tally.check(answer.status_code in (500, 507), f"without a ledger it was answered {answer.status_code}")
    else:
        tally.check(answer.status_code == 507 and "no room left" in text, f"{table}: {answer.status_code}")
    tally.check("Traceback" not in text and "extend file" not in text, "the page shows what broke")
    tally.check(table != "logistics_checkin" or "gooseberry" in text, "what was typed is lost")
    changed = [name for name in owner.changed(before) if name != "relocation_looks"]
    tally.check(changed == [], f"{table}: written all the same: {changed}")
    tally.count("partial states", len(changed))
    tally.check(send().status_code == 302, f"{table}: with room again it is not taken")
    orphans = "SELECT count(*) FROM relocation_scan s WHERE s.body IS NULL OR length(s.body) = 0"
    tally.check(owner.rows(orphans) == [(0,)], "a row stands without its file")
    tally.count("rows without files", owner.rows(orphans)[0][0])


@guarantee("G40")
def test_a_job_waits_for_room_and_is_done_then(kestrel: Case, vera: Account, tally: Tally) -> None:
    with as_(vera):
        put("moved", by=vera, key="full", case=kestrel.pk)
    number = owner.rows("SELECT id FROM relocation_outbox WHERE key = 'moved:full'")[0][0]
    done = "SELECT done_at IS NOT NULL, failed FROM relocation_outbox WHERE id = %s"
    with no_room("relocation_outbox"):
        try:
            tasks.perform(number)
        except Exception:  # the worker lives on: Celery keeps it, the row stays, and the sweep rings again
            tally.count("rang in vain")
    tally.check(owner.rows(done, number)[0][0] is False, "a job was called done on a full disk")
    owner.rows("UPDATE relocation_outbox SET leased_until = NULL, next_at = now() WHERE id = %s", number)
    tasks.perform(number)
    tally.check(owner.rows(done, number) == [(True, "")], "with room again the job is not done")


@guarantee("G40")
def test_an_anchor_that_finds_no_room_leaves_nothing_and_is_made_later(
    kestrel: Case, tally: Tally, tmp_path: Path, settings: Any
) -> None:
    """A real process whose files may not grow; what it left is swept by the next one."""
    environment = at_tests_databases(HARBOUR_ANCHOR_FOLDER=str(tmp_path))
    made = "SELECT count(*) FROM relocation_ledgerentry WHERE what = 'anchor.made'"
    before = owner.rows(made)
    command = [sys.executable, "manage.py", "anchor"]

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))

    failed = subprocess.run(
        command, env=environment, cwd=settings.BASE_DIR, capture_output=True, preexec_fn=small, check=False, timeout=120
    )
    tally.check(failed.returncode != 0 and owner.rows(made) == before, "an anchor without its file is known")
    tally.check(not list(tmp_path.glob("anchor-*.json")), "half an anchor stands there as a whole one")
    tally.count("rows without files", owner.rows(made)[0][0] - before[0][0])
    done = subprocess.run(command, env=environment, cwd=settings.BASE_DIR, capture_output=True, check=False, timeout=120)
    tally.check(done.returncode == 0 and len(list(tmp_path.glob("anchor-*.json"))) == 1, "with room again no anchor is made")
    tally.check(not list(tmp_path.glob(".anchor-*")), "an orphan was not swept")


@guarantee("G40")
@pytest.mark.parametrize("hours", [-24, 24], ids=["a day slow", "a day fast"])
def test_whatever_our_clock_shows_things_end_by_the_databases(
    kestrel: Case, ground: Any, tally: Tally, monkeypatch: Any, hours: int
) -> None:
    vera, mara = ground["vera"], ground["mara"]
    soon = timezone.now() + timedelta(hours=12)
    with as_(mara):
        access.admit(ground["nina"], Role.WORKER, kestrel.pk, by=mara, reason="today", until=soon)
        access.admit(ground["tomas"], Role.CLINICIAN, kestrel.pk, by=mara, reason="a moment", until=soon)
    ended = "UPDATE relocation_casegrant SET expires_at = clock_timestamp() WHERE user_id = %s AND expires_at = %s"
    owner.rows(ended, ground["tomas"].pk, soon)
    late, waiting = watched(ground, "Dunlin", 61), watched(ground, "Godwit", 59)
    with as_(vera):
        put("moved", by=vera, key=f"clock {hours}", case=kestrel.pk)
        put("moved", by=vera, key=f"later {hours}", case=kestrel.pk)
    owner.rows("UPDATE relocation_outbox SET next_at = now() + interval '12 hours' WHERE key = %s", f"moved:later {hours}")
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(hours=hours))
    with as_(mara):
        held = {
            name: access.may(ground[name], f"{what}.read", kestrel.pk) for name, what in (("nina", "card"), ("tomas", "medical"))
        }
    right_then = {"nina": True, "tomas": False}
    tally.count("ended at the wrong time", sum(held[name] != right_then[name] for name in right_then))
    tally.check(held == right_then, f"grants: {held}")
    climbed = ladder.look()
    rungs = "SELECT count(*) FROM logistics_rung WHERE plan_id = %s"
    tally.check(climbed == 1 and owner.rows(rungs, late.pk) == [(1,)], f"climbed {climbed}")
    tally.check(owner.rows(rungs, waiting.pk) == [(0,)], "somebody within their grace was missed")
    keys = owner.rows("SELECT key FROM relocation_outbox WHERE done_at IS NULL AND next_at <= now() AND key LIKE '%%clock%%'")
    tally.check(len(keys) == 1, "a job that is due is not")
    tally.check(retaining.retention() == 0, "something went before its time")


@guarantee("G40")
def test_clocks_that_change_move_no_check_in(kestrel: Case, tally: Tally) -> None:
    """Every day of two years and both changes of the clock, in four zones of the person and four of the connection."""
    days = scale(730, 60)
    begins = datetime(2026, 9, 20, 18, 0, tzinfo=UTC)
    question = """SELECT count(*) FILTER (WHERE to_char(d AT TIME ZONE z, 'HH24:MI') <> to_char(h AT TIME ZONE z, 'HH24:MI')),
      count(*) FILTER (WHERE s <> h + interval '6 hours'), count(*)
      FROM generate_series(%s::timestamptz, %s::timestamptz, interval '24 hours') h,
      unnest(ARRAY['Europe/Berlin', 'America/New_York', 'Australia/Sydney', 'Asia/Omsk']) z,
      harbour_due(%s, NULL, h, 24, z, NULL, NULL) d, harbour_due(%s, NULL, h, 6, z, NULL, NULL) s"""
    for zone in ZONES:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('TimeZone', %s, false)", [zone])
            cursor.execute(question, [begins, begins + timedelta(days=days), begins, begins])
            moved, drifted, tried = cursor.fetchone()
            cursor.execute("SELECT set_config('TimeZone', 'UTC', false)")
        tally.check(moved == 0, f"{zone}: {moved} daily check-ins moved")
        tally.check(drifted == 0, f"{zone}: {drifted} six hours were not six hours")
        tally.count("moments", tried)

"""G48 and L1: whoever is not heard from is missed, each rung once, however many look, die or stand still meanwhile."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from conftest import BOTH
from fiction.telling import do_jobs
from logistics import check_ins, ladder
from logistics.climbing import SYSTEM
from relocation.journey.referring import assign, refer
from relocation.models import Case, CheckInPlan
from tests.cast import referral
from tests.proofs import owner
from tests.proofs.crowd import at_once
from tests.proofs.tally import SEED, Tally, guarantee, scale
from tests.safety.committed import as_
from tests.safety.processes import at_tests_databases, running, until

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)
GRACE, SECOND, ON_CALL, LAWYER = range(4)
LOOK = (sys.executable, "manage.py", "check_ins")
RUNGS = "SELECT rung, told FROM logistics_rung WHERE plan_id = %s ORDER BY rung"
TOLD = "SELECT count(*), count(DISTINCT plan_id) FROM logistics_rung WHERE told AND rung = %s"


def watched(ground: Any, alias: str, minutes: int) -> CheckInPlan:
    """Somebody who should have been heard from so many minutes ago; an hour of grace, a rung every half hour."""
    mara, vera = ground["mara"], ground["vera"]
    with as_(mara):
        phone = f"+7999{sum(map(ord, alias)) % 1000:03}{len(alias):02}{ord(alias[-1]):02}"[:12]
        born = refer(referral(alias=alias, surname=f"{alias}ова", phone=phone), by=mara)
        assign(born.pk, vera, by=mara, reason="has room")
    with as_(vera):
        plan = CheckInPlan(case_id=born.pk, by=vera, starts_at=timezone.now() - timedelta(minutes=minutes))
        plan.codeword, plan.duress_word = "blackcurrant", "rowanberry"
        plan.save(force_insert=True)
    return plan


def later(minutes: int) -> None:
    """As if that time had passed everywhere."""
    ago = f"- interval '{minutes} minutes'"
    owner.rows(f"UPDATE relocation_checkinplan SET starts_at = starts_at {ago}")
    owner.rows(f"UPDATE logistics_rung SET due_at = due_at {ago}, at = at {ago}")


def written(case_id: Any, what: str) -> int:
    question = "SELECT count(*) FROM relocation_ledgerentry WHERE case_id = %s AND actor_id = %s AND what = %s"
    return int(owner.rows(question, case_id, SYSTEM, what)[0][0])


def once(plan: CheckInPlan, tally: Tally, rungs: list[tuple[int, bool]], *codes: str) -> None:
    """Exactly these rungs stand, each said once in the ledger, with one job for each that told somebody."""
    tally.check(owner.rows(RUNGS, plan.pk) == rungs, f"rungs: {owner.rows(RUNGS, plan.pk)}")
    for code in codes:
        times = written(plan.case_id, code)
        tally.check(times == 1, f"{code} was said {times} times")
        tally.count("double rungs", max(0, times - 1))
    jobs = "SELECT count(*) FROM relocation_outbox WHERE kind = 'tell_rung' AND ids->>'case' = %s"
    told = sum(1 for _rung, told in rungs if told)
    tally.check(owner.rows(jobs, str(plan.case_id)) == [(told,)], "jobs that tell are not as many as rungs that told")


@guarantee("G48")
@guarantee("L1")
def test_many_sweeps_at_once_and_hours_of_silence_climb_each_rung_once(ground: Any, tally: Tally) -> None:
    many = scale(20, 6)
    plan, slept = watched(ground, "Kestrel", 61), watched(ground, "Plover", 900)
    waiting = watched(ground, "Heron", 59)
    at_once(lambda _number: ladder.look(), many)
    once(plan, tally, [(GRACE, True)], "ladder.grace")
    once(slept, tally, [(GRACE, False), (SECOND, False), (ON_CALL, True)], "ladder.on_call")
    tally.check(owner.rows(RUNGS, waiting.pk) == [], "somebody within their grace was missed")
    tally.check(written(slept.case_id, "ladder.grace") == 0, "what was passed over was said all the same")
    later(30)
    at_once(lambda _number: ladder.look(), many)
    lost = "SELECT standing FROM relocation_case WHERE id = %s"
    tally.check(owner.rows(lost, slept.case_id) == [("lost_contact",)], "whoever is lost is not counted as lost")
    once(plan, tally, [(GRACE, True), (SECOND, True)], "ladder.grace", "ladder.second_channel")
    alarms = "SELECT kind, count(*) FROM relocation_alarm WHERE case_id = %s GROUP BY kind ORDER BY kind"
    tally.check(owner.rows(alarms, slept.case_id) == [("lost", 1), ("missed", 1)], "alarms are not one of each")
    tally.check(written(slept.case_id, "step.lose_contact") == 1, "contact was lost more or less than once")
    with as_(ground["vera"]) as vera:
        check_ins.log(Case.objects.visible_to(vera).get(pk=plan.case_id), "heard", by=vera, word="blackcurrant")
    tally.check(ladder.look() >= 0 and written(plan.case_id, "ladder.answered") == 1, "an answer is not told once")
    tally.count("sweeps at once", many)


@guarantee("L1")
def test_a_word_in_the_same_moment_as_the_sweep_leaves_nobody_told_for_ever(ground: Any, tally: Tally) -> None:
    """Whoever wins: after both, either nobody was told, or everybody who was hears that it is over."""
    for number in range(scale(20, 3)):
        plan = watched(ground, f"Lapwing {number}", 61)

        def act(which: int, plan: CheckInPlan = plan) -> None:
            if which:
                ladder.look()
                return
            with as_(ground["vera"]) as vera:
                check_ins.log(Case.objects.visible_to(vera).get(pk=plan.case_id), "heard", by=vera, word="blackcurrant")

        outcomes = at_once(act, 2)
        ladder.look()
        told, open_rungs = written(plan.case_id, "ladder.grace"), "SELECT count(*) FROM logistics_rung WHERE answered_at IS NULL"
        tally.check(outcomes == {"done": 2}, f"outcomes: {dict(outcomes)}")
        tally.check(owner.rows(f"{open_rungs} AND plan_id = %s", plan.pk) == [(0,)], "a rung stays open after a word")
        tally.check(written(plan.case_id, "ladder.answered") == told, "those who were told do not hear that it is over")


@contextmanager
def looking() -> Iterator[subprocess.Popen[bytes]]:
    """The sweep as a process of its own."""
    with running([*LOOK], at_tests_databases()) as process:
        yield process


@guarantee("L1")
def test_a_sweep_that_is_killed_half_way_loses_and_doubles_nothing(ground: Any, tally: Tally) -> None:
    """kill -9 at a chance moment after so many rungs; the database's connections are cut as well."""
    people, kills = scale(30, 8), scale(20, 2)
    plans = [watched(ground, f"Dunlin {number}", 61) for number in range(people)]
    chance = random.Random(SEED)
    for round_ in range(kills):
        goal = chance.randrange(1, people) if round_ % 2 == 0 else people
        _killed(goal, cut=round_ % 2 == 1, tally=tally)
        ladder.look()
        tally.check(owner.rows(TOLD, GRACE) == [(people, people)], f"round {round_}: {owner.rows(TOLD, GRACE)} of {people}")
        if round_ + 1 < kills:
            _afresh()
    for plan in plans:
        jobs = "SELECT count(*) FROM relocation_outbox WHERE kind = 'tell_rung' AND ids->>'case' = %s AND done_at IS NULL"
        tally.check(owner.rows(RUNGS, plan.pk) == [(GRACE, True)], "a rung is missing or doubled")
        tally.check(owner.rows(jobs, str(plan.case_id)) == [(1,)], "telling is not left to be done exactly once")
    tally.count("people", people)


def _killed(goal: int, *, cut: bool, tally: Tally) -> None:
    with looking() as process:
        with suppress(TimeoutError):
            until(lambda: owner.rows("SELECT count(*) >= %s FROM logistics_rung", goal)[0][0] or process.poll() is not None, 60)
        alive = process.poll() is None
        if cut and alive:
            _cut()
        process.kill()
        tally.count("killed half way", int(alive))


def _cut() -> None:
    """Every connection of the program ends, as when PostgreSQL is restarted."""
    name = settings.DATABASES["default"]["USER"]
    with suppress(Exception):  # a server that does not let its owner end connections is killed through the process alone
        owner.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s AND pid <> pg_backend_pid()", name)
    connections.close_all()
    time.sleep(0.1)


def _afresh() -> None:
    """As if nobody had been missed yet; the ledger keeps what it has."""
    owner.rows("DELETE FROM relocation_outbox WHERE kind = 'tell_rung'")
    owner.rows("DELETE FROM logistics_rung")


@guarantee("G48")
def test_those_who_are_told_hear_once_and_without_content(ground: Any, tally: Tally) -> None:
    from django.core import mail

    do_jobs()
    mail.outbox.clear()
    plan = watched(ground, "Godwit", 900)
    began = time.monotonic()
    for _again in range(3):
        ladder.look()
        do_jobs()
    told = [address for message in mail.outbox for address in message.to]
    tally.check({"mara@example.org", "ilya@example.org", "vera@example.org"} <= set(told), f"told: {sorted(set(told))}")
    tally.check(time.monotonic() - began <= 60, "it took longer than a minute")
    tally.count("content in mails", sum("Godwit" in f"{m.subject}{m.body}" for m in mail.outbox))
    grants = "SELECT count(*) FROM relocation_casegrant WHERE case_id = %s AND granted_by_id = %s"
    tally.check(owner.rows(grants, plan.case_id, SYSTEM)[0][0] >= 1, "nobody on call was let in")
    tally.check(len({m.body for m in mail.outbox}) == 1, "mails differ")

"""The check-in ladder: each rung once, the right one after downtime, and an end as soon as the person is heard from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from fiction.telling import do_jobs
from logistics import check_ins, ladder
from logistics.climbing import SYSTEM
from logistics.models import Rung
from relocation.journey import facts
from relocation.journey.advance import advance
from relocation.models import Account, Alarm, CheckInPlan, Deadline, system_account
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.cast import afresh
from tests.logistics.conftest import plan_for
from tests.safety.raw import sql

GRACE, SECOND, ON_CALL, LAWYER = Rung.Step


@pytest.fixture
def late(kestrel, vera):
    """Kestrel has not been heard from: due so many minutes ago; one hour of grace, then a rung every half hour."""

    def since(minutes):
        with acting_as(vera.pk):
            CheckInPlan.objects.filter(case=kestrel).delete()
        return plan_for(kestrel, vera, since=timedelta(minutes=minutes))

    return since


@pytest.fixture
def told(kestrel):
    """Who was mailed since it was asked last, once every job is done; each of them once for one event."""
    do_jobs()
    mail.outbox.clear()

    def since():
        do_jobs()
        found = [address.partition("@")[0] for message in mail.outbox for address in message.to]
        mail.outbox.clear()
        return set(found)

    return since


def rungs(plan, by):
    with acting_as(by.pk):
        return [(rung.rung, rung.told) for rung in Rung.objects.filter(plan=plan).order_by("rung")]


def due(heard, hours, zone="Europe/Berlin", window=(None, None), begins=datetime(2020, 1, 1, tzinfo=UTC), ends=None):
    """What the database says, in local time."""
    with connection.cursor() as cursor:
        asked = "SELECT harbour_due(%s, %s, %s, %s, %s, %s::time, %s::time) AT TIME ZONE %s"
        cursor.execute(asked, [begins, ends, heard, hours, zone, *window, zone])
        found = cursor.fetchone()[0]
    return found and f"{found:%d %b %H:%M}"


def utc(text):
    return datetime.strptime(f"{text} +0000", "%Y-%m-%d %H:%M %z")


class TestWhenAWordIsDue:
    @pytest.mark.parametrize(
        ("heard", "hours", "expected"),
        [
            ("2026-11-02 19:00", 24, "03 Nov 20:00"),
            ("2026-10-24 18:00", 24, "25 Oct 20:00"),  # clocks go back that night: the same hour next day
            ("2027-03-27 19:00", 24, "28 Mar 20:00"),  # clocks go forward
            ("2026-10-24 23:00", 6, "25 Oct 06:00"),  # six hours are six hours
            ("2027-03-27 23:00", 6, "28 Mar 07:00"),
            ("2026-10-24 18:00", 30, "26 Oct 02:00"),
        ],
    )
    def test_days_go_by_their_clock_and_hours_are_hours(self, kestrel, heard, hours, expected):
        assert due(utc(heard), hours) == expected

    @pytest.mark.parametrize(
        ("heard", "hours", "window", "expected"),
        [
            ("2026-11-02 09:00", 12, ("09:00", "21:00"), "02 Nov 21:00"),  # 22:00 is too late: before the window closes
            ("2026-11-02 19:00", 12, ("09:00", "21:00"), "03 Nov 09:00"),  # 08:00 is too early, and today's is over
            ("2026-11-02 11:00", 6, ("09:00", "21:00"), "02 Nov 18:00"),
            ("2026-11-02 19:40", 24, ("20:00", "20:30"), "03 Nov 20:30"),  # never two days apart
            ("2026-10-24 18:10", 24, ("20:00", "20:30"), "25 Oct 20:10"),
            ("2026-11-02 22:00", 24, ("22:00", "02:00"), "03 Nov 23:00"),  # over midnight
            ("2026-11-03 00:30", 12, ("22:00", "02:00"), "03 Nov 22:00"),
        ],
    )
    def test_only_while_the_person_can_speak(self, kestrel, heard, hours, window, expected):
        assert due(utc(heard), hours, window=window) == expected

    def test_a_plan_begins_and_ends(self, kestrel):
        begins, heard = utc("2026-11-10 08:00"), utc("2026-11-02 19:00")
        assert due(heard, 24, begins=begins) == due(None, 24, begins=begins) == "10 Nov 09:00"
        assert due(heard, 24, ends=utc("2026-11-03 12:00")) is None

    def test_a_zone_that_nobody_knows_is_refused(self, kestrel, as_vera):
        with pytest.raises(Exception, match="time zone"), transaction.atomic():
            CheckInPlan(case=kestrel, by=as_vera, starts_at=timezone.now(), zone="Europe/Nowhere").save(force_insert=True)


class TestClimbing:
    def test_within_its_grace_nobody_is_told(self, late, vera):
        plan = late(59)
        assert ladder.look() == 0 and rungs(plan, vera) == []

    def test_rung_by_rung_and_each_once(self, late, told, vera, kestrel):
        plan = late(61)
        for grace, expected in ((60, {"vera"}), (31, {"vera", "mara"}), (1, {"vera", "mara", "ilya"})):
            with acting_as(vera.pk):
                CheckInPlan.objects.filter(pk=plan.pk).update(grace_minutes=grace)
            assert ladder.look() == 1 and ladder.look() == 0
            assert told() == expected
        assert rungs(plan, vera) == [(GRACE, True), (SECOND, True), (ON_CALL, True)]
        with acting_as(vera.pk):
            assert Alarm.objects.get().kind == Alarm.Kind.MISSED
            assert Deadline.objects.get(kind="alarm").what == "missed"

    def test_the_people_on_call_are_let_in_until_their_shift_ends(self, late, vera, ilya, kestrel):
        late(600)
        ladder.look()
        do_jobs()
        with acting_as(vera.pk):
            assert access.holders(kestrel.pk, Role.COORDINATOR).filter(user=ilya, granted_by=SYSTEM).count() == 1

    def test_after_downtime_only_the_right_rung_speaks_and_nobody_is_counted_as_lost_at_once(self, late, told, vera, kestrel):
        plan = late(900)
        assert ladder.look() == 1 and ladder.look() == 0
        assert rungs(plan, vera) == [(GRACE, False), (SECOND, False), (ON_CALL, True)]
        assert told() == {"vera", "mara", "ilya"} and afresh(kestrel, vera).standing == "active"

    def test_whoever_answers_for_the_plan_is_told_first_while_they_may_open_the_case(self, late, told, mara, vera, kestrel):
        plan = late(61)
        with acting_as(vera.pk):
            CheckInPlan.objects.filter(pk=plan.pk).update(owner=mara)
        ladder.look()
        assert told() == {"mara"}

    @pytest.mark.parametrize("standing", ["hold", "detain"])
    def test_on_hold_it_climbs_and_where_everybody_knows_it_does_not(self, late, vera, kestrel, standing):
        late(61)
        with acting_as(vera.pk):
            told = facts.OnHold(timezone.localdate() + timedelta(days=1)) if standing == "hold" else None
            advance(kestrel, standing, by=vera, version=kestrel.version, reason="in hospital", facts=told)
        assert ladder.look() == (standing == "hold")


class TestHeardFrom:
    def test_in_time_nothing_is_told(self, late, vera, kestrel):
        plan = late(59)
        with acting_as(vera.pk):
            check_ins.log(kestrel, "heard", by=vera, word="blackcurrant")
        assert ladder.look() == 0 and rungs(plan, vera) == []

    @pytest.mark.parametrize("word", ["blackcurrant", "rowanberry"])
    def test_late_it_ends_and_those_who_were_told_hear_so_once(self, late, told, vera, ilya, mara, kestrel, word):
        plan = late(900)
        ladder.look()
        told()
        with acting_as(vera.pk):
            check_ins.log(kestrel, "heard", by=vera, word=word)
        assert told() == {"vera", "mara", "ilya"}
        assert ladder.look() == 0 and told() == set()
        with acting_as(mara.pk):
            assert not Rung.objects.filter(plan=plan, answered_at=None).exists()
            assert not Alarm.objects.filter(kind="missed", closed_at=None).exists()
            assert not Deadline.objects.filter(kind="alarm", what="missed", done_at=None).exists()
            assert Alarm.objects.filter(kind="duress", closed_at=None).exists() is (word == "rowanberry")

    def test_no_answer_ends_nothing(self, late, vera, kestrel):
        plan = late(900)
        ladder.look()
        with acting_as(vera.pk):
            check_ins.log(kestrel, "no_answer", by=vera, channel="phone")
        assert rungs(plan, vera)[-1] == (ON_CALL, True)
        with acting_as(vera.pk):
            assert not Rung.objects.exclude(answered_at=None).exists()


class TestWhoMay:
    def test_nobody_but_the_sweep_climbs_and_the_sweep_sees_no_case(self, late, vera, kestrel):
        late(61)
        for who in (vera.pk, system_account("outbox")):
            for question in ("SELECT harbour_missed()", f"SELECT harbour_climb('{kestrel.pk}')"):
                with acting_as(who), pytest.raises(ProgrammingError, match="only the sweep"), transaction.atomic():
                    sql(question)
        for inner in ("harbour_late(NULL)", f"harbour_ladder_lose('{kestrel.pk}')", f"harbour_ladder_ease('{kestrel.pk}')"):
            with acting_as(SYSTEM), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                sql(f"SELECT {inner}")
        with acting_as(SYSTEM):
            for table in (
                "relocation_case",
                "relocation_checkinplan",
                "logistics_checkin",
                "logistics_rung",
                "relocation_casegrant",
            ):
                assert sql(f"SELECT count(*) FROM {table}") == (0,), table

    def test_nobody_writes_a_rung_by_hand(self, late, vera, kestrel):
        plan = late(61)
        with acting_as(vera.pk), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Rung(case=kestrel, by=vera, plan=plan, due_at=plan.starts_at, rung=GRACE).save(force_insert=True)
        ladder.look()
        with acting_as(vera.pk):
            assert Rung.objects.update(answered_at=timezone.now()) == 0

    def test_the_sweep_lets_in_only_who_is_on_call_where_its_own_alarm_is_open(self, late, told, vera, ilya, nina, kestrel):
        until = timezone.now() + timedelta(minutes=5)
        for account in (ilya, nina):
            with acting_as(SYSTEM), pytest.raises(Denied):
                access.admit(account, Role.COORDINATOR, kestrel.pk, by=Account(pk=SYSTEM), reason="x", until=until)
        late(900)
        ladder.look()
        with acting_as(SYSTEM), pytest.raises(Denied):
            access.admit(nina, Role.COORDINATOR, kestrel.pk, by=Account(pk=SYSTEM), reason="x", until=until)
        with acting_as(SYSTEM), pytest.raises(Denied):
            access.admit(ilya, Role.LEAD, kestrel.pk, by=Account(pk=SYSTEM), reason="x", until=until)

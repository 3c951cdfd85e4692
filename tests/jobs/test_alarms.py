"""An alarm is never given up, and where it reaches nobody everybody at the desk reads so."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from fiction.telling import do_jobs
from relocation.jobs import tasks, telling
from relocation.journey import on_call
from relocation.journey.advance import advance
from relocation.models import Alarm, DutyShift, Outbox, system_account
from relocation.models.outbox import JOBS, Job
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from tests.jobs.test_outbox import rings

SILENT = "An alarm has not reached the people on call yet."
NO_WAY = "Alarms wake nobody: neither mail nor an alarm command is set up."


@pytest.fixture
def alarm(kestrel, vera):
    """Raise an alarm as somebody; whatever else waited is done before."""
    do_jobs()
    mail.outbox.clear()

    def raise_it(by=vera, kind="raised"):
        with acting_as(by.pk), transaction.atomic():
            raised = Alarm(case=kestrel, by=by, kind=kind)
            raised.save(force_insert=True)
            on_call.wake(raised)
        return raised

    return raise_it


def job(kind):
    with acting_as(system_account("outbox")), transaction.atomic():
        return Outbox.objects.filter(kind=kind).latest("pk")


def later(minutes=2, **changes):
    """Every job as if that time had passed."""
    with acting_as(system_account("outbox")), transaction.atomic():
        ago = timezone.now() - timedelta(minutes=minutes)
        Outbox.objects.update(created_at=ago, next_at=ago, **changes)


@pytest.fixture
def nobody_on_call(mara):
    with acting_as(mara.pk), transaction.atomic():
        assert DutyShift.objects.update(ends_at=timezone.now() - timedelta(minutes=1)) == 2


class TestNeverGivenUp:
    def test_it_is_rung_for_however_often_it_failed(self, nobody_on_call, alarm, monkeypatch):
        alarm()
        for _time in range(12):
            later()
            tasks.perform(job("tell_on_call").pk)
        assert job("tell_on_call").attempts == 12 and job("tell_on_call").done_at is None
        later()
        heard = rings(monkeypatch)
        tasks.sweep()
        assert heard[0] == job("tell_on_call").pk

    def test_a_refusal_does_not_end_it_either(self, kestrel, alarm, monkeypatch):
        monkeypatch.setitem(JOBS, "tell_on_call", Job(lambda row: access.require(row.originator, "approve", kestrel.pk)))
        alarm()
        do_jobs()
        assert job("tell_on_call").done_at is None and job("tell_on_call").failed == "denied"

    def test_whoever_comes_on_call_later_is_let_in_and_told(self, kestrel, nobody_on_call, alarm, vera, ground):
        alarm()
        do_jobs()
        assert mail.outbox == []
        now = timezone.now()
        with acting_as(ground["mara"].pk):
            DutyShift.objects.create(account=ground["ilya"], starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=8))
        later()
        do_jobs()
        assert job("tell_on_call").done_at and [message.to for message in mail.outbox] == [["ilya@example.org"]]
        with acting_as(vera.pk):
            assert access.holders(kestrel.pk, Role.COORDINATOR).filter(user=ground["ilya"]).exists()


class TestTwoWays:
    def test_a_broken_command_mails_nobody_twice(self, alarm, settings):
        settings.HARBOUR_ALARM_COMMAND = "false"
        alarm()
        for _time in range(4):
            later()
            do_jobs()
        assert len(mail.outbox) == 2
        assert job("ring_on_call").attempts == 4 and job("ring_on_call").done_at is None
        settings.HARBOUR_ALARM_COMMAND = "true"
        later()
        do_jobs()
        assert job("ring_on_call").done_at and len(mail.outbox) == 2

    def test_one_address_that_fails_keeps_nobody_else_waiting(self, alarm, monkeypatch):
        sent = []

        def post(subject, body, sender, to):
            if to == ["mara@example.org"]:
                raise OSError
            sent.extend(to)

        monkeypatch.setattr(telling, "send_mail", post)
        alarm()
        for _time in range(3):
            later()
            do_jobs()
        assert sent == ["ilya@example.org"] and job("tell_on_call").done_at

    def test_without_mail_the_command_is_enough(self, alarm, settings):
        settings.EMAIL_BACKEND, settings.HARBOUR_ALARM_COMMAND = "django.core.mail.backends.dummy.EmailBackend", "true"
        alarm()
        do_jobs()
        assert job("tell_on_call").done_at and job("ring_on_call").done_at

    def test_without_either_it_stays_open(self, alarm, settings):
        settings.EMAIL_BACKEND, settings.HARBOUR_ALARM_COMMAND = "django.core.mail.backends.dummy.EmailBackend", ""
        alarm()
        do_jobs()
        assert job("tell_on_call").done_at is None and job("tell_on_call").failed == "NobodyHeard"


class TestBanner:
    def desk(self, signed_in, account):
        return signed_in(account).get("/approvals/").content.decode()

    def test_while_an_alarm_waits_every_desk_page_says_so(self, nobody_on_call, alarm, mara, vera, charlie, signed_in):
        alarm()
        assert SILENT not in self.desk(signed_in, mara)
        later()
        for account in (mara, vera, charlie):
            assert SILENT in self.desk(signed_in, account)

    def test_once_it_is_heard_nothing_is_said(self, alarm, mara, signed_in):
        alarm()
        do_jobs()
        later()
        assert SILENT not in self.desk(signed_in, mara)

    def test_a_duress_word_stays_silent_for_whoever_logged_it(self, nobody_on_call, alarm, mara, vera, signed_in):
        alarm(by=vera, kind="duress")
        later()
        assert SILENT not in self.desk(signed_in, vera)
        assert SILENT in self.desk(signed_in, mara)

    def test_where_no_way_is_set_up_it_says_so(self, kestrel, mara, hanna, signed_in, settings):
        settings.EMAIL_BACKEND, settings.HARBOUR_ALARM_COMMAND = "django.core.mail.backends.dummy.EmailBackend", ""
        assert NO_WAY in self.desk(signed_in, mara)
        assert NO_WAY not in signed_in(hanna).get("/", follow=True).content.decode()
        settings.HARBOUR_ALARM_COMMAND = "true"
        assert NO_WAY not in self.desk(signed_in, mara)


class TestTheLawyer:
    def test_an_arrest_is_told_to_the_lawyer_of_the_case_whoever_says_so(self, kestrel, mara, vera, tomas, nina):
        with acting_as(mara.pk), transaction.atomic():
            access.admit(nina, Role.LAWYER, kestrel.pk, by=mara, reason="asylum law")
        do_jobs()
        mail.outbox.clear()
        with acting_as(tomas.pk), transaction.atomic():
            advance(kestrel, "detain", by=tomas, version=kestrel.version, reason="taken from the bus")
        do_jobs()
        told = {address for message in mail.outbox for address in message.to}
        assert "nina@example.org" in told and "charlie@example.org" not in told

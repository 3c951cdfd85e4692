"""Check-ins: the codeword, the duress word that looks the same, and who is overdue."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from logistics import check_ins, dispatch, panels
from logistics.models import CheckIn
from relocation.journey import deadlines
from relocation.journey.advance import advance
from relocation.models import Alarm, Case, Deadline, LedgerEntry
from relocation.safety.actor import acting_as
from tests.logistics.conftest import leg, plan_for


@pytest.fixture
def desk(signed_in, vera):
    return signed_in(vera)


def heard(word):
    return {"outcome": "heard", "word": word, "channel": "phone"}


def address(case):
    return reverse("passages:check_in", args=[case.pk])


def without_tokens(response):
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())


class TestPage:
    def test_the_codeword_is_a_check_in(self, desk, kestrel, plan, vera):
        assert "The check-in is logged." in desk.post(address(kestrel), heard(" Blackcurrant "), follow=True).content.decode()
        with acting_as(vera.pk):
            assert CheckIn.objects.get().outcome == "heard" and not Alarm.objects.exists()

    def test_the_duress_word_looks_the_same_and_alarms(self, desk, kestrel, plan, vera, another, monkeypatch):
        now = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda: now)
        calm = desk.post(address(kestrel), heard("blackcurrant"), follow=True)
        with acting_as(vera.pk):
            CheckIn.objects.all().delete()
        tense = desk.post(address(kestrel), heard("rowanberry"), follow=True)
        assert _timeless(tense) == _timeless(calm) and tense.redirect_chain == calm.redirect_chain
        with acting_as(vera.pk):
            assert Alarm.objects.get().kind == Alarm.Kind.DURESS and CheckIn.objects.get().outcome == "heard"
            assert Case.objects.visible_to(vera).get().standing == "compromised"

    def test_and_can_be_settled(self, desk, kestrel, plan, mara):
        desk.post(address(kestrel), heard("rowanberry"))
        with acting_as(mara.pk):
            deadlines.close(Deadline.objects.get(kind="alarm", what="duress").pk, by=mara)
            assert Alarm.objects.get().closed_by == mara

    def test_somebody_detained_stays_so(self, desk, kestrel, plan, vera):
        with acting_as(vera.pk):
            advance(kestrel, "detain", by=vera, version=kestrel.version, reason="taken from the bus")
        desk.post(address(kestrel), heard("rowanberry"))
        with acting_as(vera.pk):
            assert Case.objects.visible_to(vera).get().standing == "detained"
            assert Alarm.objects.filter(kind="duress").exists()

    @pytest.mark.parametrize("word", ["", "gooseberry"])
    def test_another_word_is_said_beside_it_and_kept_in_the_ledger(self, desk, kestrel, plan, vera, word):
        shown = desk.post(address(kestrel), heard(word)).content.decode()
        assert "not the codeword" in shown and (not word or f'value="{word}"' in shown)
        with acting_as(vera.pk):
            assert not CheckIn.objects.exists()
            assert LedgerEntry.objects.filter(what="wrong_word.check_in", case_id=kestrel.pk).exists()

    def test_no_answer_needs_no_word_and_leaves_it_overdue(self, desk, kestrel, vera):
        plan_for(kestrel, vera, since=timedelta(hours=6))
        shown = desk.post(address(kestrel), {"outcome": "no_answer", "channel": "phone"}, follow=True).content.decode()
        assert "No answer" in shown and "overdue by 6 hours" in shown

    def test_a_verifier_reads_and_logs_nothing(self, signed_in, kestrel, plan, tomas):
        verifier = signed_in(tomas)
        assert "Log it" not in verifier.get(address(kestrel)).content.decode()
        assert verifier.post(address(kestrel), heard("blackcurrant")).status_code == 404

    def test_strangers_get_the_page_of_nothing(self, signed_in, kestrel, charlie):
        assert signed_in(charlie).get(address(kestrel)).status_code == 404


def _timeless(response):
    return re.sub(r"\d\d:\d\d", "", without_tokens(response))


class TestOverdue:
    @pytest.mark.parametrize(("minutes", "late"), [(59, False), (61, True)])
    def test_only_beyond_its_grace(self, kestrel, as_vera, minutes, late):
        plan_for(kestrel, as_vera, since=timedelta(minutes=minutes))
        assert bool(check_ins.overdue_by(kestrel)) is late

    def test_a_word_heard_moves_it_on_by_the_plan(self, kestrel, plan, as_vera):
        said = check_ins.log(kestrel, "heard", by=as_vera, word="blackcurrant")
        assert check_ins.next_due(kestrel) == said.at + timedelta(hours=24)
        assert check_ins.overdue_by(kestrel) is None

    def test_a_plan_that_has_ended_asks_for_nothing_more_but_what_was_missed_stays_missed(self, kestrel, plan, as_vera):
        plan.ends_at = timezone.now() - timedelta(minutes=1)
        plan.save(update_fields=["ends_at"])
        assert check_ins.next_due(kestrel) == plan.starts_at
        check_ins.log(kestrel, "heard", by=as_vera, word="blackcurrant")
        assert check_ins.next_due(kestrel) is None


class TestDay:
    def test_overdue_check_ins_stand_first(self, kestrel, another, as_vera):
        plan_for(kestrel, as_vera, since=timedelta(hours=5))
        plan_for(another("Heron"), as_vera, since=timedelta(minutes=10))
        first, second = panels.roads(as_vera)
        assert (first.sentence, first.late, first.case.alias) == ("Check-in overdue by 5 hours", True, "Kestrel")
        assert not second.late and second.case.alias == "Heron"

    def test_departures_and_missing_tickets(self, kestrel, as_vera):
        flight = dispatch.add_leg(leg(timezone.now() + timedelta(days=3), mode="plane"), by=as_vera)
        far = dispatch.add_leg(leg(timezone.now() + timedelta(days=9), mode="plane"), by=as_vera)
        way = dispatch.plan(kestrel, "departure", [flight, far], by=as_vera)
        assert [todo.sentence for todo in panels.roads(as_vera)] == ["No ticket yet: Alder → Point C"]
        dispatch.ticket(way.seats.first(), "ZX81QQ", by=as_vera)
        assert not list(panels.roads(as_vera))

    def test_two_queries_however_many_cases(self, kestrel, another, as_vera):
        for case in (kestrel, another("Heron"), another("Plover")):
            plan_for(case, as_vera, since=timedelta(hours=5))
            dispatch.plan(case, "departure", [dispatch.add_leg(leg(mode="plane"), by=as_vera)], by=as_vera)
        with CaptureQueriesContext(connection) as seen:
            assert len(list(panels.roads(as_vera))) >= 6
        assert len(seen) == 2

    def test_nobody_elses_cases(self, kestrel, plan, charlie, acting):
        with acting(charlie):
            assert not list(panels.roads(charlie))


class TestPanel:
    def test_it_shows_the_way_and_an_overdue_check_in(self, kestrel, way, as_vera):
        plan_for(kestrel, as_vera, since=timedelta(hours=5))
        shown = panels.travel(kestrel, as_vera)
        assert shown.alarm.late and [len(live.taken) for live in shown.context["ways"]] == [1]

    def test_the_case_page_bears_it(self, desk, kestrel, way):
        shown = desk.get(reverse("desk:case", args=[kestrel.pk])).content.decode()
        assert "Alder to Point C" in shown and "Escort: Otto Berg" in shown

    def test_a_verifier_sees_none_of_it(self, kestrel, way, tomas, acting):
        with acting(tomas):
            assert panels.travel(kestrel, tomas) is None

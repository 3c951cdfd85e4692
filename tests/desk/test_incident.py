"""The incident: one tap raises the alarm, one click notes what was done, and a reason ends it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from relocation.journey import answering
from relocation.journey.duress import duress_given
from relocation.models import Alarm, LedgerEntry, Outbox, system_account
from relocation.safety.actor import acting_as
from tests.logistics.conftest import plan_for


@pytest.fixture
def page(kestrel):
    return reverse("desk:incident", args=[kestrel.pk])


@pytest.fixture
def tap(kestrel, signed_in):
    """Raise the alarm as somebody; the page that opens."""
    address = reverse("desk:alarm", args=[kestrel.pk])
    return lambda by: signed_in(by).post(address, follow=True)


def alarms(by):
    with acting_as(by.pk):
        return list(Alarm.objects.values_list("kind", "closed_at"))


class TestOneTap:
    def test_opens_the_incident_with_everybody_who_helps_and_wakes_nobody_twice(self, tap, kestrel, tomas, vera, signed_in):
        for _twice in range(2):
            opened = tap(tomas)
        shown = opened.content.decode()
        assert opened.redirect_chain == [(reverse("desk:incident", args=[kestrel.pk]), 302)]
        assert alarms(tomas) == [("raised", None)]
        for told in ("Open for", "Tomas", "On call now", "Mara", "Ilya", "Lawyer", "interim measures", "Alarm: raised by"):
            assert told in shown, told
        with acting_as(system_account("outbox")):
            assert Outbox.objects.filter(kind="tell_on_call").count() == 1
        assert reverse("desk:incident", args=[kestrel.pk]) in signed_in(vera).get("/").content.decode()
        assert "Open the incident" in signed_in(vera).get(reverse("desk:case", args=[kestrel.pk])).content.decode()

    def test_a_stranger_finds_nothing_and_a_link_raises_none(self, tap, page, kestrel, charlie, vera, signed_in):
        assert tap(charlie).status_code == signed_in(charlie).get(page).status_code == 404
        assert signed_in(vera).get(reverse("desk:alarm", args=[kestrel.pk])).status_code == 405
        assert alarms(vera) == []
        assert "No alarm is open" in signed_in(vera).get(page).content.decode()

    def test_it_stands_beside_an_overdue_check_in_and_on_the_case(self, kestrel, vera, signed_in):
        plan_for(kestrel, vera, since=timedelta(hours=5))
        address = reverse("desk:alarm", args=[kestrel.pk])
        for shown in ("/", reverse("desk:case", args=[kestrel.pk])):
            assert f'action="{address}"' in signed_in(vera).get(shown).content.decode()


class TestTakenBack:
    def test_it_stays_open_and_whoever_answers_it_is_told_to_make_sure(self, tap, page, kestrel, tomas, vera, mara, signed_in):
        assert signed_in(tomas).post(page, {"do": "well"}).status_code == 404
        tap(tomas)
        assert "A mistake of mine" in signed_in(tomas).get(page).content.decode()
        assert "A mistake of mine" not in signed_in(mara).get(page).content.decode()
        assert signed_in(mara).post(page, {"do": "well"}).status_code == 404
        told = signed_in(tomas).post(page, {"do": "well"}, follow=True).content.decode()
        assert "may call you" in told and "A mistake of mine" not in told
        shown = signed_in(mara).get(page).content.decode()
        assert "All is well, they said" in shown and "hear it from them" in shown
        assert "Whoever raised the alarm says that all is well" in shown
        assert [closed for _kind, closed in alarms(mara)] == [None]


class TestWhatIsDone:
    def test_each_with_one_click_and_said_with_who_and_when(self, tap, page, vera, mara, signed_in):
        tap(vera)
        shown = signed_in(mara).post(page, {"do": "told_lawyer"}, follow=True).content.decode()
        assert shown.count("Told the lawyer") >= 2 and "Once more" in shown
        with acting_as(mara.pk):
            assert LedgerEntry.objects.filter(what="incident.told_lawyer", actor_id=mara.pk).count() == 1

    def test_without_an_alarm_or_by_another_name_nothing_is_noted(self, tap, page, vera, signed_in):
        assert signed_in(vera).post(page, {"do": "told_lawyer"}).status_code == 404
        tap(vera)
        assert signed_in(vera).post(page, {"do": "anything"}).status_code == 404


class TestTheEnd:
    def test_a_coordinator_closes_it_with_a_reason(self, tap, page, vera, mara, signed_in):
        tap(vera)
        desk = signed_in(mara)
        assert "How it ended" in desk.get(f"{page}?end=1").content.decode()
        assert "How it ended" in desk.post(page, {"do": "end", "reason": " "}).content.decode() and alarms(mara)[0][1] is None
        desk.post(page, {"do": "end", "reason": "It was the neighbour."})
        assert alarms(mara)[0][1] is not None
        assert "No alarm is open" in desk.get(page).content.decode()

    def test_nobody_else_does(self, tap, page, vera, signed_in):
        tap(vera)
        assert signed_in(vera).post(page, {"do": "end", "reason": "done"}).status_code == 404
        assert alarms(vera)[0][1] is None

    def test_a_duress_word_shows_no_incident_to_whoever_was_given_it(self, kestrel, page, vera, mara, signed_in):
        with acting_as(vera.pk):
            duress_given(kestrel.pk, by=vera)
            assert not answering.open_alarms(kestrel, vera).exists()
        assert "No alarm is open" in signed_in(vera).get(page).content.decode()
        assert "duress word given" in signed_in(mara).get(page).content.decode().lower()

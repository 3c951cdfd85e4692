"""The escort's page on a phone: the own leg, and nothing that names anybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from logistics import dispatch
from logistics.models import Leg, Seat
from relocation.journey import deadlines
from relocation.journey.advance import advance
from relocation.journey.facts import OnHold
from relocation.models import Alarm, Deadline, LedgerEntry, Standing
from relocation.safety.actor import acting_as
from tests import drawn
from tests.cast import afresh
from tests.logistics.conftest import MEET, PHRASE, leg


@pytest.fixture
def phone(signed_in, otto):
    return signed_in(otto)


@pytest.fixture
def address(seat):
    return reverse("passages:escort_seat", args=[seat.pk])


def home(browser):
    return browser.get(reverse("passages:escort")).content.decode()


class TestHome:
    def test_it_shows_alias_phrase_times_and_needs(self, phone, seat):
        shown = home(phone)
        for word in ("Kestrel", PHRASE, "Alder to Point C", "MSK (UTC+3)", "quiet room", "Show where to meet"):
            assert word in shown

    def test_it_names_nobody(self, phone, seat, address):
        for shown in (
            home(phone),
            phone.get(address).content.decode(),
            phone.post(address, {"do": "where"}).content.decode(),
        ):
            assert str(seat.case_id) not in shown
            for secret in (seat.case.code, "Эльфова", "Алёна", "1992", "Нижний", "79224125684", "отец"):
                assert secret not in drawn.without(shown)

    def test_a_leg_of_another_day_says_when_it_opens(self, phone, another, vera, otto):
        with acting_as(vera.pk):
            later = dispatch.add_leg(leg(timezone.now() + timedelta(days=2), escort=otto), by=vera)
            dispatch.confirm(dispatch.plan(another("Heron"), "extraction", [later], by=vera), by=vera)
        shown = home(phone)
        assert "Nothing to escort today" in shown and "Where to meet opens" in shown and "Show where to meet" not in shown

    def test_without_legs_it_is_calm(self, phone):
        assert "Nothing to escort today" in home(phone)

    def test_desk_accounts_have_no_such_page(self, signed_in, vera):
        assert signed_in(vera).get(reverse("passages:escort")).status_code == 404


class TestWhere:
    def test_on_the_day_it_opens_and_is_in_the_ledger(self, phone, address, seat, otto, vera):
        assert MEET not in home(phone)
        assert MEET in phone.post(address, {"do": "where"}).content.decode()
        with acting_as(vera.pk):
            assert LedgerEntry.objects.filter(what="reveal.seat.meeting_point", actor_id=otto.pk, about=seat.pk).count() == 1

    def test_before_the_day_it_is_not_there(self, phone, address, seat, vera):
        with acting_as(vera.pk):
            start = timezone.now() + timedelta(days=2)
            Leg.objects.filter(pk=seat.leg_id).update(departs_at=start, arrives_at=start + timedelta(hours=3))
        refused = phone.post(address, {"do": "where"})
        assert refused.status_code == 404 and MEET not in refused.content.decode()

    def test_another_escort_gets_the_page_of_nothing(self, signed_in, oskar, address):
        nothing = signed_in(oskar).get("/escort/00000000-0000-4000-8000-000000000000/")
        for response in (signed_in(oskar).get(address), signed_in(oskar).post(address, {"do": "where"})):
            assert (response.status_code, response.content) == (404, nothing.content)


class TestProgress:
    def test_one_tap_and_another_undoes_it(self, phone, address, seat, vera):
        for say in ("met", "missed", "handed_over"):
            assert "Saved. Kestrel" in phone.post(address, {"do": say}, follow=True).content.decode()
            with acting_as(vera.pk):
                assert Seat.objects.get(pk=seat.pk).progress == say

    def test_nothing_else_can_be_said(self, phone, address):
        for do in ("waiting", "", "confirm"):
            assert phone.post(address, {"do": do}).status_code == 404


class TestAlarm:
    def test_something_is_wrong(self, phone, address, seat, vera):
        told = phone.post(address, {"do": "alarm", "words": "a car followed us"}, follow=True).content.decode()
        assert "people on call are being told" in told and "a car followed us" not in told
        assert afresh(seat.case, vera).standing == Standing.COMPROMISED

    def test_each_can_be_settled(self, phone, address, seat, mara):
        for held in ({}, {"held": "1"}):
            phone.post(address, {"do": "alarm", "words": "a car followed us"} | held)
        with acting_as(mara.pk):
            open_ones = list(Deadline.objects.filter(case=seat.case_id, kind="alarm"))
            assert len(open_ones) == Alarm.objects.count() == 2
            for due in open_ones:
                deadlines.close(due.pk, by=mara)
            assert not Alarm.objects.filter(closed_at=None).exists()

    def test_what_somebody_else_changed_meanwhile_does_not_stop_it(self, seat, otto, vera):
        with acting_as(vera.pk):
            advance(seat.case_id, "hold", by=vera, version=seat.case.version, reason="ill", facts=OnHold(timezone.localdate()))
        with acting_as(otto.pk):
            dispatch.alarm(seat, "a car followed us", by=otto)
        assert afresh(seat.case, vera).standing == Standing.COMPROMISED

    def test_it_needs_no_words_may_be_tapped_twice_and_taken_back(self, phone, address, seat, vera):
        assert phone.post(address, {"do": "well"}).status_code == 404
        assert "being told now" in phone.post(address, {"do": "alarm"}, follow=True).content.decode()
        told = phone.post(address, {"do": "alarm"}, follow=True).content.decode()
        assert "Added to the alarm that you raised" in told and "A mistake: all is well" in told
        told = phone.post(address, {"do": "well"}, follow=True).content.decode()
        assert "You said that all is well" in told and "A mistake: all is well" not in told
        with acting_as(vera.pk):
            assert Alarm.objects.filter(case=seat.case_id, closed_at=None).count() == 1

    def test_after_it_the_leg_goes_on(self, phone, address):
        phone.post(address, {"do": "alarm"})
        assert phone.post(address, {"do": "handed_over"}).status_code == 302

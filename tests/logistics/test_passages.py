"""The desk's pages of a case's passages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from logistics import dispatch
from logistics.models import Leg, Passage, Seat
from relocation.models import LedgerEntry, Paper
from relocation.safety.actor import acting_as
from tests.logistics.conftest import MEET, PHRASE, leg
from tests.safety.raw import sql


@pytest.fixture
def desk(signed_in, vera):
    return signed_in(vera)


def page_of(way):
    return reverse("passages:passage", args=[way.case_id, way.pk])


def a_leg(**said):
    day = (timezone.now() + timedelta(days=9)).date()
    usual = {
        "do": "leg", "leg-mode": "plane", "leg-carrier": "Northline", "leg-number": "N 7", "leg-from_place": "Point C",
        "leg-to_place": "Point F", "leg-departs_at": f"{day}T06:50", "leg-arrives_at": f"{day}T07:10",
        "leg-from_zone": "Asia/Yekaterinburg",
        "leg-to_zone": "Europe/Moscow", "leg-crossing": "none", "leg-seats": "2",
        "leg-code_phrase": PHRASE, "leg-meeting_point": MEET,
    }  # fmt: skip
    return usual | said


class TestPlan:
    def test_a_way_and_its_first_leg(self, desk, kestrel, otto, vera):
        sent = desk.post(reverse("passages:new", args=[kestrel.pk]), {"purpose": "extraction"}, follow=True)
        address = sent.redirect_chain[-1][0]
        shown = desk.post(address, a_leg(**{"leg-escort": otto.pk}), follow=True).content.decode()
        assert "Point C to Point F" in shown and "06:50" in shown and "UTC+5" in shown and "07:10 MSK (UTC+3)" in shown
        assert MEET not in shown and PHRASE not in shown
        with acting_as(vera.pk):
            only = Leg.objects.get()
        assert only.arrives_at - only.departs_at == timedelta(hours=2, minutes=20)

    def test_an_arrival_before_the_departure_is_said_and_nothing_typed_is_lost(self, desk, way):
        shown = desk.post(page_of(way), a_leg(**{"leg-to_zone": "Asia/Vladivostok"})).content.decode()
        assert "This is before the departure" in shown and "Northline" in shown and MEET in shown

    def test_an_hour_that_comes_twice_is_said_beside_its_field(self, desk, way):
        twice = a_leg(
            **{
                "leg-departs_at": "2027-10-31T02:30",
                "leg-from_zone": "Europe/Berlin",
                "leg-arrives_at": "2027-10-31T12:00",
            }
        )
        assert "this time comes twice" in desk.post(page_of(way), twice).content.decode()

    def test_only_escorts_can_be_named(self, desk, way, mara):
        assert "Select a valid choice" in desk.post(page_of(way), a_leg(**{"leg-escort": mara.pk})).content.decode()

    def test_a_worker_reads_and_plans_nothing(self, signed_in, way, nina, mara):
        from relocation.safety import access
        from relocation.safety.policy import Role

        with acting_as(mara.pk):
            access.admit(nina, Role.WORKER, way.case_id, by=mara, reason="helps")
        worker = signed_in(nina)
        assert "Add a leg" not in worker.get(page_of(way)).content.decode()
        assert worker.post(page_of(way), {"do": "confirm"}).status_code == 404
        assert worker.get(reverse("passages:new", args=[way.case_id])).status_code == 404

    def test_strangers_get_the_page_of_nothing(self, signed_in, charlie, tomas, way):
        nothing = signed_in(charlie).get("/cases/00000000-0000-4000-8000-000000000000/passages/")
        for account in (charlie, tomas):
            assert signed_in(account).get(page_of(way)).content == nothing.content

    def test_a_passage_of_another_case_is_not_there(self, desk, way, another):
        assert desk.get(reverse("passages:passage", args=[another("Heron").pk, way.pk])).status_code == 404


class TestSeat:
    def test_one_is_taken_on_a_leg_that_is_there(self, desk, way, another, vera):
        with acting_as(vera.pk):
            other = dispatch.plan(another("Heron"), "extraction", [], by=vera)
        sent = {"do": "seat", "seat-leg": _leg_of(way, vera)}
        assert "Seat 2 is taken" in desk.post(page_of(other), sent, follow=True).content.decode()

    def test_when_somebody_took_the_last_one_it_is_said_beside_the_form(self, desk, way, another, vera, monkeypatch):
        with acting_as(vera.pk):
            full = dispatch.add_leg(leg(), by=vera)
            dispatch.plan(another("Heron"), "extraction", [full], by=vera)
        monkeypatch.setattr(dispatch, "open_legs", lambda passage, by: Leg.objects.annotate(in_use=dispatch.TakenSeats("pk")))
        shown = desk.post(
            page_of(way), {"do": "seat", "seat-leg": full.pk, "seat-code_phrase": "the moon is low"}
        ).content.decode()
        assert "Every seat of this leg is taken" in shown and "the moon is low" in shown

    def test_a_leg_that_the_account_does_not_know_is_not_offered(self, signed_in, mara, kestrel, vera):
        with acting_as(vera.pk):
            dispatch.add_leg(leg(from_place="Willow"), by=vera)
        with acting_as(mara.pk):
            own = dispatch.plan(kestrel, "extraction", [], by=mara)
        assert "Willow" not in signed_in(mara).get(page_of(own)).content.decode()

    def test_how_full_it_is_is_told_to_whoever_entered_it_or_has_somebody_on_it_alone(self, way, vera, mara, charlie):
        leg_id = _leg_of(way, vera)
        for account, taken in ((vera, 1), (mara, 1), (charlie, 0)):
            with acting_as(account.pk):
                assert sql("SELECT count(*) FROM harbour_taken_seats(%s)", leg_id) == (taken,)

    def test_its_ticket_is_noted_and_shown_only_when_asked_for(self, desk, way, vera):
        with acting_as(vera.pk):
            seat = way.seats.get()
        noted = desk.post(page_of(way), {"do": "ticket", "seat": seat.pk, "reference": "ZX81QQ"}, follow=True).content.decode()
        assert "The ticket is noted." in noted and "ZX81QQ" not in noted
        opened = desk.post(page_of(way), {"do": "open", "seat": seat.pk}).content.decode()
        assert "ZX81QQ" in opened and PHRASE in opened and MEET not in opened
        with acting_as(vera.pk):
            assert LedgerEntry.objects.filter(what="read.seat", about=seat.pk).count() == 1

    def test_a_ticket_without_a_reference_is_asked_for_again(self, desk, way, vera):
        with acting_as(vera.pk):
            seat = way.seats.get()
        assert "This field is required" in desk.post(page_of(way), {"do": "ticket", "seat": seat.pk}).content.decode()

    def test_a_seat_of_another_passage_is_not_there(self, desk, way, another, vera):
        with acting_as(vera.pk):
            seat = dispatch.plan(another("Heron"), "extraction", [dispatch.add_leg(leg(), by=vera)], by=vera).seats.get()
        assert desk.post(page_of(way), {"do": "ticket", "seat": seat.pk, "reference": "x"}).status_code == 404


def _leg_of(way, by):
    with acting_as(by.pk):
        return Seat.objects.get(passage=way).leg_id


class TestConfirmAndCancel:
    def test_confirm_then_cancel(self, desk, way, vera):
        assert "Each escort can now open" in desk.post(page_of(way), {"do": "confirm"}, follow=True).content.decode()
        assert "every seat" in desk.post(page_of(way), {"do": "cancel"}, follow=True).content.decode().lower()
        with acting_as(vera.pk):
            assert Passage.objects.get().state == Passage.State.CANCELLED
        assert "1 cancelled passage" in desk.get(reverse("passages:case", args=[way.case_id])).content.decode()

    def test_a_second_time_it_is_said_that_it_is_done(self, desk, seat):
        refused = desk.post(page_of(seat.passage), {"do": "confirm"})
        assert refused.status_code == 409 and "already confirmed" in refused.content.decode()

    def test_an_unknown_act_is_not_there(self, desk, way):
        assert desk.post(page_of(way), {"do": "fly"}).status_code == 404


class TestManifest:
    @pytest.mark.parametrize("named", [True, False])
    def test_it_is_ordered_for_those_whom_the_form_names(self, desk, kestrel, another, vera, named):
        with acting_as(vera.pk):
            flight = dispatch.add_leg(leg(mode="plane", carrier="Northline", needs_manifest=True, seats=4), by=vera)
            way = dispatch.plan(kestrel, "departure", [flight], by=vera)
            heron = another("Heron")
            dispatch.plan(heron, "departure", [flight], by=vera)
            seat = way.seats.get()
        assert f'value="{heron.pk}"' in desk.get(page_of(way)).content.decode()
        told = {"with": heron.pk} if named else {}
        desk.post(page_of(way), {"do": "manifest", "seat": seat.pk, "recipient": "Northline", **told})
        with acting_as(vera.pk):
            paper = Paper.objects.get(kind=Paper.Kind.MANIFEST)
            assert (paper.about, paper.case_id) == (flight.pk, kestrel.pk)
            assert [subject.case_id for subject in paper.subjects.all()] == ([heron.pk] if named else [])
            assert paper.people == (2 if named else 1)

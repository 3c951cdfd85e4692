"""Legs that change: who is told, who sees it, who knows the leg from then on; each beside its refusal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from logistics import changing, dispatch
from logistics.models import Change, Leg, Seat
from logistics.telling import concerned
from relocation.models import CaseGrant, LedgerEntry, Outbox
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied
from tests.logistics.conftest import leg


def later(ride: Leg, hours: int = 2) -> dict:
    return {"departs_at": ride.departs_at + timedelta(hours=hours), "arrives_at": ride.arrives_at + timedelta(hours=hours)}


class TestTime:
    def test_the_escort_sees_what_was_until_they_say_so_and_the_lead_sees_who_has_not(self, seat, otto, vera, acting):
        was = seat.leg.departs_at
        with acting(vera):
            moved = changing.change(seat.leg, later(seat.leg), by=vera)
            assert [account.name for account in changing.unaware(moved)] == [otto.name]
            assert LedgerEntry.objects.filter(what="leg.changed", case_id=seat.case_id).count() == 1
            assert changing.news([moved.pk], vera) == {}, "what one changed oneself is no news"
            row = Outbox.objects.get(kind="leg_changed")
            assert row.ids == {"leg": str(moved.pk)} and set(concerned(row)) == {vera.pk, otto.pk}
        with acting(otto):
            [[told, _arrives]] = changing.news([moved.pk], otto).values()
            assert (told.what, told.moment) == ("departs_at", was)
            changing.saw(moved.pk, by=otto)
            assert changing.news([moved.pk], otto) == {}
        with acting(vera):
            assert changing.unaware(moved) == []

    def test_what_changed_twice_is_told_as_it_first_stood(self, seat, vera, otto, acting):
        with acting(vera):
            for place in ("Birch", "Cedar"):
                changing.change(seat.leg, {"from_place": place}, by=vera)
            changing.change(seat.leg, {"from_place": "Cedar"}, by=vera)
            assert Change.objects.count() == 2, "what is as it was is no change"
        with acting(otto):
            [[told]] = changing.news([seat.leg_id], otto).values()
            assert told.was == "Alder"

    def test_the_grants_end_moves_with_the_arrival(self, seat, vera, otto, acting):
        with acting(vera):
            ends = CaseGrant.objects.filter(user=otto, scope=seat.leg_id)
            for hours in (5, -4):
                moved = changing.change(seat.leg, later(Leg.objects.get(pk=seat.leg_id), hours), by=vera)
                assert ends.get().expires_at == moved.arrives_at + dispatch.AFTER_ARRIVAL

    def test_nobody_else_changes_it(self, seat, way, otto, tomas, oskar, acting):
        for account in (otto, tomas, oskar):
            with acting(account), pytest.raises(Denied):
                changing.change(seat.leg, {"from_place": "Birch"}, by=account)
            with acting(account), pytest.raises(Denied):
                changing.cancel(seat.leg, by=account)
        with acting(oskar), pytest.raises(Denied):
            changing.saw(seat.leg_id, by=oskar)

    def test_who_entered_it_and_has_left_the_case_changes_it_no_more(self, seat, vera, as_vera):
        CaseGrant.objects.filter(user=vera).update(expires_at=Now())
        with pytest.raises(Denied):
            changing.change(seat.leg, {"from_place": "Birch"}, by=vera)

    def test_what_is_over_does_not_change(self, seat, as_vera):
        ago = timezone.now() - timedelta(days=1)
        Leg.objects.filter(pk=seat.leg_id).update(departs_at=ago, arrives_at=ago + timedelta(hours=1))
        with pytest.raises(dispatch.NotNow):
            changing.change(seat.leg, {"from_place": "Birch"}, by=as_vera)


class TestEscort:
    def test_who_went_knows_nothing_and_who_goes_knows_it_at_once(self, seat, vera, otto, oskar, acting):
        with acting(vera):
            changing.change(seat.leg, {"escort": oskar}, by=vera)
            assert Outbox.objects.get(kind="leg_changed").ids["was"] == str(otto.pk)
        with acting(otto):
            assert not Seat.objects.exists() and not Leg.objects.exists()
        with acting(oskar):
            assert Seat.objects.get().pk == seat.pk
            assert changing.news([seat.leg_id], oskar, since=timezone.now()) == {}

    def test_before_the_passage_is_firm_nobody_is_let_in(self, way, ride, vera, oskar, acting):
        with acting(vera):
            changing.change(ride, {"escort": oskar}, by=vera)
            assert not CaseGrant.objects.filter(user=oskar).exists()

    def test_a_coordinator_does_not_let_an_escort_in(self, seat, mara, oskar, acting):
        with acting(mara), pytest.raises(dispatch.NotNow) as said:
            changing.change(seat.leg, {"escort": oskar}, by=mara)
        assert "lead" in said.value.sentence

    def test_with_a_stranger_aboard_somebody_else_changes_the_escort_and_anybody_the_time(
        self, seat, another, vera, oskar, acting, as_vera
    ):
        dispatch.plan(another("Heron"), "extraction", [seat.leg], by=vera)
        CaseGrant.objects.filter(user=vera, content_object_id__in=Seat.objects.exclude(pk=seat.pk).values("case")).update(
            expires_at=timezone.now()
        )
        changing.change(seat.leg, {"carrier": "Northline"}, by=vera)
        if Seat.objects.filter(leg=seat.leg_id).count() == 1:
            with pytest.raises(dispatch.NotNow) as said:
                changing.change(seat.leg, {"escort": oskar}, by=vera)
            assert "cannot open" in said.value.sentence


class TestCancel:
    def test_who_sits_on_it_keeps_the_seat_and_nobody_else_gets_one(self, seat, another, vera, otto, acting):
        with acting(vera):
            gone = changing.cancel(seat.leg, by=vera)
            assert Seat.objects.get(pk=seat.pk).given_up_at is None
            way = dispatch.plan(another("Heron"), "extraction", [], by=vera)
            assert gone not in dispatch.open_legs(way, by=vera)
            with pytest.raises(dispatch.NotNow) as said:
                dispatch.take_seat(way, gone, by=vera)
            assert "cancelled" in said.value.sentence
            with pytest.raises(dispatch.NotNow):
                changing.cancel(gone, by=vera)
        with acting(otto):
            assert [told.what for told in changing.news([gone.pk], otto)[gone.pk]] == ["cancelled"]

    def test_a_way_over_a_cancelled_leg_is_not_planned(self, kestrel, vera, as_vera):
        added = dispatch.add_leg(leg(), by=vera)
        dispatch.plan(kestrel, "extraction", [added], by=vera, alone_by_choice=True)
        assert added in Leg.objects.filter(cancelled_at=None)
        changing.cancel(added, by=vera)
        from logistics.conditions import passage_planned
        from relocation.journey.attempt import Attempt
        from relocation.journey.step import STEPS

        said = passage_planned(Attempt(kestrel, STEPS["extract"], vera))
        assert "is cancelled" in str(said.sentence)


def test_whoever_acts_as_nobody_on_the_leg_learns_of_nobody(seat, vera, oskar):
    with acting_as(vera.pk):
        changing.change(seat.leg, {"from_place": "Birch"}, by=vera)
        row = Outbox.objects.get(kind="leg_changed")
    with acting_as(oskar.pk):
        assert concerned(row) == []

"""Seats, escorts and where to meet: each door beside its refusal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from conftest import BOTH
from logistics import dispatch
from logistics.models import Leg, Seat
from relocation.journey.alarms import TAPPED_AGAIN
from relocation.journey.wrong import Near, all_is_well
from relocation.models import Alarm, CaseGrant, LedgerEntry, Standing
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.cast import afresh
from tests.logistics.conftest import MEET, leg


def refused(sql: str, *values: UUID) -> str:
    """What PostgreSQL says to a statement of the app's own role."""
    with pytest.raises(IntegrityError) as said, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(said.value)


class TestSeats:
    def test_each_person_gets_the_lowest_free_seat(self, kestrel, another, ride, way, as_vera):
        second = dispatch.plan(another("Heron"), "extraction", [ride], by=as_vera)
        assert [way.seats.get().number, second.seats.get().number] == [1, 2]

    def test_a_leg_without_a_free_seat_says_so(self, kestrel, another, as_vera):
        full = dispatch.add_leg(leg(), by=as_vera)
        dispatch.plan(kestrel, "extraction", [full], by=as_vera)
        with pytest.raises(dispatch.NoSeat, match="no_seat"):
            dispatch.plan(another("Heron"), "extraction", [full], by=as_vera)

    def test_nobody_sits_twice_on_one_leg(self, way, ride, as_vera):
        with pytest.raises(dispatch.NoSeat) as said:
            dispatch.take_seat(way, ride, by=as_vera)
        assert "already has a seat" in said.value.sentence

    def test_a_seat_given_back_is_free_again(self, way, ride, as_vera):
        dispatch.give_up(way.seats.get(), by=as_vera)
        assert dispatch.take_seat(way, ride, by=as_vera).number == 1

    def test_the_database_knows_no_seat_beyond_the_last(self, seat, as_vera):
        assert "there is no seat 4" in refused("UPDATE logistics_seat SET number = 4 WHERE id = %s", seat.pk)

    def test_the_database_sells_no_seat_twice(self, seat, another, as_vera):
        other = dispatch.plan(another("Heron"), "extraction", [seat.leg], by=as_vera).seats.get()
        assert "one_person_per_seat" in refused("UPDATE logistics_seat SET number = 1 WHERE id = %s", other.pk)

    def test_a_verifier_takes_none(self, way, ride, tomas, acting):
        with acting(tomas), pytest.raises(Denied):
            dispatch.take_seat(way, ride, by=tomas)

    def test_whoever_may_not_write_places_names_none(self, kestrel, mara, acting):
        with acting(mara):
            own = dispatch.add_leg(leg(), by=mara)
            passage = dispatch.plan(kestrel, "extraction", [], by=mara)
            with pytest.raises(Denied):
                dispatch.take_seat(passage, own, by=mara, meeting_point="somewhere")
            assert dispatch.take_seat(passage, own, by=mara).number == 1


@pytest.mark.django_db(transaction=True, databases=BOTH)
class TestCommitted:
    """What shows only between transactions."""

    def test_of_twenty_who_want_three_seats_three_sit(self, request):
        with transaction.atomic():
            ride, vera, another = (request.getfixturevalue(name) for name in ("ride", "vera", "another"))
            cases = [another(f"Bird{n}") for n in range(20)]

        def run(case):
            try:
                with acting_as(vera.pk), transaction.atomic():
                    return dispatch.plan(case, "extraction", [ride], by=vera).seats.get().number
            except dispatch.NoSeat:
                return 0
            finally:
                connections.close_all()

        with ThreadPoolExecutor(20) as pool:
            numbers = sorted(pool.map(run, cases))
        assert numbers == [*[0] * 17, 1, 2, 3]

    def test_the_walls_hide_a_cancelled_passage_from_its_escort(self, request):
        with transaction.atomic():
            seat, vera, otto = (request.getfixturevalue(name) for name in ("seat", "vera", "otto"))
        with acting_as(otto.pk), transaction.atomic():
            assert Seat.objects.exists()
        with acting_as(vera.pk), transaction.atomic():
            dispatch.cancel(seat.passage, by=vera)
        with acting_as(otto.pk), transaction.atomic():
            assert not Seat.objects.exists() and not Leg.objects.exists()


class TestConfirm:
    def test_the_escort_sees_that_leg_and_no_other(self, seat, way, another, otto, as_vera, acting):
        elsewhere = dispatch.add_leg(leg(escort=otto), by=as_vera)
        dispatch.plan(another("Heron"), "extraction", [elsewhere], by=as_vera)  # not confirmed
        with acting(otto):
            assert [s.pk for s in Seat.objects.all()] == [seat.pk]
            assert [ride.pk for ride in Leg.objects.all()] == [seat.leg_id]

    def test_before_it_the_escort_sees_nothing(self, way, otto, acting):
        with acting(otto):
            assert not Seat.objects.exists() and not Leg.objects.exists()

    def test_only_once(self, seat, way, as_vera):
        with pytest.raises(dispatch.NotNow) as said:
            dispatch.confirm(way, by=as_vera)
        assert "already confirmed" in said.value.sentence

    def test_a_coordinator_does_not_let_an_escort_in(self, way, mara, acting):
        with acting(mara), pytest.raises(dispatch.NotNow) as said:
            dispatch.confirm(way, by=mara)
        assert "lead" in said.value.sentence

    def test_a_leg_added_later_lets_its_escort_in_at_once(self, seat, way, oskar, as_vera, acting):
        added = dispatch.take_seat(way, dispatch.add_leg(leg(escort=oskar), by=as_vera), by=as_vera)
        with acting(oskar):
            assert [s.pk for s in Seat.objects.all()] == [added.pk]


class TestCancel:
    def test_it_ends_what_the_escort_knew(self, seat, way, otto, as_vera, acting):
        dispatch.cancel(way, by=as_vera)
        assert not CaseGrant.objects.filter(permission__codename=Role.ESCORT).exists()
        with acting(otto):
            assert not access.may(otto, "travel.own", seat.case_id, scope=seat.leg_id)

    def test_a_cancelled_passage_stays_cancelled(self, seat, way, ride, as_vera):
        dispatch.cancel(way, by=as_vera)
        for attempt in (dispatch.confirm, dispatch.cancel):
            with pytest.raises(dispatch.NotNow):
                attempt(way, by=as_vera)
        with pytest.raises(dispatch.NotNow):
            dispatch.take_seat(way, ride, by=as_vera)


class TestMeetingPoint:
    def test_on_the_day_the_escort_opens_it_and_the_ledger_knows(self, seat, otto, vera, acting):
        with acting(otto):
            assert dispatch.meeting_point(seat, by=otto) == MEET
        with acting(vera):
            assert LedgerEntry.objects.filter(what="reveal.seat.meeting_point", actor_id=otto.pk, about=seat.pk).count() == 1

    @pytest.mark.parametrize("hours", [20, -30])
    def test_before_and_after_the_day_nobody_does(self, seat, otto, acting, hours):
        seat.leg.departs_at = timezone.now() + timedelta(hours=hours)
        seat.leg.arrives_at = seat.leg.departs_at + timedelta(hours=3)
        with acting(otto), pytest.raises(Denied):
            dispatch.meeting_point(seat, by=otto)

    def test_another_escort_never_does(self, seat, oskar, acting):
        with acting(oskar), pytest.raises(Denied):
            dispatch.meeting_point(seat, by=oskar)


class TestAlarm:
    def test_it_makes_the_case_compromised_and_wakes_the_people_on_call(self, seat, otto, vera, ilya, acting):
        with acting(otto):
            dispatch.alarm(seat, "a car followed us", by=otto)
        assert afresh(seat.case, vera).standing == Standing.COMPROMISED
        with acting(ilya):
            assert access.may(ilya, "case.open", seat.case_id)

    def test_a_second_tap_is_added_and_what_is_graver_or_said_after_all_was_well_is_a_new_one(self, seat, otto, vera, acting):
        near = Near("travel.own", seat.case_id, seat.leg_id)
        with acting(otto):
            assert dispatch.alarm(seat, "a car followed us", by=otto)
            assert not dispatch.alarm(seat, "it is back", by=otto)
            assert dispatch.alarm(seat, "they took her", by=otto, held=True)
            assert not dispatch.alarm(seat, "two men", by=otto)
            all_is_well(near, by=otto)
            assert dispatch.alarm(seat, "it is not", by=otto)
        with acting(vera):
            assert [one.kind for one in Alarm.objects.filter(case=seat.case)] == ["raised", "detained", "raised"]
            said = LedgerEntry.objects.filter(case_id=seat.case_id, actor_id=otto.pk, what__startswith="alarm.").order_by("seq")
            assert [one.what.removeprefix("alarm.") for one in said] == [
                "raised", "added", "raised", "added", "all_is_well", "all_is_well", "raised",
            ]  # fmt: skip

    def test_only_who_raised_it_takes_it_back_and_an_old_one_is_raised_again(self, seat, otto, oskar, vera, acting):
        near = Near("travel.own", seat.case_id, seat.leg_id)
        with acting(otto), pytest.raises(Denied):
            all_is_well(near, by=otto)
        with acting(otto):
            dispatch.alarm(seat, "a car followed us", by=otto)
        with acting(oskar), pytest.raises(Denied):
            all_is_well(near, by=oskar)
        with acting(vera):
            Alarm.objects.update(at=timezone.now() - TAPPED_AGAIN)
        with acting(otto):
            assert dispatch.alarm(seat, "it is back", by=otto)

    def test_what_somebody_else_changed_does_not_stop_it(self, seat, otto, vera, acting):
        seat.case.version = 99
        with acting(otto):
            dispatch.alarm(seat, "a car followed us", by=otto)
        with acting(vera):
            assert Alarm.objects.filter(case=seat.case).exists()

    def test_another_escort_raises_none(self, seat, oskar, acting):
        with acting(oskar), pytest.raises(Denied):
            dispatch.alarm(seat, "a car followed us", by=oskar)

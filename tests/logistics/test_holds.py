"""Holds: until when a carrier keeps a seat, and what becomes of it then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from logistics import dispatch, holds
from logistics.models import Seat
from logistics.telling import concerned
from relocation.models import CaseGrant, LedgerEntry, Outbox, system_account
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied
from tests.logistics.conftest import leg


def run_out(seat, by):
    with acting_as(by.pk):
        Seat.objects.filter(pk=seat.pk).update(held_until=timezone.now() - timedelta(seconds=1))


def test_a_hold_that_ran_out_is_given_back_once_and_its_people_are_told(seat, vera, otto):
    with acting_as(vera.pk):
        holds.hold(seat, timezone.now() + timedelta(hours=2), by=vera)
        assert holds.sweep() == 0
    run_out(seat, vera)
    assert [holds.sweep(), holds.sweep()] == [1, 0]
    with acting_as(vera.pk):
        assert Seat.objects.get(pk=seat.pk).given_up_at
        assert not CaseGrant.objects.filter(user=otto).exists(), "the escort of a leg that nobody travels knows nothing of it"
        assert LedgerEntry.objects.filter(what="seat.ran_out", about=seat.pk).count() == 1
    with acting_as(system_account("holds")):
        assert concerned(Outbox.objects.get(kind="hold_over")) == [vera.pk]


def test_a_ticket_ends_it_and_too_late_a_ticket_says_so(seat, vera, as_vera):
    dispatch.ticket(holds.hold(seat, timezone.now() + timedelta(hours=1), by=vera), "TK-1", by=vera)
    run_out(seat, vera)
    assert holds.sweep() == 0
    Seat.objects.filter(pk=seat.pk).update(ticketed_at=None)
    assert holds.sweep() == 1
    with pytest.raises(dispatch.NotNow) as said:
        dispatch.ticket(seat, "TK-2", by=vera)
    assert "ran out" in said.value.sentence


def test_whoever_wants_the_seat_gets_it_without_waiting_for_the_sweep(kestrel, another, vera, as_vera):
    one = dispatch.add_leg(leg(), by=vera)
    seat = dispatch.plan(kestrel, "extraction", [one], by=vera).seats.get()
    run_out(seat, vera)
    assert dispatch.plan(another("Heron"), "extraction", [one], by=vera).seats.get().number == 1


@pytest.mark.parametrize("hours", [-1, 7])
def test_it_ends_later_than_now_and_not_after_the_departure(seat, vera, as_vera, hours):
    with pytest.raises(dispatch.NotNow):
        holds.hold(seat, timezone.now() + timedelta(hours=hours), by=vera)


def test_who_may_not_plan_holds_nothing_and_gives_nothing_back(seat, tomas, otto, vera, acting):
    run_out(seat, vera)
    with acting(tomas), pytest.raises(Denied):
        holds.hold(seat, None, by=tomas)
    with acting(otto):
        assert dispatch.give_back_holds(seat.leg_id) == []
    with acting(vera):
        assert dispatch.give_back_holds(None) == [], "all of them are the sweep's"

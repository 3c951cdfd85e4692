"""Alternates: a leg that stands ready, and the switch to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from logistics import changing, dispatch, receiving, switching
from logistics.models import Alternate, Leg, Seat
from relocation.models import CaseGrant, LedgerEntry, Outbox
from relocation.safety import vault
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.logistics.conftest import PHRASE, leg


@pytest.fixture
def train(vera, oskar, as_vera):
    return dispatch.add_leg(leg(timezone.now() + timedelta(hours=7), mode="train", escort=oskar, to_place="Point D"), by=vera)


@pytest.fixture
def ready(seat, train, vera, as_vera):
    return switching.stand_by(seat, train, by=vera)


def test_one_switch_seats_tells_and_ends_what_the_old_escort_knew(seat, ready, train, vera, otto, oskar, acting):
    with acting(vera):
        new = switching.switch(ready, by=vera)
        assert [(s.leg_id, s.passage_id) for s in Seat.objects.filter(given_up_at=None)] == [(train.pk, seat.passage_id)]
        assert vault.read(new, "code_phrase", by=vera, purpose="test")["code_phrase"] == PHRASE
        assert LedgerEntry.objects.filter(what="seat.switched", about=new.pk).count() == 1
        assert Outbox.objects.get(kind="leg_changed").ids["was"] == str(otto.pk)
        with pytest.raises(dispatch.NotNow):
            switching.switch(ready, by=vera)
    with acting(otto):
        assert not Leg.objects.exists()
    with acting(oskar):
        assert Seat.objects.get().pk == new.pk


def test_whoever_receives_goes_with_the_last_leg(nils, company_way, vera, acting):
    way, last, other = company_way
    with acting(vera):
        receiving.let_in(way, nils, by=vera)
        switching.switch(switching.stand_by(way.seats.get(leg=last), other, by=vera), by=vera)
        held = CaseGrant.objects.filter(user=nils, permission__codename=Role.RECEIVER)
        assert [grant.scope for grant in held] == [other.pk]


@pytest.fixture
def nils(vera):
    from relocation.models import Account

    return Account.objects.create(username="nils.r", name="Nils Receiver", part="desk", organisation=vera.organisation)


@pytest.fixture
def company_way(kestrel, vera, as_vera):
    start = timezone.now() + timedelta(days=2)
    last, other = (dispatch.add_leg(leg(start + timedelta(hours=n), mode="plane"), by=vera) for n in (0, 5))
    return dispatch.plan(kestrel, "departure", [last], by=vera), last, other


def test_a_full_leg_refuses_and_the_seat_stays(seat, ready, train, another, vera, as_vera):
    dispatch.plan(another("Heron"), "extraction", [train], by=vera)
    with pytest.raises(dispatch.NoSeat):
        switching.switch(ready, by=vera)
    assert Seat.objects.get(pk=seat.pk).given_up_at is None and Alternate.objects.get().withdrawn_at is None


def test_what_else_stood_ready_stands_ready_for_the_new_leg(seat, ready, vera, as_vera):
    third = switching.stand_by(seat, dispatch.add_leg(leg(timezone.now() + timedelta(hours=9)), by=vera), by=vera)
    new = switching.switch(ready, by=vera)
    assert Alternate.objects.get(withdrawn_at=None).seat_id == new.pk
    switching.stand_down(third, by=vera)
    with pytest.raises(dispatch.NotNow):
        switching.stand_down(third, by=vera)


def test_not_the_own_leg_nor_one_that_is_gone_nor_twice(seat, ready, train, vera, as_vera):
    gone = dispatch.add_leg(leg(timezone.now() + timedelta(hours=8)), by=vera)
    changing.cancel(gone, by=vera)
    past = dispatch.add_leg(leg(timezone.now() - timedelta(hours=1)), by=vera)
    for wrong in (seat.leg, gone, past, train):
        with pytest.raises(dispatch.NotNow):
            switching.stand_by(seat, wrong, by=vera)


def test_who_may_not_plan_switches_nothing_and_a_coordinator_lets_no_escort_in(seat, ready, tomas, otto, mara, acting):
    for account in (tomas, otto):
        with acting(account), pytest.raises(Denied):
            switching.switch(ready, by=account)
    with acting(mara), pytest.raises(dispatch.NotNow) as said:
        switching.switch(ready, by=mara)
    assert "lead" in said.value.sentence

"""Whoever receives somebody: the last leg and no other, until 90 days after the arrival that happens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from fiction.story import CODEWORD, as_
from logistics import dispatch, receiving
from logistics.models import Leg, Passage, Seat
from relocation.journey.facts import Arrived, TurnedBack
from relocation.models import CaseGrant, Stage
from relocation.safety import access
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.journey.company import Company
from tests.logistics.conftest import leg
from tests.safety.raw import sql

TERM = timedelta(days=90)


@pytest.fixture
def company(ground, referred):
    """Kestrel under way, with a codeword."""
    company = Company(ground, referred.pk).at(Stage.TRAVELLING)
    company.watch()
    return company


@pytest.fixture
def way(company):
    """Two legs out of the country: Point C, and from there Point F."""
    leaves = timezone.now() + timedelta(hours=2)
    legs = [leg(leaves, mode="plane"), leg(leaves + timedelta(days=1), mode="train", from_place="Point C", to_place="Point F")]
    with as_(company.ground["vera"]) as vera:
        return dispatch.plan(company.case(vera), "departure", [dispatch.add_leg(one, by=vera) for one in legs], by=vera)


@pytest.fixture
def received(company, way, nina):
    """Nina receives at Point F."""
    with as_(company.ground["vera"]) as vera:
        return receiving.let_in(way, nina, by=vera)


def ends(company, grant):
    with as_(company.ground["vera"]):
        return CaseGrant.ever.get(pk=grant.pk).expires_at


class TestLettingIn:
    def test_the_lead_lets_a_colleague_in_on_the_page_of_the_passage(self, company, way, nina, signed_in, vera):
        page = f"/cases/{company.case_id}/passages/{way.pk}/"
        told = signed_in(vera).post(page, {"do": "receive", "receive-account": nina.pk}, follow=True).content.decode()
        assert "Nina Salo can open the last leg now, and no other." in told
        with as_(vera):
            last = Leg.objects.get(to_place="Point F")
            grant = access.holders(company.case_id, Role.RECEIVER).get()
            assert (grant.user, grant.scope, grant.expires_at) == (nina, last.pk, last.arrives_at + TERM)

    def test_a_coordinator_does_not_nor_anybody_for_a_way_within_the_country(self, company, way, nina, mara, vera, signed_in):
        page = f"/cases/{company.case_id}/passages/{way.pk}/"
        assert "Let somebody in for the last leg" not in signed_in(mara).get(page).content.decode()
        with as_(mara), pytest.raises(Denied):
            receiving.let_in(way, nina, by=mara)
        with as_(vera), pytest.raises(dispatch.NotNow):
            receiving.let_in(dispatch.plan(company.case(vera), "extraction", [], by=vera), nina, by=vera)
        with as_(vera), pytest.raises(ValueError, match="scope"):
            access.admit(nina, Role.RECEIVER, company.case_id, by=vera, reason="without a leg")


class TestTheirPage:
    def test_it_shows_the_last_leg_and_nothing_before_it(self, company, received, nina, signed_in):
        browser = signed_in(nina)
        for address in ("arrival/", ""):
            shown = browser.get(f"/cases/{company.case_id}/{address}").content.decode()
            assert "Point C to Point F" in shown and "Alder" not in shown, address
        assert browser.get(f"/cases/{company.case_id}/passages/").status_code == 404

    def test_the_database_shows_one_seat_and_lets_it_be(self, company, received, nina):
        with as_(nina):
            seat = Seat.objects.get(case_id=company.case_id)
            assert seat.leg.to_place == "Point F" and not Passage.objects.exists()
            assert not Seat.objects.filter(pk=seat.pk).update(progress="met")
        with as_(nina), pytest.raises(Denied):
            dispatch.progress(seat.pk, "met", by=nina)

    def test_nobody_else_has_it(self, company, received, mara, charlie, signed_in):
        for other in (mara, charlie):
            assert signed_in(other).get(f"/cases/{company.case_id}/arrival/").status_code == 404

    def test_once_the_leg_is_taken_out_they_open_nothing(self, company, received, way, nina, signed_in):
        with as_(company.ground["vera"]) as vera:
            dispatch.give_up(receiving.last_seat(way), by=vera)
        assert signed_in(nina).get(f"/cases/{company.case_id}/arrival/").status_code == 404


class TestTheEnd:
    @pytest.mark.parametrize("by", ["nina", "vera"])
    def test_the_arrival_that_happens_counts_whoever_says_so(self, company, received, by):
        company.step("arrive", by, facts=Arrived(CODEWORD))
        assert abs(ends(company, received) - timezone.now() - TERM) < timedelta(minutes=1)

    def test_who_was_turned_back_is_not_received(self, company, received, nina, signed_in):
        company.step("turn_back", "vera", facts=TurnedBack("at the bridge", "guards", "a friend's flat"))
        assert ends(company, received) <= timezone.now()
        assert signed_in(nina).get(f"/cases/{company.case_id}/arrival/").status_code == 404

    def test_nobody_lengthens_it_by_hand(self, company, received, nina, vera):
        for account in (nina, vera):
            with as_(account), pytest.raises(ProgrammingError), transaction.atomic():
                sql("UPDATE relocation_casegrant SET expires_at = now() + interval '1 year' WHERE id = %s", received.pk)

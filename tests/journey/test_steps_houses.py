"""From house to house: what is left behind is over, the way and the bed."""

import pytest

from fiction.story import as_
from logistics.models import Passage, Seat
from relocation.journey.facts import Place, Sheltering
from relocation.models import CaseGrant, Stage
from shelters.models import Stay
from tests.journey.test_steps_extraction import PRIVATE, plan
from tests.safety.committed import undone


class TestTheWayBehind:
    """A way that was travelled is over, and leads nowhere a second time."""

    def passage(self, company):
        with as_(company.ground["vera"]):
            return Passage.objects.get(case_id=company.case_id)

    def test_once_she_is_sheltered_the_passage_is_done(self, company):
        company.to(Stage.SHELTERED)
        assert self.passage(company).state == Passage.State.DONE
        assert company.blocked("extract_again") == ["passage_planned"]

    def test_broken_off_its_seats_are_free_again(self, company):
        company.to(Stage.EXTRACTING)
        company.step("abort", "vera", reason="the road is closed", facts=Place("the hostel"))
        assert self.passage(company).state == Passage.State.DONE
        with as_(company.ground["vera"]):
            assert not Seat.objects.filter(case_id=company.case_id, given_up_at=None).exists()
            assert not CaseGrant.objects.filter(permission__codename="escort").exists()

    def test_one_that_has_not_begun_is_kept_when_she_found_shelter_by_herself(self, company):
        plan(company.at(Stage.ACCEPTED))
        company.step("shelter", "vera", facts=PRIVATE)
        assert self.passage(company).state == Passage.State.CONFIRMED


class TestMoveHouse:
    def test_not_to_the_bed_where_she_already_is(self, company):
        company.to(Stage.SHELTERED)
        assert company.blocked("move_house", facts=Sheltering()) == ["bed_held", "arrival_confirmed"]

    def test_one_stay_is_judged_for_both(self, company):
        """She is in one house, and a bed is held in another: she has not arrived there."""
        company.to(Stage.SHELTERED)
        company.house = "Birch"
        company.hold_bed()
        assert company.blocked("move_house", facts=Sheltering()) == ["arrival_confirmed"]

    def test_then_the_bed_before_is_left_and_its_host_let_go(self, company):
        company.to(Stage.SHELTERED)
        company.house = "Birch"
        company.host_receives(company.hold_bed())
        company.step("move_house", "vera", facts=Sheltering())
        with as_(company.ground["vera"]):
            assert dict(Stay.objects.values_list("house__code", "state")) == {"Alder": "left", "Birch": "arrived"}
            hosts = set(CaseGrant.objects.filter(permission__codename="host").values_list("user__username", flat=True))
        assert hosts == {"pekka"}

    def test_at_a_private_place_no_bed_is_kept(self, company):
        company.to(Stage.SHELTERED).step("move_house", "vera", facts=PRIVATE)
        with as_(company.ground["vera"]):
            assert set(Stay.objects.values_list("state", flat=True)) == {"left"}

    def test_another_place_and_the_journey_stays_where_it_is(self, company):
        for stage in (Stage.ACCEPTED, Stage.DOCUMENTING, Stage.LODGED, Stage.TRAVELLING):
            with undone():
                before = company.at(stage).seen().version
                moved = company.step("move_house", "vera", facts=PRIVATE)
                assert (moved.was, moved.now, moved.case.version) == (stage, stage, before + 1)

    def test_not_to_a_place_that_nobody_holds(self, company):
        assert company.at(Stage.DOCUMENTING).blocked("move_house", facts=Sheltering()) == ["bed_held", "arrival_confirmed"]

    def test_in_an_emergency_at_once(self, company):
        company.at(Stage.DOCUMENTING).step("move_house", "vera", facts=Sheltering(), emergency="the house is burning")
        assert company.alarms() == ["emergency"]

    @pytest.mark.parametrize("stage", [Stage.REFERRED, Stage.RESETTLED])
    def test_neither_before_nor_after(self, company, stage):
        if stage != Stage.REFERRED:
            company.at(stage)
        assert company.impossible("move_house", facts=PRIVATE)

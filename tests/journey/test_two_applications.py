"""Two applications at once: each has its own state, its own officer, and the case the stage of the furthest."""

import pytest

from fiction.story import as_
from relocation.journey.facts import OneApplication
from relocation.journey.referring import assign, refer
from relocation.models import Stage
from tests.cast import referral
from tests.journey.company import Company
from tests.journey.test_steps_visa import granted, refused, released, share, verified


class TestTwoApplications:
    @pytest.fixture
    def both(self, company):
        """Lodged with R2, whose officer is Elise, and with R5, whose officer is Pierre."""
        company.at(Stage.LODGED)
        company.r2 = company.apply_to("R2", "lodged", **released(company, "R2", "elise"))
        company.r5 = company.apply_to("R5", "lodged", **released(company, "R5", "pierre"))
        return company

    def test_the_stage_is_that_of_the_furthest(self, both):
        assert both.step("refuse", "elise", facts=refused(both.r2)).now == Stage.LODGED
        assert both.step("grant", "vera", facts=granted(both.r5)).now == Stage.GRANTED
        assert (both.application_state("R2"), both.application_state("R5")) == ("refused", "granted")

    def test_an_officer_who_sees_one_does_not_set_the_other_back(self, both):
        both.step("grant", "elise", facts=granted(both.r2))
        with as_(both.ground["pierre"]):
            assert not type(both.r2).objects.filter(pk=both.r2.pk).exists()
        assert both.step("refuse", "pierre", facts=refused(both.r5)).now == Stage.GRANTED

    def test_an_officer_decides_his_own_alone(self, both):
        assert both.impossible("grant", "pierre", facts=granted(both.r2))
        assert both.step("grant", "pierre", facts=granted(both.r5)).now == Stage.GRANTED
        assert (both.application_state("R2"), both.application_state("R5")) == ("lodged", "granted")

    def test_with_one_prepared_and_one_refused_the_stage_goes_back_to_the_prepared_one(self, company):
        company.at(Stage.LODGED)
        r2 = company.apply_to("R2", "lodged")
        company.apply_to("R5", "applying")
        assert company.step("refuse", "vera", facts=refused(r2)).now == Stage.APPLYING

    def test_one_is_prepared_while_the_other_lies_with_a_post(self, company):
        company.at(Stage.LODGED).apply_to("R2", "lodged")
        r5 = company.apply_to("R5", "chosen")
        for kind, days in (("photo", None), ("passport", 900)):
            verified(company, kind, days)
        share(company, "R5")
        assert company.step("apply", "vera", facts=OneApplication(r5.pk)).now == Stage.LODGED
        assert company.application_state("R5") == "applying"

    def test_an_application_of_another_case_is_none_of_this_one(self, both):
        elsewhere = both.r2.pk
        with as_(both.ground["mara"]) as mara:
            heron = refer(referral(alias="Heron"), by=mara)
            assign(heron.pk, both.ground["vera"], by=mara, reason="has room")
        other = Company(both.ground, heron.pk).at(Stage.LODGED)
        assert other.impossible("grant", facts=granted(both.r2))
        assert both.application().pk == elsewhere and both.application_state() == "lodged"

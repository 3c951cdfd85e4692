"""What holds for every condition: it says since when and where it is mended, and claims nothing to whoever cannot see."""

import pytest

from fiction.story import as_
from relocation.journey import outlook
from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Hidden, Unmet, judge
from relocation.journey.deadlines import still_missing
from relocation.journey.step import STEPS
from relocation.models import ApplicationState, Stage
from relocation.safety.policy import Role

WITH_NEEDS = sorted(name for name, step in STEPS.items() if step.needs)


@pytest.mark.parametrize("name", WITH_NEEDS)
def test_what_is_in_the_way_says_since_when_and_how_it_is_mended(company, name):
    step = STEPS[name]
    application = company.apply_to(state=step.application or ApplicationState.CHOSEN)
    with as_(company.ground["vera"]) as vera:
        unmet = [j for j in judge(step.needs, Attempt(company.case(vera), step, vera, None, application)) if not j.met]
    for judgement in unmet:
        assert isinstance(judgement.outcome, Unmet) and judgement.outcome.since, judgement.name
        assert (judgement.outcome.mend and judgement.outcome.mend.url) or step.facts, judgement.name


class TestEyes:
    """A verifier sees neither passages nor stays; a case worker no stays."""

    @pytest.fixture
    def sheltered(self, company):
        company.to(Stage.EXTRACTING)
        company.host_receives(company.hold_bed())
        company.let_in("nina", Role.WORKER, "mara")
        return company

    def answers(self, company, by, name):
        with as_(company.ground[by]) as account:
            looked = outlook.look(company.case(account), STEPS[name], account)
        return {judgement.name: type(judgement.outcome).__name__ for judgement in looked.judged}, looked

    def test_the_lead_is_answered(self, sheltered):
        assert self.answers(sheltered, "vera", "shelter")[0] == {"bed_held": "Met", "arrival_confirmed": "Met"}

    def test_whoever_knows_no_place_is_not_told_the_opposite(self, sheltered):
        answers, looked = self.answers(sheltered, "nina", "shelter")
        assert answers == {"bed_held": "Hidden", "arrival_confirmed": "Hidden"}
        assert not looked.unmet and not looked.is_open
        assert {str(hidden.sentence) for hidden in looked.hidden} == {"The case lead can see whether this is so."}

    def test_of_what_they_see_they_are_told(self, sheltered):
        assert self.answers(sheltered, "tomas", "extract")[0] == {
            "passage_planned": "Hidden", "check_in_plan": "Met", "alarm_contacts": "Met", "no_conflict_of_kin": "Met",
        }  # fmt: skip

    def test_without_the_post_nobody_is_told_that_none_was_chosen(self, sheltered):
        sheltered.apply_to()
        assert self.answers(sheltered, "tomas", "apply")[0] == {"application": "Hidden"}
        assert isinstance(self.answers(sheltered, "tomas", "document")[1].judged[0].outcome, Hidden)

    def test_nor_closes_a_task_on_what_they_do_not_see(self, sheltered):
        with as_(sheltered.ground["nina"]) as nina:
            assert "case lead" in str(still_missing(sheltered.case(nina), "bed_held", nina).sentence)
        with as_(sheltered.ground["vera"]) as vera:
            assert still_missing(sheltered.case(vera), "bed_held", vera) is None

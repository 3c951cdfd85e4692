"""After a duress word the next step looks as it does on other days: refused as anybody is, or recorded as asked."""

import pytest

from fiction.story import CODEWORD, DURESS, as_
from logistics import check_ins
from relocation.journey import deadlines
from relocation.journey.advance import ask_second
from relocation.journey.facts import FoundAgain, OnHold, Withdrawal
from relocation.journey.refusals import Blocked
from relocation.models import Deadline, Stage, Standing
from relocation.safety.refusal import Busy
from tests.journey.company import in_days

HELD = {"facts": OnHold(in_days(3)), "reason": "she is ill"}


@pytest.fixture
def silenced(company):
    """Sheltered, and Vera was given the duress word at a check-in."""
    company.at(Stage.SHELTERED).watch()
    with as_(company.ground["vera"]) as vera:
        check_ins.log(company.case(vera), "heard", by=vera, word=DURESS, channel="phone")
    return company


class TestWhoeverTypedTheWord:
    @pytest.mark.parametrize("step", ["document", "hold"])
    def test_what_needs_an_open_way_waits_as_if_a_colleague_held_the_case(self, silenced, step):
        with pytest.raises(Busy) as refused:
            silenced.step(step, "vera", **(HELD if step == "hold" else {}))
        assert "ompromised" not in refused.value.sentence
        assert silenced.state == (Stage.SHELTERED, Standing.COMPROMISED)

    def test_what_does_not_lead_on_from_what_is_shown_is_refused_as_ever(self, silenced):
        for step, facts in (("find_again", FoundAgain(CODEWORD)), ("resume", None)):
            assert silenced.blocked(step, facts=facts) == ["possible"]

    def test_a_second_person_is_asked_as_ever_and_sees_the_case_as_it_is(self, silenced):
        with as_(silenced.ground["vera"]) as vera:
            facts = Withdrawal()
            asked = ask_second(silenced.case(vera), "withdraw", by=vera, version=silenced.version(), session="hers", facts=facts,
                               reason="she says so")  # fmt: skip
        silenced.agree(asked)
        with pytest.raises(Busy):
            silenced.step("withdraw", "vera", facts=facts, reason="she says so")

    def test_said_aloud_it_is_recorded_and_the_silence_is_over(self, silenced):
        said = silenced.step("compromise", "vera", reason="men wait in the yard")
        assert said.now == Standing.COMPROMISED and silenced.alarms() == ["duress", "raised"]
        assert silenced.blocked("document") == ["possible"]

    def test_the_codeword_given_later_opens_nothing_before_the_alarm_is_settled(self, silenced):
        silenced.step("lose_contact", "vera", reason="no answer")
        said = silenced.step("find_again", "vera", facts=FoundAgain(CODEWORD))
        assert (said.now, silenced.state[1]) == (Standing.ACTIVE, Standing.COMPROMISED)

    def test_once_settled_she_is_told(self, silenced):
        with as_(silenced.ground["mara"]) as mara:
            deadlines.close(Deadline.objects.get(case=silenced.case_id, kind="alarm").pk, by=mara)
        with pytest.raises(Blocked, match="blocked") as refused:
            silenced.step("document", "vera")
        assert "Compromised" in refused.value.sentence


def test_everybody_else_is_refused_with_the_truth(silenced):
    with pytest.raises(Blocked) as refused:
        silenced.step("settle_here", "mara", reason="her aunt lives here")
    assert "Compromised" in refused.value.sentence

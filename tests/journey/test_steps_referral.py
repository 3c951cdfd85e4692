"""Referral: verify, accept, enter, decline, reopen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fiction.story import as_
from relocation.journey.facts import ENTRY_STAGES, Closing, Declined, Entered
from relocation.models import Consent, Corroboration, DuplicateCheck, Pursuer, RiskAssessment, Stage, Vouch
from relocation.safety.policy import Role
from tests.journey.company import in_days
from tests.safety.committed import undone


class TestVerify:
    def test_the_lead_starts_it_once_somebody_looked_for_duplicates(self, company):
        company.note(DuplicateCheck(), "vera")
        assert company.step("verify", "vera").now == Stage.VERIFYING

    def test_nobody_is_contacted_who_did_not_agree_to_it(self, company):
        company.note(DuplicateCheck(), "vera")
        with as_(company.ground["vera"]):
            Consent.objects.update(withdrawn_on=timezone.localdate())
        assert company.blocked("verify") == ["consent_to_contact"]

    def test_nor_after_the_consent_ran_out(self, company):
        company.note(DuplicateCheck(), "vera")
        company.set_back("relocation_consent", given_on=800, expires_on=800)
        assert company.blocked("verify") == ["consent_to_contact"]

    def test_two_leads_on_one_person_endanger_them(self, company):
        assert company.blocked("verify") == ["duplicates_seen"]

    @pytest.mark.parametrize(
        ("pursuer", "whom"),
        [("Линд Пётр", "lead"), ("Petr LIND", "lead"), ("Oja Karl", "verifier"), ("Горячая Мария", "referrer")],
    )
    def test_nobody_on_the_case_bears_the_name_of_a_pursuer_unless_the_person_vouches(self, company, pursuer, whom):
        company.note(DuplicateCheck(), "vera")
        company.let_in("tomas", Role.VERIFIER, "mara")
        company.note(Pursuer(name=pursuer, relation="uncle"), "vera")
        assert company.blocked("verify") == ["no_conflict_of_kin"]
        company.note(Vouch(whom=whom, words="I trust them, by phone"), "vera")
        assert company.step("verify", "vera").now == Stage.VERIFYING

    def test_vouching_for_one_is_not_vouching_for_another(self, company):
        company.note(DuplicateCheck(), "vera")
        company.note(Pursuer(name="Линд Пётр", relation="uncle"), "vera")
        company.note(Vouch(whom="referrer", words="I trust them, by phone"), "vera")
        assert company.blocked("verify") == ["no_conflict_of_kin"]

    def test_a_pursuer_of_another_name_is_in_nobodys_way(self, company):
        company.note(DuplicateCheck(), "vera")
        company.note(Pursuer(name="Эльфов Иван", relation="father"), "vera")
        assert company.step("verify", "vera").now == Stage.VERIFYING

    def test_it_does_not_start_twice(self, verifying):
        assert verifying.impossible("verify")


class TestAccept:
    def corroborate(self, company, by="tomas", outcome="supports"):
        company.note(Corroboration(kind="interview", outcome=outcome, on=timezone.localdate(), words="They agree."), by)

    def assess(self, company, days_ago=0):
        company.note(RiskAssessment(level="high", on=in_days(-days_ago), words="They look for her."), "vera")

    def test_the_coordinator_accepts_what_a_verifier_supports(self, verifying):
        self.corroborate(verifying)
        self.assess(verifying, days_ago=14)
        assert verifying.step("accept", "mara").now == Stage.ACCEPTED

    def test_not_without_corroboration(self, verifying):
        self.assess(verifying)
        assert verifying.blocked("accept", "mara") == ["corroborated"]

    @pytest.mark.parametrize("outcome", ["unclear", "contradicts"])
    def test_nor_on_one_that_does_not_support_it(self, verifying, outcome):
        self.assess(verifying)
        self.corroborate(verifying, outcome=outcome)
        assert verifying.blocked("accept", "mara") == ["corroborated"]

    def test_nor_on_the_leads_own(self, verifying):
        self.assess(verifying)
        self.corroborate(verifying, by="vera")
        assert verifying.blocked("accept", "mara") == ["corroborated"]

    def test_nor_without_an_assessment_of_the_last_fourteen_days(self, verifying):
        self.corroborate(verifying)
        assert verifying.blocked("accept", "mara") == ["risk_assessed"]
        self.assess(verifying, days_ago=15)
        assert verifying.blocked("accept", "mara") == ["risk_assessed"]

    def test_the_verifier_does_not_decide(self, verifying, ilya):
        """Ilya corroborates, and is then let in as a coordinator too: somebody else has to accept."""
        verifying.let_in("ilya", Role.VERIFIER, "mara")
        self.corroborate(verifying, by="ilya")
        self.assess(verifying)
        verifying.let_in("ilya", Role.COORDINATOR, "vera", until=ilya.shifts.get().ends_at)
        assert verifying.blocked("accept", "ilya") == ["corroborated"]
        assert verifying.step("accept", "mara").now == Stage.ACCEPTED

    def test_nor_do_lead_verifier_and_stranger(self, verifying):
        assert all(verifying.denied("accept", by) for by in ("vera", "tomas", "charlie"))


class TestEnter:
    def test_people_come_when_they_have_already_fled(self, company):
        for stage in ENTRY_STAGES:
            with undone():
                company.at(stage)
                assert company.state == (stage, "active")

    def test_also_out_of_verification(self, verifying):
        verifying.at(Stage.SHELTERED)
        assert verifying.state[0] == Stage.SHELTERED

    def test_not_without_a_second_person(self, company):
        assert company.blocked("enter", "mara", facts=Entered(Stage.SHELTERED, "seen")) == ["second_person"]

    def test_nor_without_saying_where_they_are(self, company):
        assert company.impossible("enter", "mara")

    def test_nor_to_a_stage_that_nobody_flees_to(self, company):
        with pytest.raises(Exception) as refused:
            company.agreed_step("enter", "mara", second="ilya", facts=Entered(Stage.CLOSED, "seen"))
        assert "closed" in str(refused.value).lower() or "transition" in str(refused.value).lower()
        assert company.state[0] == Stage.REFERRED

    def test_nor_once_the_case_is_accepted(self, company):
        company.at(Stage.ACCEPTED)
        assert company.impossible("enter", "mara", facts=Entered(Stage.SHELTERED, "seen"))


class TestDeclineAndReopen:
    def test_no_is_said_with_its_reason_and_what_was_offered_instead(self, company):
        company.step("decline", "mara", reason="outside our mandate", facts=Declined("a lawyer"))
        assert company.seen("mara").stage == Stage.DECLINED

    def test_not_without_a_reason_nor_without_an_offer(self, company):
        assert company.impossible("decline", "mara", facts=Declined("a lawyer"))
        assert company.impossible("decline", "mara", reason="outside our mandate")

    def test_not_once_somebody_is_on_the_way(self, company):
        company.at(Stage.SHELTERED)
        assert company.impossible("decline", "mara", reason="x", facts=Declined("y"))

    @pytest.mark.parametrize("end", ["declined", "closed"])
    def test_a_case_that_ended_is_looked_at_again(self, company, end):
        if end == "declined":
            company.step("decline", "mara", reason="outside our mandate", facts=Declined("a lawyer"))
        else:
            company.step("close", "mara", facts=Closing(handed_to="Southern Cross"))
        assert company.impossible("reopen", "mara")
        assert company.step("reopen", "mara", reason="new facts").now == Stage.VERIFYING

    def test_one_that_goes_on_is_not_reopened(self, verifying):
        assert verifying.impossible("reopen", "mara", reason="new facts")

    def test_consents_are_counted_in_days(self, company):
        assert company.seen().stage_since - timezone.now() < timedelta(minutes=5)

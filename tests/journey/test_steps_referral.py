"""Referral: verify, accept, enter, decline, reopen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fiction.story import as_
from relocation.journey.attempt import Attempt
from relocation.journey.conditions import judge
from relocation.journey.facts import ENTRY_STAGES, Closing, Declined, Entered, OneApplication, VisaGranted
from relocation.journey.referring import assign
from relocation.journey.step import STEPS
from relocation.models import (
    Account,
    Checklist,
    Consent,
    Corroboration,
    DuplicateCheck,
    Pursuer,
    Referrer,
    RiskAssessment,
    Stage,
    Vouch,
)
from relocation.safety import access
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
        company.note(Vouch(whom=whom, about=self.about(company, whom), words="I trust them, by phone"), "vera")
        assert company.step("verify", "vera").now == Stage.VERIFYING

    def test_nor_is_called_by_a_pursuers_number(self, company):
        company.note(DuplicateCheck(), "vera")
        company.note(Referrer(who="a cousin, 8 (999) 765-43-21"), "vera")
        company.note(Pursuer(name="Unknown", relation="uncle", phone="+79997654321"), "vera")
        assert company.blocked("verify") == ["no_conflict_of_kin"]

    def about(self, company, whom):
        with as_(company.ground["vera"]):
            named = {"lead": company.ground["vera"].pk, "verifier": company.ground["tomas"].pk}
            return named.get(whom) or Referrer.objects.get(case_id=company.case_id).pk

    def test_vouching_for_one_is_not_vouching_for_another(self, company):
        company.note(DuplicateCheck(), "vera")
        company.note(Pursuer(name="Линд Пётр", relation="uncle"), "vera")
        company.note(Vouch(whom="referrer", about=self.about(company, "referrer"), words="I trust them, by phone"), "vera")
        assert company.blocked("verify") == ["no_conflict_of_kin"]

    def test_nor_for_whoever_comes_after_them(self, company):
        """Vera was vouched for; the next lead, of the same name, was not."""
        company.note(DuplicateCheck(), "vera")
        company.note(Pursuer(name="Линд Пётр", relation="uncle"), "vera")
        company.note(Vouch(whom="lead", about=self.about(company, "lead"), words="I trust her"), "vera")
        nina = company.ground["nina"]
        Account.objects.filter(pk=nina.pk).update(name="Nina Lind")
        with as_(company.ground["mara"]) as mara:
            assign(company.case_id, nina, by=mara, reason="Vera is ill")
        with as_(nina):
            assert [j.name for j in judge(STEPS["verify"].needs, self.attempt(company, nina)) if not j.met] == [
                "no_conflict_of_kin"
            ]

    def attempt(self, company, by):
        return Attempt(company.case(by), STEPS["verify"], by)

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

    def test_kinship_is_asked_again_also_of_a_coordinator_who_sees_no_pursuer(self, verifying, ilya):
        """A verifier came since, who bears the name; Ilya learns that much and no more."""
        verifying.let_in("ilya", Role.COORDINATOR, "vera", until=timezone.now() + timedelta(hours=1))
        self.corroborate(verifying)
        self.assess(verifying)
        verifying.note(Pursuer(name="Oja Karl", relation="uncle"), "vera")
        with as_(ilya):
            assert not Pursuer.objects.exists()
        assert verifying.blocked("accept", "ilya") == ["no_conflict_of_kin"]
        verifying.note(Vouch(whom="verifier", about=verifying.ground["tomas"].pk, words="I trust him"), "vera")
        assert verifying.step("accept", "ilya").now == Stage.ACCEPTED

    def test_support_counts_only_from_a_verifier(self, verifying):
        verifying.let_in("nina", Role.LEAD, "mara")
        self.corroborate(verifying, by="nina")
        self.assess(verifying)
        assert verifying.blocked("accept", "mara") == ["corroborated"]

    def test_and_not_from_one_who_led_the_case_once(self, verifying):
        with as_(verifying.ground["mara"]) as mara:
            assign(verifying.case_id, verifying.ground["tomas"], by=mara, reason="for a day")
            assign(verifying.case_id, verifying.ground["vera"], by=mara, reason="and back")
        self.corroborate(verifying)
        self.assess(verifying)
        assert verifying.blocked("accept", "mara") == ["corroborated"]

    def test_nor_less_from_one_whose_time_is_over(self, verifying):
        self.corroborate(verifying)
        self.assess(verifying)
        with as_(verifying.ground["mara"]) as mara:
            access.dismiss(verifying.ground["tomas"], Role.VERIFIER, verifying.case_id, by=mara)
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
        with as_(ilya):
            until = ilya.shifts.get().ends_at
        verifying.let_in("ilya", Role.COORDINATOR, "vera", until=until)
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

    def test_an_application_that_is_on_its_way_comes_with_its_post_and_goes_on(self, company):
        post = Checklist.objects.get(post__code="R2").pk
        days = {"valid_from": in_days(-3), "valid_until": in_days(60)}
        for stage, then in (("lodged", "grant"), ("granted", "suspend"), ("travelling", "suspend")):
            told = {} if stage == "lodged" else days
            with undone():
                company.agreed_step("enter", "mara", second="ilya", facts=Entered(stage, "note 17/26", post, **told))
                application = company.application()
                assert (company.state[0], company.application_state()) == (stage, "lodged" if stage == "lodged" else "granted")
                granted = VisaGranted(application.pk, in_days(0), in_days(9), "note 18/26")
                facts = granted if then == "grant" else OneApplication(application.pk)
                company.step(then, "vera" if then == "grant" else "mara", facts=facts, reason="as the post says")
                assert company.application_state() == ("granted" if then == "grant" else "lodged")

    def test_not_without_its_post_nor_with_a_visa_that_has_ended(self, company):
        post = Checklist.objects.get(post__code="R2").pk
        over = {"valid_from": in_days(-30), "valid_until": in_days(-1)}
        for facts in (Entered("lodged", "seen"), Entered("granted", "seen", post), Entered("travelling", "seen", post, **over)):
            assert "application_entered" in company.blocked("enter", "mara", facts=facts), facts

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

    def test_its_clock_of_retention_stops(self, company):
        company.step("close", "mara", facts=Closing(handed_to="Southern Cross"))
        company.step("reopen", "mara", reason="new facts")
        assert company.seen().retain_until is None
        assert [due.done_at is not None for due in company.deadlines("retention")] == [True]

    def test_one_that_goes_on_is_not_reopened(self, verifying):
        assert verifying.impossible("reopen", "mara", reason="new facts")

    def test_consents_are_counted_in_days(self, company):
        assert company.seen().stage_since - timezone.now() < timedelta(minutes=5)

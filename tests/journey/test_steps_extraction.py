"""Extraction and safe house: extract, abort, shelter, move_house; and what an emergency sets aside."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from fiction.story import as_, do_jobs
from logistics.models import Leg, Passage
from relocation.journey import outlook
from relocation.journey.advance import ask_second
from relocation.journey.facts import MadeSafe, Place, Sheltering, Withdrawal
from relocation.journey.step import STEPS
from relocation.models import (
    AlarmContact,
    CaseGrant,
    CheckInPlan,
    Consent,
    Deadline,
    Outbox,
    Pursuer,
    Stage,
    Standing,
    Whereabouts,
    system_account,
)  # fmt: skip
from relocation.safety.actor import acting_as
from shelters.models import House

PRIVATE = Sheltering(arrived=True, private_place="at Anna's, behind the mill")


def plan(company, **changes):
    leg = company.extraction_leg()
    for name, value in changes.items():
        setattr(leg, name, value)
    return company.plan_passage("extraction", [leg])


class TestExtract:
    @pytest.fixture
    def accepted(self, company):
        return company.at(Stage.ACCEPTED)

    def test_the_lead_starts_it_when_a_coordinator_agrees(self, accepted):
        plan(accepted)
        accepted.watch()
        assert accepted.agreed_step("extract", "vera").now == Stage.EXTRACTING

    def test_not_alone(self, accepted):
        plan(accepted)
        accepted.watch()
        assert accepted.blocked("extract") == ["second_person"]

    def test_everything_is_named_that_is_missing(self, accepted):
        assert accepted.blocked("extract") == ["passage_planned", "check_in_plan", "alarm_contacts"]

    def test_a_leg_has_an_escort_or_the_person_travels_alone_by_choice(self, accepted):
        passage = plan(accepted, escort=None)
        accepted.watch()
        assert accepted.blocked("extract") == ["passage_planned"]
        with as_(accepted.ground["vera"]):
            Passage.objects.filter(pk=passage.pk).update(alone_by_choice=True)
        assert accepted.blocked("extract") == ["second_person"]

    def test_a_passage_that_was_cancelled_leads_nowhere(self, accepted):
        passage = plan(accepted)
        accepted.watch()
        with as_(accepted.ground["vera"]):
            Passage.objects.filter(pk=passage.pk).update(state=Passage.State.CANCELLED)
        assert accepted.blocked("extract") == ["passage_planned"]

    def test_nor_one_that_is_over(self, accepted):
        passage = plan(accepted)
        accepted.watch()
        with as_(accepted.ground["vera"]):
            gone = timezone.now() - timedelta(days=2)
            Leg.objects.filter(taken__passage=passage).update(departs_at=gone, arrives_at=gone + timedelta(hours=9))
        assert accepted.blocked("extract") == ["passage_planned"]

    def test_nor_one_on_which_the_escort_has_handed_her_over(self, accepted):
        plan(accepted)
        accepted.watch()
        accepted.escort_meets()
        assert accepted.blocked("extract") == ["passage_planned"]

    def test_nor_is_anybody_listened_for_once_the_plan_has_ended(self, accepted):
        plan(accepted)
        accepted.watch()
        with as_(accepted.ground["vera"]):
            CheckInPlan.objects.update(ends_at=timezone.now() - timedelta(minutes=1))
        assert accepted.blocked("extract") == ["check_in_plan"]

    @pytest.mark.parametrize("change", ["carrier", "alone", "contacts"])
    def test_what_was_agreed_to_is_void_once_it_changed(self, accepted, change):
        passage = plan(accepted)
        accepted.watch()
        with as_(accepted.ground["vera"]) as vera:
            asked = ask_second(accepted.case(vera), "extract", by=vera, version=accepted.version(), session="device of vera")
        accepted.agree(asked)
        with as_(accepted.ground["vera"]):
            if change == "carrier":
                Leg.objects.filter(taken__passage=passage).update(carrier="a cousin of hers")
            elif change == "alone":
                Passage.objects.filter(pk=passage.pk).update(alone_by_choice=True)
            else:
                AlarmContact.objects.filter(kind="trusted").delete()
        if change == "contacts":
            accepted.note(AlarmContact(kind="trusted", name="Somebody else", address="+7 900 000 00 01"), "vera")
        assert accepted.blocked("extract") == ["second_person"]

    def test_the_plan_has_a_codeword_and_a_duress_word(self, accepted):
        plan(accepted)
        accepted.watch()
        accepted.note(CheckInPlan(every_hours=24, starts_at=timezone.now(), codeword="plum"), "vera")
        assert accepted.blocked("extract") == ["check_in_plan"]

    def test_a_lawyer_and_one_more_are_named(self, accepted):
        plan(accepted)
        accepted.watch()
        with as_(accepted.ground["vera"]):
            AlarmContact.objects.filter(kind="lawyer").delete()
        assert accepted.blocked("extract") == ["alarm_contacts"]

    def test_it_does_not_start_while_the_way_is_not_open(self, accepted):
        plan(accepted)
        accepted.watch()
        accepted.step("compromise", "vera", reason="the street is watched")
        assert accepted.impossible("extract")

    def test_neither_coordinator_nor_stranger_starts_it(self, accepted):
        assert accepted.denied("extract", "mara") and accepted.denied("extract", "charlie")


class TestEmergency:
    @pytest.mark.parametrize("stage", [Stage.REFERRED, Stage.VERIFYING, Stage.ACCEPTED])
    def test_it_waits_for_nobody(self, company, kestrel_at, stage):
        moved = kestrel_at(stage).step("extract", "vera", emergency="men are at the door")
        assert moved.now == Stage.EXTRACTING

    @pytest.fixture
    def kestrel_at(self, company):
        def bring(stage):
            if stage == Stage.VERIFYING:
                company.verify()
            return company if stage != Stage.ACCEPTED else company.at(stage)

        return bring

    def test_what_was_set_aside_becomes_open_tasks_and_a_coordinator_reviews(self, company):
        company.step("extract", "vera", emergency="men are at the door")
        left = [d.what for d in company.deadlines(Deadline.Kind.OPEN_CONDITION)]
        assert set(left) == {
            "passage_planned", "check_in_plan", "alarm_contacts", "duplicates_seen", "corroborated", "risk_assessed",
        }  # fmt: skip
        review = company.deadlines(Deadline.Kind.REVIEW)[0]
        assert timedelta(hours=23) < review.due_at - timezone.now() <= timedelta(hours=24)
        assert (company.last_entry().what, company.last_entry().detail) == ("step.extract", "emergency")

    def test_two_people_hear_of_it_at_once_and_are_let_in(self, company):
        company.step("extract", "vera", emergency="men are at the door")
        assert company.alarms() == ["emergency"]
        with acting_as(system_account("outbox")):
            assert Outbox.objects.filter(kind="tell_on_call").count() == 1
        with as_(company.ground["vera"]):
            let_in = set(CaseGrant.objects.filter(permission__codename="coordinator").values_list("user__username", flat=True))
        assert let_in == {"mara", "ilya"}
        do_jobs()
        assert {"mara@example.org", "ilya@example.org"} <= {to for message in mail.outbox for to in message.to}
        assert {(m.subject, m.body) for m in mail.outbox} == {("Harbour", "Something waits for you in Harbour.")}

    def test_consent_is_never_set_aside(self, company):
        with as_(company.ground["vera"]):
            Consent.objects.update(withdrawn_on=timezone.localdate())
        assert company.blocked("extract", emergency="men are at the door") == ["consent_to_contact"]

    def test_nor_is_kinship(self, company):
        company.note(Pursuer(name="Линд Пётр", relation="uncle"), "vera")
        assert company.blocked("extract", emergency="men are at the door") == ["no_conflict_of_kin"]

    def test_without_saying_why_it_is_none(self, company):
        assert company.impossible("extract", emergency="   ")

    def test_it_runs_while_the_way_is_not_open(self, company):
        company.step("compromise", "vera", reason="the street is watched")
        assert company.step("extract", "vera", emergency="men are at the door").now == Stage.EXTRACTING

    def test_but_not_for_somebody_who_withdrew(self, company):
        company.agreed_step("withdraw", "vera", facts=Withdrawal(company.verified_channel()), reason="wants to stay")
        assert company.impossible("extract", emergency="men are at the door")

    def test_nobody_but_the_lead_calls_one(self, company):
        assert company.denied("extract", "mara", emergency="men are at the door")

    def test_a_bed_is_found_afterwards(self, company):
        company.at(Stage.ACCEPTED)
        assert company.step("shelter", "vera", facts=Sheltering(), emergency="she is in the car").now == Stage.SHELTERED
        assert [d.what for d in company.deadlines(Deadline.Kind.OPEN_CONDITION)] == ["bed_held", "arrival_confirmed"]


class TestAbort:
    @pytest.fixture
    def extracting(self, company):
        company.step("extract", "vera", emergency="men are at the door")
        return company

    def test_it_is_broken_off_and_where_she_is_now_is_noted(self, extracting):
        assert (
            extracting.step("abort", "vera", reason="the road is closed", facts=Place("back at the hostel")).now == Stage.ACCEPTED
        )
        with as_(extracting.ground["vera"]):
            assert Whereabouts.objects.filter(case_id=extracting.case_id).count() == 2

    def test_not_without_a_reason_and_a_place(self, extracting):
        assert extracting.impossible("abort", facts=Place("back at the hostel"))
        assert extracting.impossible("abort", reason="the road is closed")

    def test_it_waits_for_no_standing(self, extracting):
        extracting.step("lose_contact", "vera", reason="she does not answer")
        assert extracting.step("abort", "vera", reason="found on the road", facts=Place("the hostel")).now == Stage.ACCEPTED

    def test_there_is_nothing_to_break_off_before(self, company):
        assert company.impossible("abort", reason="x", facts=Place("y"))


class TestShelter:
    @pytest.fixture
    def accepted(self, company):
        return company.at(Stage.ACCEPTED)

    def test_she_is_sheltered_once_the_host_saw_her_arrive(self, accepted):
        accepted.host_receives(accepted.hold_bed())
        assert accepted.step("shelter", "vera", facts=Sheltering()).now == Stage.SHELTERED

    def test_nobody_is_told_to_come_before_a_bed_waits(self, accepted):
        assert accepted.blocked("shelter", facts=Sheltering()) == ["bed_held", "arrival_confirmed"]

    def test_nor_counted_as_arrived_before_the_host_says_so(self, accepted):
        accepted.hold_bed()
        assert accepted.blocked("shelter", facts=Sheltering()) == ["arrival_confirmed"]

    @pytest.mark.parametrize("trouble", [{"is_open": False}, {"compromised_at": timezone.now()}])
    def test_nor_in_a_house_that_is_closed_or_known_to_the_wrong_people(self, accepted, trouble):
        accepted.host_receives(accepted.hold_bed())
        with as_(accepted.ground["vera"]):
            House.objects.filter(code="Alder").update(**trouble)
        assert accepted.blocked("shelter", facts=Sheltering()) == ["bed_held", "arrival_confirmed"]

    def test_a_private_place_recorded_as_safe_will_do(self, accepted):
        accepted.step("shelter", "vera", facts=PRIVATE)
        with as_(accepted.ground["vera"]):
            assert Whereabouts.objects.latest("at").safe

    def test_once_she_has_arrived_there(self, accepted):
        assert accepted.blocked("shelter", facts=Sheltering(private_place="at Anna's")) == ["arrival_confirmed"]

    def test_it_waits_for_no_standing(self, accepted):
        accepted.step("compromise", "vera", reason="the street is watched")
        assert accepted.step("shelter", "vera", facts=PRIVATE).now == Stage.SHELTERED

    def test_nobody_is_sheltered_who_was_never_accepted(self, company):
        assert company.impossible("shelter", facts=PRIVATE)


class TestOutlook:
    def test_the_page_asks_the_same_conditions_without_moving(self, company):
        company.at(Stage.ACCEPTED)
        with as_(company.ground["vera"]) as vera:
            onward = outlook.onward(company.case(vera), vera)
            assert (onward.step, onward.mine, onward.is_open) == (STEPS["extract"], True, False)
            assert len(onward.unmet) == 4 and len(onward.met) == 1
            others = {step.name for step in outlook.others(company.case(vera), vera)}
        assert {"shelter", "document", "move_house", "hold"} <= others and not {"accept", "make_safe", "close", "arrive"} & others
        assert company.state == (Stage.ACCEPTED, Standing.ACTIVE)

    def test_made_safe_is_not_the_leads_to_say(self, company):
        company.step("compromise", "vera", reason="the street is watched")
        assert company.denied("make_safe", "vera", facts=MadeSafe("elsewhere"))

"""The second person: never oneself, never the same device, never for something else than what was asked."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from fiction.story import as_
from logistics.models import Leg, Seat
from relocation.journey import approvals
from relocation.journey.advance import ask_second, begin
from relocation.journey.conditions import Met, Unmet, judge
from relocation.journey.facts import Entered, MadeSafe
from relocation.journey.refusals import Blocked
from relocation.models import AlarmContact, Approval, CaseGrant, CheckInPlan, LedgerEntry, Outbox, Stage, system_account
from relocation.safety import keys
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied

ALREADY_HERE = Entered(Stage.SHELTERED, "She lives with a friend.")


@pytest.fixture
def asked(company):
    """Mara has asked whether Kestrel may be entered where she already is."""
    with as_(company.ground["mara"]) as mara:
        return ask_second(
            company.seen("mara"), "enter", by=mara, version=0, facts=ALREADY_HERE, reason="fled", session="device of mara"
        )


def answer(company, asked, by, *, given=True, session="another device"):
    with as_(company.ground[by]) as account:
        return approvals.answer(asked.pk, given=given, by=account, session=session)


def enter(company, facts=ALREADY_HERE, reason="fled"):
    return company.step("enter", "mara", facts=facts, reason=reason)


class TestGiven:
    def test_another_coordinator_agrees_and_the_step_is_taken(self, company, asked):
        answer(company, asked, "ilya")
        assert enter(company).now == Stage.SHELTERED
        with as_(company.ground["mara"]):
            used = Approval.objects.get()
            assert used.used_at and used.decided_by == company.ground["ilya"]
            said = set(LedgerEntry.objects.filter(about=asked.pk).values_list("what", flat=True))
            assert {"approval.asked", "approval.given"} <= said

    def test_whoever_is_on_call_is_let_in_to_give_it_and_only_until_the_shift_ends(self, company, asked):
        with as_(company.ground["mara"]):
            grant = CaseGrant.objects.get(user=company.ground["ilya"])
            assert (grant.role, grant.expires_at) == (Role.COORDINATOR, company.ground["ilya"].shifts.get().ends_at)

    def test_those_who_can_give_it_are_told(self, company, asked):
        with acting_as(system_account("outbox")):
            assert Outbox.objects.filter(kind="tell_approvers", ids__approval=str(asked.pk)).count() == 1

    def test_it_waits_on_the_list_of_whoever_may_answer_and_of_nobody_else(self, company, asked):
        for name, waits in (("ilya", 1), ("mara", 0), ("vera", 0), ("charlie", 0)):
            with as_(company.ground[name]) as account:
                assert approvals.waiting_for(account).count() == waits, name


class TestRefused:
    def test_without_anybodys_word_the_step_waits(self, company, asked):
        assert company.blocked("enter", "mara", facts=ALREADY_HERE, reason="fled") == ["second_person"]

    def test_nobody_agrees_with_themselves(self, company, asked):
        with pytest.raises(approvals.NotAnswered, match=r"approve\.own") as refused:
            answer(company, asked, "mara")
        assert (refused.value.status, refused.value.sentence) == (409, "You asked this yourself: somebody else must answer.")
        with (
            as_(company.ground["mara"]),
            pytest.raises(IntegrityError, match="nobody_agrees_with_themselves"),
            transaction.atomic(),
        ):
            Approval.objects.update(decided_by=company.ground["mara"], decided_at=timezone.now(), given=True)

    def test_nor_from_the_device_that_asked(self, company, asked):
        with pytest.raises(approvals.NotAnswered, match=r"approve\.same_device"):
            answer(company, asked, "ilya", session="device of mara")

    def test_nor_from_a_device_that_nobody_knows(self, company, asked):
        with pytest.raises(approvals.NotAnswered, match=r"approve\.no_device"):
            answer(company, asked, "ilya", session="")
        with pytest.raises(approvals.NotAnswered, match=r"ask\.no_device"), as_(company.ground["mara"]) as mara:
            ask_second(company.seen("mara"), "enter", by=mara, version=0, facts=ALREADY_HERE, reason="fled")

    def test_who_was_refused_stands_in_the_ledger(self, company, asked):
        with pytest.raises(approvals.NotAnswered):
            answer(company, asked, "ilya", session="device of mara")
        with as_(company.ground["mara"]):
            assert LedgerEntry.objects.filter(what="not_answered.approve.same_device").exists()

    def test_neither_lead_nor_verifier_nor_stranger_agrees(self, company, asked):
        company.let_in("tomas", Role.VERIFIER, "mara")
        for name in ("vera", "tomas", "charlie", "greta"):
            with pytest.raises(Denied):
                answer(company, asked, name)

    def test_declined_it_stays_declined(self, company, asked):
        answer(company, asked, "ilya", given=False)
        assert company.blocked("enter", "mara", facts=ALREADY_HERE) == ["second_person"]
        with pytest.raises(approvals.NotAnswered, match=r"approve\.over"):
            answer(company, asked, "ilya", given=True)

    def test_it_is_void_after_three_days(self, company, asked):
        answer(company, asked, "ilya")
        with as_(company.ground["mara"]):
            assert timedelta(hours=71) < Approval.objects.get().expires_at - timezone.now() <= timedelta(hours=72)
            Approval.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert company.blocked("enter", "mara", facts=ALREADY_HERE) == ["second_person"]

    def test_nobody_answers_a_question_that_is_over(self, company, asked):
        with as_(company.ground["mara"]):
            Approval.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        with pytest.raises(approvals.NotAnswered, match=r"approve\.over"):
            answer(company, asked, "ilya")

    def test_what_was_agreed_to_is_what_is_done(self, company, asked):
        answer(company, asked, "ilya")
        other = Entered(Stage.RESETTLED, "She lives with a friend.")
        assert company.blocked("enter", "mara", facts=other, reason="fled") == ["second_person"]

    def test_and_for_the_reason_that_was_agreed_to(self, company, asked):
        answer(company, asked, "ilya")
        assert company.blocked("enter", "mara", facts=ALREADY_HERE, reason="because") == ["second_person"]
        assert enter(company).now == Stage.SHELTERED

    def test_what_was_agreed_to_cannot_be_guessed_from_a_dump(self, company, asked):
        with as_(company.ground["mara"]) as mara:
            attempt = begin(company.case_id, "enter", by=mara, version=0, facts=ALREADY_HERE, reason="fled")
            plain = attempt.rests_on(judge(attempt.step.needs, attempt))
            kept = bytes(Approval.objects.get().rests_on)
        assert kept == keys.keyed_digest(company.case_id, "approval", plain) != plain

    def test_two_questions_about_two_rows_do_not_disturb_each_other(self, company, asked):
        company.at(Stage.APPLYING)
        rows = [uuid.uuid4(), uuid.uuid4()]
        with as_(company.ground["vera"]) as vera:
            case = company.seen()
            for row in rows:
                approvals.ask_about(
                    case, "release.dossier", row.bytes, by=vera, reason="for the post", about=row, session="device of vera"
                )
            assert [approvals.asked(case, "release.dossier", asker=vera, about=row).about for row in rows] == rows
        with as_(company.ground["mara"]) as mara:
            first = Approval.objects.get(about=rows[0])
            approvals.answer(first.pk, given=True, by=mara, session="device of mara")
        with as_(company.ground["vera"]) as vera:
            assert isinstance(approvals.state(case, "release.dossier", rows[0].bytes, asker=vera, about=rows[0]), Met)
            assert isinstance(approvals.state(case, "release.dossier", rows[1].bytes, asker=vera, about=rows[1]), Unmet)

    def test_it_is_somebody_elses_word_for_whoever_asked_alone(self, company, asked):
        answer(company, asked, "ilya")
        assert company.blocked("enter", "ilya", facts=ALREADY_HERE, reason="fled") == ["second_person"]

    def test_it_is_used_once(self, company):
        company.at(Stage.SHELTERED)
        company.step("compromise", "vera", reason="the street is watched")
        company.agreed_step("make_safe", "mara", second="ilya", facts=MadeSafe("another flat"))
        company.step("compromise", "vera", reason="the street is watched")
        assert company.blocked("make_safe", "mara", facts=MadeSafe("another flat")) == ["second_person"]

    def test_asked_anew_the_old_question_is_gone(self, company, asked):
        with as_(company.ground["mara"]) as mara:
            ask_second(
                company.seen("mara"), "enter", by=mara, version=0, facts=ALREADY_HERE, reason="fled", session="device of mara"
            )
        with pytest.raises(Denied):
            answer(company, asked, "ilya")

    def test_a_step_that_is_blocked_otherwise_is_not_even_asked_for(self, company):
        company.at(Stage.ACCEPTED)
        with pytest.raises(Blocked), as_(company.ground["vera"]) as vera:
            ask_second(company.seen(), "extract", by=vera, version=company.seen().version)


class TestWhatItRestsOn:
    @pytest.fixture
    def ready(self, company):
        """Everything for the extraction is there, and Mara has agreed to it."""
        company.at(Stage.ACCEPTED)
        company.plan_passage("extraction", [company.extraction_leg()])
        company.watch()
        with as_(company.ground["vera"]) as vera:
            asked = ask_second(company.seen(), "extract", by=vera, version=company.seen().version, session="device of vera")
        answer(company, asked, "mara")
        return company

    def test_unchanged_it_holds(self, ready):
        assert ready.step("extract", "vera").now == Stage.EXTRACTING

    def test_it_is_void_once_the_passage_changed(self, ready):
        with as_(ready.ground["vera"]):
            leg = Seat.objects.get(case_id=ready.case_id).leg
            Leg.objects.filter(pk=leg.pk).update(departs_at=leg.departs_at + timedelta(hours=1))
        assert ready.blocked("extract") == ["second_person"]

    def test_it_is_void_once_the_plan_changed(self, ready):
        ready.note(CheckInPlan(every_hours=6, starts_at=timezone.now(), codeword="plum", duress_word="sloe"), "vera")
        assert ready.blocked("extract") == ["second_person"]

    def test_it_is_void_once_the_contacts_changed(self, ready):
        ready.note(AlarmContact(kind="colleague", name="Sven", address="+46 70 000 00 00"), "vera")
        assert ready.blocked("extract") == ["second_person"]

"""Whether the way is open: every step of the standing, and what it does beside."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fiction.story import CODEWORD, DURESS, as_
from relocation.journey import channels, deadlines, recording
from relocation.journey.advance import ask_second
from relocation.journey.facts import FoundAgain, MadeSafe, OnHold, Place, SetFree, Withdrawal
from relocation.models import Alarm, Channel, Claim, Consent, Deadline, LedgerEntry, Stage, Standing, Whereabouts
from relocation.safety.policy import Role
from tests.journey.company import in_days
from tests.safety.committed import undone

A_REASON = {"reason": "as her friend says"}


class TestHold:
    def test_it_waits_until_a_day_and_goes_on(self, company):
        assert company.step("hold", "vera", facts=OnHold(in_days(7)), reason="in hospital").now == Standing.ON_HOLD
        assert company.deadlines(Deadline.Kind.HOLD_REVIEW)[0].due_at.date() == in_days(7)
        assert company.step("resume", "vera").now == Standing.ACTIVE
        (settled,) = company.deadlines(Deadline.Kind.HOLD_REVIEW)
        assert settled.done_by == company.ground["vera"]
        with as_(company.ground["vera"]):
            said = LedgerEntry.objects.get(what="deadline.done", about=settled.pk)
            assert said.actor_id == company.ground["vera"].pk and said.detail.startswith("hold_review")

    def test_not_without_a_reason_and_a_day(self, company):
        assert company.impossible("hold", facts=OnHold(in_days(7)))
        assert company.impossible("hold", reason="in hospital")

    def test_what_does_not_wait_does_not_go_on(self, company):
        assert company.impossible("resume")

    def test_meanwhile_no_paper_moves(self, company):
        company.at(Stage.SHELTERED).step("hold", "vera", facts=OnHold(in_days(7)), reason="in hospital")
        assert company.impossible("document")


class TestContact:
    @pytest.fixture
    def lost(self, company):
        company.watch()
        company.step("lose_contact", "vera", **A_REASON)
        return company

    def test_losing_it_alarms(self, lost):
        assert lost.state[1] == Standing.LOST_CONTACT and lost.alarms() == ["lost"]

    def test_the_codeword_finds_her_again(self, lost):
        moved = lost.step("find_again", "vera", facts=FoundAgain(f" {CODEWORD.upper()} "))
        assert (moved.now, lost.state[1], lost.alarms()) == (Standing.ACTIVE, Standing.ACTIVE, ["lost"])

    def test_the_duress_word_says_the_same_and_alarms(self, lost):
        said = lost.step("find_again", "vera", facts=FoundAgain(DURESS))
        assert lost.state[1] == Standing.COMPROMISED and lost.alarms() == ["lost", "duress"]
        lost.step("lose_contact", "vera", **A_REASON)
        assert lost.step("find_again", "vera", facts=FoundAgain(CODEWORD)).sentence == said.sentence

    def test_another_word_does_not(self, lost):
        assert lost.blocked("find_again", facts=FoundAgain("hello")) == ["word_given"]
        assert lost.blocked("find_again", facts=FoundAgain("")) == ["word_given"]

    def test_whoever_was_not_lost_is_not_found(self, company):
        company.watch()
        assert company.impossible("find_again", facts=FoundAgain(CODEWORD))


class TestCompromise:
    @pytest.mark.parametrize(("step", "alarm"), [("compromise", "raised"), ("detain", "detained")])
    def test_whoever_works_on_the_case_says_so(self, company, step, alarm):
        tomorrow = timezone.now() + timedelta(days=1)
        for role in set(Role) - {Role.LEAD, Role.COORDINATOR, Role.GLASS}:
            with undone():
                company.let_in("nina", role, "greta", until=tomorrow, scope=company.case_id)
                company.step(step, "nina", reason="men asked for her")
                assert company.alarms() == [alarm], role

    def test_a_stranger_does_not(self, company):
        assert company.denied("compromise", "charlie", reason="curious")

    def test_not_without_saying_what_is_known(self, company):
        assert company.impossible("compromise")

    def test_somebody_detained_is_only_marked(self, company):
        company.step("detain", "vera", **A_REASON)
        assert company.impossible("compromise", **A_REASON)


class TestMakeSafe:
    @pytest.fixture
    def compromised(self, company):
        company.step("compromise", "vera", **A_REASON)
        return company

    def test_two_people_agree_that_a_new_place_is_safe(self, compromised):
        """Ilya did not enter the case: he writes only what a coordinator may write."""
        moved = compromised.agreed_step("make_safe", "ilya", second="mara", facts=MadeSafe("with the nurse, in another town"))
        assert moved.now == Standing.ACTIVE
        with as_(compromised.ground["vera"]):
            assert Whereabouts.objects.latest("at").safe

    def test_where_consent_ended_it_is_a_withdrawal(self, compromised):
        facts = MadeSafe("a new number", consent_ended=True)
        assert compromised.agreed_step("make_safe", "mara", second="ilya", facts=facts).now == Standing.WITHDRAWN

    def test_not_alone(self, compromised):
        assert compromised.blocked("make_safe", "mara", facts=MadeSafe("elsewhere")) == ["second_person"]

    def test_nor_without_a_place_or_a_channel(self, compromised):
        assert compromised.blocked("make_safe", "mara", facts=MadeSafe(" ")) == ["place_or_channel_recorded"]

    def test_what_is_safe_is_not_made_safe(self, company):
        assert company.impossible("make_safe", "mara", facts=MadeSafe("elsewhere"))


class TestDetained:
    @pytest.fixture
    def detained(self, company):
        company.step("detain", "vera", **A_REASON)
        return company

    def test_it_alarms(self, detained):
        assert detained.state[1] == Standing.DETAINED and detained.alarms() == ["detained"]

    def test_freed_she_is_compromised_and_what_she_tells_is_kept(self, detained):
        facts = SetFree(asked="who helped me", signed="a paper", taken="the telephone")
        assert detained.step("set_free", "vera", facts=facts).now == Standing.COMPROMISED
        with as_(detained.ground["vera"]):
            assert Claim.objects.filter(case_id=detained.case_id).count() == 2
            assert not detained.last_entry().reason

    def test_not_without_saying_what_was_asked(self, detained):
        assert detained.impossible("set_free")

    def test_nobody_is_freed_who_was_not_held(self, company):
        assert company.impossible("set_free", facts=SetFree(asked="nothing"))

    def test_not_twice(self, detained):
        assert detained.impossible("detain", **A_REASON)


class TestWithdraw:
    def test_over_a_verified_channel_she_withdraws(self, company):
        moved = company.agreed_step("withdraw", "vera", facts=Withdrawal(company.verified_channel()), **A_REASON)
        assert moved.now == Standing.WITHDRAWN and company.alarms() == []

    def test_otherwise_it_waits_with_an_alarm_for_withdrawals_are_forced(self, company):
        moved = company.agreed_step("withdraw", "vera", facts=Withdrawal(), **A_REASON)
        assert moved.now == Standing.ON_HOLD and company.alarms() == ["forced_withdrawal"]
        assert company.deadlines(Deadline.Kind.HOLD_REVIEW)[0].due_at.date() == in_days(1)

    @pytest.mark.parametrize("step", ["detain", "compromise", "lose_contact"])
    def test_but_a_word_that_may_be_forced_opens_nobodys_way_again(self, company, step):
        company.step(step, "vera", **A_REASON)
        before = company.state
        company.agreed_step("withdraw", "vera", facts=Withdrawal(), **A_REASON)
        assert company.state == before and company.alarms()[-1] == "forced_withdrawal"
        assert company.impossible("resume")

    def test_held_already_it_stays_on_hold(self, company):
        company.step("hold", "vera", facts=OnHold(in_days(7)), reason="in hospital")
        company.agreed_step("withdraw", "vera", facts=Withdrawal(), **A_REASON)
        assert company.state[1] == Standing.ON_HOLD

    def test_a_channel_counts_only_while_it_is_verified_and_safe(self, company):
        over = company.verified_channel()
        with as_(company.ground["vera"]) as vera:
            asked = ask_second(company.seen(), "withdraw", by=vera, version=0, session="hers", facts=Withdrawal(over), **A_REASON)
        company.agree(asked)
        with as_(company.ground["vera"]) as vera:
            recording.end_channel(Channel.objects.get(pk=over), by=vera)
        assert company.blocked("withdraw", facts=Withdrawal(over), **A_REASON) == ["channel_holds"]
        with as_(company.ground["vera"]) as vera, pytest.raises(recording.NotRecorded, match="not_recorded"):
            channels.verify(over, "voice", by=vera)

    def test_every_alarm_can_be_settled(self, company):
        company.step("detain", "vera", **A_REASON)
        (due,) = company.deadlines(Deadline.Kind.ALARM)
        with as_(company.ground["mara"]) as mara:
            deadlines.close(due.pk, by=mara)
            assert Alarm.objects.get().closed_by == mara

    def test_not_alone_nor_without_a_reason(self, company):
        assert company.blocked("withdraw", facts=Withdrawal(company.verified_channel()), **A_REASON) == ["second_person"]
        assert company.impossible("withdraw", facts=Withdrawal(company.verified_channel()))

    def test_she_comes_back_by_a_new_consent(self, company):
        company.agreed_step("withdraw", "vera", facts=Withdrawal(company.verified_channel()), **A_REASON)
        assert company.blocked("come_back") == ["new_consent"]
        with as_(company.ground["vera"]) as vera:
            new = Consent(case_id=company.case_id, by=vera, purpose="contact", given_on=in_days(0), expires_on=in_days(99))
            new.save(force_insert=True)
            Consent.objects.filter(pk=new.pk).update(at=timezone.now())
        assert company.step("come_back", "vera").now == Standing.ACTIVE

    def test_a_consent_given_before_is_not_a_new_one_however_late_it_is_written_down(self, company):
        company.agreed_step("withdraw", "vera", facts=Withdrawal(company.verified_channel()), **A_REASON)
        company.note(Consent(purpose="contact", given_on=in_days(-1), expires_on=in_days(99), words="by phone"), "vera")
        assert company.blocked("come_back") == ["new_consent"]
        company.note(Consent(purpose="contact", given_on=in_days(0), expires_on=in_days(99), words="by phone"), "vera")
        assert company.step("come_back", "vera").now == Standing.ACTIVE

    def test_whoever_did_not_withdraw_does_not_come_back(self, company):
        assert company.impossible("come_back")

    def test_nothing_goes_on_meanwhile_not_even_what_makes_safer(self, company):
        company.at(Stage.TRAVELLING).agreed_step("withdraw", "vera", facts=Withdrawal(company.verified_channel()), **A_REASON)
        assert company.impossible("pause_abroad", facts=Place("elsewhere"))


class TestDeath:
    def test_two_people_record_it_and_two_correct_it(self, company):
        assert company.agreed_step("record_death", "mara", second="ilya", **A_REASON).now == Standing.DECEASED
        assert (
            company.agreed_step("correct_death", "mara", second="ilya", reason="it was somebody else").now
            == Standing.LOST_CONTACT
        )

    @pytest.mark.parametrize("step", ["record_death", "correct_death"])
    def test_nobody_alone(self, company, step):
        if step == "correct_death":
            company.agreed_step("record_death", "mara", second="ilya", **A_REASON)
        assert company.blocked(step, "mara", **A_REASON) == ["second_person"]

    def test_nor_the_lead(self, company):
        assert company.denied("record_death", "vera", **A_REASON)

    def test_the_dead_neither_withdraw_nor_are_detained(self, company):
        company.agreed_step("record_death", "mara", second="ilya", **A_REASON)
        assert company.impossible("detain", **A_REASON)
        assert company.impossible("withdraw", facts=Withdrawal(company.verified_channel()), **A_REASON)

    def test_nobody_is_raised_who_did_not_die(self, company):
        assert company.impossible("correct_death", "mara", **A_REASON)

"""Travel and resettlement: depart, pause_abroad, turn_back, arrive, settle_here, extract_again, return_home, close."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from fiction.story import CODEWORD, DURESS, as_
from logistics.models import Leg, Passage
from relocation.journey.facts import Arrived, Closing, Declined, Departing, Place, TurnedBack, WentHome, Withdrawal
from relocation.models import BorderCheck, Case, Deadline, SafetyCheck, Stage, Standing, Whereabouts
from relocation.safety.policy import Role
from tests.journey.company import in_days
from tests.journey.test_steps_visa import verified
from tests.safety.committed import undone

FREE = Departing(visa_free="her passport needs none")


def flight(**changes):
    leaves = timezone.now() + timedelta(days=3)
    told = {
        "mode": "plane",
        "carrier": "North Air",
        "from_place": "Point C",
        "to_place": "Point F",
        "departs_at": leaves,
        "arrives_at": leaves + timedelta(hours=5),
        "seats": 4,
        "crossing": "other",
    }
    return Leg(**(told | changes))


@pytest.fixture
def ready(company):
    """Sheltered, with a ticket, a passport and both border checks: a country that asks for no visa."""
    company.at(Stage.SHELTERED)
    verified(company)
    company.check_borders()
    company.plan_passage("departure", [flight()], ticketed=True)
    return company


class TestDepart:
    def test_she_leaves_when_a_coordinator_agrees(self, ready):
        assert ready.agreed_step("depart", "vera", facts=FREE).now == Stage.TRAVELLING

    def test_with_a_visa_too(self, company):
        company.at(Stage.GRANTED).apply_to(state="granted", valid_from=in_days(-1), valid_until=in_days(30))
        verified(company)
        company.check_borders()
        company.plan_passage("departure", [flight()], ticketed=True)
        assert company.agreed_step("depart", "vera", facts=Departing()).now == Stage.TRAVELLING

    def test_not_alone(self, ready):
        assert ready.blocked("depart", facts=FREE) == ["second_person"]

    def test_everything_is_named_that_is_missing(self, company):
        assert company.at(Stage.SHELTERED).blocked("depart", facts=Departing()) == [
            "visa_or_none_needed",
            "legs_ticketed",
            "border_checked",
        ]

    def test_not_on_a_visa_that_ran_out(self, ready):
        ready.apply_to(state="granted", valid_from=in_days(-90), valid_until=in_days(-1))
        assert "visa_or_none_needed" in ready.blocked("depart", facts=Departing())

    @pytest.mark.parametrize("days", [(5, 30), (-30, 2)])
    def test_nor_on_a_leg_outside_the_visa(self, ready, days):
        ready.apply_to(state="granted", valid_from=in_days(days[0]), valid_until=in_days(days[1]))
        assert ready.blocked("depart", facts=Departing()) == ["legs_ticketed"]

    def test_where_none_is_needed_the_legs_ask_for_none(self, ready):
        ready.apply_to(state="granted", valid_from=in_days(5), valid_until=in_days(30))
        assert ready.agreed_step("depart", "vera", facts=FREE).now == Stage.TRAVELLING

    def test_the_visa_that_covers_the_legs_is_the_one_that_counts(self, ready):
        """Two are granted: the legs are judged by the one that fits, though it has not begun yet."""
        ready.apply_to("R5", "granted", valid_from=in_days(-30), valid_until=in_days(1))
        ready.apply_to("R2", "granted", valid_from=in_days(2), valid_until=in_days(9))
        assert ready.agreed_step("depart", "vera", facts=Departing()).now == Stage.TRAVELLING

    def test_nor_without_a_ticket(self, company):
        company.at(Stage.SHELTERED)
        verified(company)
        company.check_borders()
        company.plan_passage("departure", [flight()])
        assert company.blocked("depart", facts=FREE) == ["legs_ticketed"]

    def test_nor_where_the_passport_ends_before_the_arrival(self, company):
        company.at(Stage.SHELTERED)
        verified(company, expires=2)
        company.check_borders()
        company.plan_passage("departure", [flight()], ticketed=True)
        assert company.blocked("depart", facts=FREE) == ["legs_ticketed"]

    def test_nor_stopped_at_the_border(self, ready):
        ready.note(BorderCheck(kind="debts", outcome="stopped", words="a fine"), "vera")
        with as_(ready.ground["vera"]):
            BorderCheck.objects.filter(outcome="stopped").update(at=timezone.now())
        assert ready.blocked("depart", facts=FREE) == ["border_checked"]

    def test_a_check_may_be_skipped_with_a_reason_and_is_good_for_two_weeks(self, company):
        company.at(Stage.SHELTERED)
        verified(company)
        company.plan_passage("departure", [flight()], ticketed=True)
        for kind in ("debts", "wanted"):
            company.note(BorderCheck(kind=kind, outcome="skipped", words="she has never lived there"), "vera")
        assert company.blocked("depart", facts=FREE) == ["second_person"]
        company.set_back("relocation_bordercheck", at=15)
        assert company.blocked("depart", facts=FREE) == ["border_checked"]

    def test_nor_without_the_manifest_that_a_carrier_needs(self, company):
        company.at(Stage.SHELTERED)
        verified(company)
        company.check_borders()
        company.plan_passage("departure", [flight(needs_manifest=True)], ticketed=True)
        assert company.blocked("depart", facts=FREE) == ["manifest_issued"]

    def test_in_an_emergency_at_once(self, company):
        company.at(Stage.SHELTERED)
        assert company.step("depart", "vera", facts=Departing(), emergency="they know the house").now == Stage.TRAVELLING
        left = [d.what for d in company.deadlines(Deadline.Kind.OPEN_CONDITION)]
        assert left == ["visa_or_none_needed", "legs_ticketed", "border_checked"]

    def test_nobody_departs_from_danger_itself(self, company):
        assert company.at(Stage.ACCEPTED).impossible("depart", facts=FREE)


class TestOnTheWay:
    @pytest.fixture
    def travelling(self, company):
        company.at(Stage.TRAVELLING).watch()
        return company

    def test_she_pauses_in_a_safe_place_abroad(self, travelling):
        assert travelling.step("pause_abroad", "vera", facts=Place("a room in a third country")).now == Stage.SHELTERED

    def test_turned_back_two_places_are_noted(self, travelling):
        facts = TurnedBack(where="the bridge", by_whom="the guard", tonight="at Anna's", taken="the passport")
        assert travelling.step("turn_back", "vera", facts=facts).now == Stage.SHELTERED
        with as_(travelling.ground["vera"]):
            places = Whereabouts.objects.order_by("at")
            assert [p.safe for p in places] == [False, False, True] and [p.left_at is None for p in places] == [True, False, True]

    def test_turned_back_the_way_is_over(self, travelling):
        way = travelling.plan_passage("departure", [flight()], ticketed=True)
        travelling.step("turn_back", "vera", facts=TurnedBack(where="the bridge", by_whom="the guard", tonight="at Anna's"))
        with as_(travelling.ground["vera"]):
            assert Passage.objects.get(pk=way.pk).state == Passage.State.DONE
        verified(travelling)
        assert "legs_ticketed" in travelling.blocked("depart", facts=FREE)

    def test_not_without_saying_where(self, travelling):
        assert all(travelling.impossible(step) for step in ("pause_abroad", "turn_back", "arrive"))

    def test_whoever_has_not_left_is_not_turned_back(self, company):
        assert company.at(Stage.SHELTERED).impossible("pause_abroad", facts=Place("x"))

    def test_she_arrives_with_the_codeword(self, travelling):
        moved = travelling.step("arrive", "vera", facts=Arrived(CODEWORD))
        assert (moved.now, travelling.alarms()) == (Stage.RESETTLED, [])

    def test_not_with_another_word(self, travelling):
        assert travelling.blocked("arrive", facts=Arrived("hello")) == ["word_given"]

    def test_the_receiver_says_so_too_and_nobody_else(self, travelling):
        travelling.let_in("nina", Role.RECEIVER, "vera", scope=travelling.case_id)
        assert travelling.denied("arrive", "mara", facts=Arrived(CODEWORD))
        assert travelling.step("arrive", "nina", facts=Arrived(CODEWORD)).now == Stage.RESETTLED

    def test_the_duress_word_looks_the_same_and_alarms(self, company, mara):
        company.at(Stage.TRAVELLING).watch()
        company.let_in("nina", Role.RECEIVER, "vera", scope=company.case_id)
        under_duress = company.step("arrive", "nina", facts=Arrived(DURESS))
        assert company.state == (Stage.RESETTLED, Standing.COMPROMISED) and company.alarms() == ["duress"]
        assert "Resettled" in under_duress.sentence and "ompromised" not in under_duress.sentence
        assert not company.last_entry().reason

    def test_it_waits_for_no_standing(self, travelling):
        travelling.step("lose_contact", "vera", reason="no answer")
        assert travelling.step("arrive", "vera", facts=Arrived(CODEWORD)).now == Stage.RESETTLED


class TestStayingAndReturning:
    @pytest.mark.parametrize("stage", [Stage.SHELTERED, Stage.DOCUMENTING])
    def test_she_chooses_to_stay_in_the_country(self, company, stage):
        assert company.at(stage).step("settle_here", "mara", reason="her aunt lives here").now == Stage.RESETTLED

    def test_not_without_saying_why_nor_by_the_lead(self, company):
        assert company.at(Stage.SHELTERED).impossible("settle_here", "mara")
        assert company.denied("settle_here", "vera", reason="her aunt lives here")

    @pytest.mark.parametrize("stage", [Stage.SHELTERED, Stage.LODGED, Stage.RESETTLED])
    def test_danger_finds_her_again(self, company, stage):
        company.at(stage).watch()
        company.plan_passage("extraction", [company.extraction_leg()])
        assert company.blocked("extract_again") == ["second_person"]
        assert company.agreed_step("extract_again", "vera").now == Stage.EXTRACTING

    def test_again_nobody_sets_out_without_a_plan(self, company):
        assert company.at(Stage.SHELTERED).blocked("extract_again") == ["passage_planned", "check_in_plan", "alarm_contacts"]

    def test_nor_again_before_the_first_time(self, company):
        assert company.at(Stage.ACCEPTED).impossible("extract_again")

    @pytest.mark.parametrize(("forced", "alarms"), [(False, []), (True, ["forced_return"])])
    def test_she_returns_by_choice_or_by_force(self, company, forced, alarms):
        facts = WentHome(None if forced else company.verified_channel("voice"), forced=forced)
        assert company.at(Stage.RESETTLED).step("return_home", "vera", facts=facts).now == Stage.ACCEPTED
        assert company.alarms() == alarms

    def test_not_on_anybodys_word_nor_over_a_channel_that_is_not_hers(self, company):
        company.at(Stage.RESETTLED)
        for channel in (None, uuid4()):
            assert company.blocked("return_home", facts=WentHome(channel)) == ["by_choice_or_by_force"]


class TestClose:
    @pytest.fixture
    def resettled(self, company):
        return company.at(Stage.RESETTLED)

    def check(self, company, day, channel="phone", answered=True):
        company.note(SafetyCheck(day=day, channel=channel, answered=answered, words="she is well"), "vera")

    def test_after_the_checks_of_three_days_the_clock_of_retention_starts(self, resettled):
        for day in (7, 30, 90):
            self.check(resettled, day)
        assert resettled.step("close", "mara", facts=Closing()).now == Stage.CLOSED
        assert resettled.seen().retain_until == in_days(730) and len(resettled.deadlines(Deadline.Kind.RETENTION)) == 1

    def test_not_before_each_of_them(self, resettled):
        for missing in (7, 30, 90):
            with undone():
                for day in {7, 30, 90} - {missing}:
                    self.check(resettled, day)
                assert resettled.blocked("close", "mara", facts=Closing()) == ["may_be_closed"]

    @pytest.mark.parametrize(
        ("channels", "enough"), [(["phone", "mail", "phone"], True), (["phone"] * 3, False), (["phone", "mail"], False)]
    )
    def test_three_attempts_over_two_channels_stand_for_an_answer(self, resettled, channels, enough):
        for day in (7, 30):
            self.check(resettled, day)
        for channel in channels:
            self.check(resettled, 90, channel, answered=False)
        if enough:
            assert resettled.step("close", "mara", facts=Closing()).now == Stage.CLOSED
        else:
            assert resettled.blocked("close", "mara", facts=Closing()) == ["may_be_closed"]

    def test_from_anywhere_when_she_withdrew(self, company):
        company.agreed_step("withdraw", "vera", facts=Withdrawal(company.verified_channel()), reason="wants to stay")
        assert company.step("close", "mara", facts=Closing()).now == Stage.CLOSED

    def test_or_died(self, company):
        company.agreed_step("record_death", "mara", second="ilya", reason="the hospital rang")
        assert company.step("close", "mara", facts=Closing()).now == Stage.CLOSED

    def test_or_was_handed_over(self, company):
        assert company.at(Stage.LODGED).step("close", "mara", facts=Closing(handed_to="Southern Cross")).now == Stage.CLOSED

    @pytest.mark.parametrize(("days", "enough"), [(179, False), (181, True)])
    def test_or_has_been_lost_for_half_a_year(self, company, days, enough):
        company.step("lose_contact", "vera", reason="no answer")
        with as_(company.ground["vera"]):
            Case._base_manager.filter(pk=company.case_id).update(standing_since=timezone.now() - timedelta(days=days))
        if enough:
            assert company.step("close", "mara", facts=Closing()).now == Stage.CLOSED
        else:
            assert company.blocked("close", "mara", facts=Closing()) == ["may_be_closed"]

    def test_otherwise_not(self, company):
        assert company.at(Stage.SHELTERED).blocked("close", "mara", facts=Closing()) == ["may_be_closed"]
        assert company.denied("close", "vera", facts=Closing(handed_to="Southern Cross"))

    def test_nor_twice(self, company):
        company.step("decline", "mara", reason="not ours", facts=Declined("a lawyer"))
        company.step("close", "mara", facts=Closing(handed_to="Southern Cross"))
        assert company.impossible("close", "mara", facts=Closing(handed_to="Southern Cross"))

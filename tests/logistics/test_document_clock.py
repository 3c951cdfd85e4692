"""The clock of documents: each rule on its last good day beside its first bad one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics import document_clock as clock
from logistics.document_clock import Check, Held, Paper, Rule, Visa, Way
from logistics.schengen import Stay

pytestmark = pytest.mark.nodb
DAY = timedelta(days=1)
LEAVES = date(2026, 12, 3)
VISA = Visa(LEAVES, LEAVES + 30 * DAY)
WAY = Way(LEAVES, LEAVES, crosses=(LEAVES,), enters=(LEAVES,))
PASSPORT = Paper(date(2020, 1, 1), date(2029, 1, 1), 2)
CHECKS = {"debts": Check(LEAVES - DAY, LEAVES - 2 * DAY), "wanted": Check(LEAVES)}
HELD = Held(documents=(PASSPORT,), visas=(VISA,), checks=CHECKS)


def codes(way: Way = WAY, held: Held = HELD) -> dict[str, str]:
    return {finding.rule: finding.code for finding in clock.judge(way, held)}


def missing(way: Way = WAY, held: Held = HELD) -> dict[str, str]:
    return {finding.rule: finding.code for finding in clock.judge(way, held) if not finding.holds}


def passport(**changes) -> Held:
    return replace(HELD, documents=(replace(PASSPORT, **changes),))


class TestDocument:
    def test_with_everything_nothing_is_missing(self):
        assert missing() == {}

    def test_without_any_that_is_all_there_is_to_say_of_it(self):
        assert missing(held=replace(HELD, documents=())) == {Rule.DOCUMENT: "none"}

    def test_three_months_beyond_the_last_day_of_the_visa_where_nobody_knows_the_return(self):
        assert VISA.last == date(2027, 1, 2)
        assert missing(held=passport(expires_on=date(2027, 4, 2))) == {}
        assert missing(held=passport(expires_on=date(2027, 4, 1))) == {Rule.LASTS: "short"}

    def test_and_beyond_the_leg_that_leaves_the_area_where_there_is_one(self):
        home = replace(WAY, crosses=(LEAVES, LEAVES + 5 * DAY), leaves=(LEAVES + 5 * DAY,), ends=LEAVES + 5 * DAY)
        assert missing(home, passport(expires_on=date(2027, 3, 8))) == {}
        assert missing(home, passport(expires_on=date(2027, 3, 7))) == {Rule.LASTS: "short"}

    @pytest.mark.parametrize(
        ("day", "after"), [("2023-11-30", "2024-02-29"), ("2024-11-30", "2025-02-28"), ("2024-02-29", "2024-05-29")]
    )
    def test_three_months_end_with_a_month_that_is_shorter(self, day, after):
        assert clock.months_after(date.fromisoformat(day), 3) == date.fromisoformat(after)

    def test_ten_years_are_over_on_the_day_itself(self):
        assert missing(held=passport(issued_on=date(2016, 12, 4))) == {}
        assert missing(held=passport(issued_on=date(2016, 12, 3))) == {Rule.ISSUED: "old"}
        assert missing(held=passport(issued_on=None)) == {Rule.ISSUED: "unknown"}

    @pytest.mark.parametrize(("pages", "code"), [(2, None), (1, "few"), (0, "few"), (None, "unknown")])
    def test_two_blank_pages(self, pages, code):
        assert missing(held=passport(blank_pages=pages)).get(Rule.PAGES) == code

    def test_a_waiver_a_permit_and_a_long_stay_ask_only_that_it_is_valid(self):
        bad = passport(expires_on=LEAVES + DAY, issued_on=None, blank_pages=0)
        for good in (
            {"waivers": (Paper(),)},
            {"permits": (Paper(expires_on=LEAVES),)},
            {"visas": (replace(VISA, long_stay=True),)},
        ):
            assert missing(held=replace(bad, **good)) == {}
        assert Rule.LASTS in missing(held=replace(bad, waivers=(Paper(expires_on=LEAVES - DAY),)))

    def test_it_is_valid_beyond_the_last_arrival_though_no_area_is_entered(self):
        other = replace(WAY, enters=(), ends=LEAVES + DAY)
        assert missing(other, passport(expires_on=LEAVES + 2 * DAY, issued_on=None, blank_pages=None)) == {}
        assert missing(other, passport(expires_on=LEAVES + DAY)) == {Rule.DOCUMENT: "ends"}

    def test_of_two_the_one_that_does_is_judged(self):
        old = replace(PASSPORT, expires_on=date(2036, 1, 1), issued_on=date(2006, 1, 1))
        assert missing(held=replace(HELD, documents=(old, PASSPORT))) == {}


class TestArea:
    def test_without_a_visa_it_says_until_when_one_is_lodged(self):
        found = [f for f in clock.judge(WAY, replace(HELD, visas=())) if not f.holds]
        assert [(f.rule, f.day, f.due) for f in found] == [(Rule.LODGE, date(2026, 6, 3), LEAVES - 15 * DAY)]
        assert missing(held=replace(HELD, visas=(), visa_free=True)) == {}

    def test_entries_that_were_used_are_gone(self):
        again = replace(WAY, crosses=(LEAVES,) * 3, enters=(LEAVES, LEAVES + 3 * DAY), leaves=(LEAVES + DAY,))
        assert missing(again) == {Rule.ENTRIES: "few"}
        assert missing(again, replace(HELD, visas=(replace(VISA, entries=2),))) == {}
        assert missing(again, replace(HELD, visas=(replace(VISA, entries=99),))) == {}
        early = replace(VISA, first=LEAVES - 90 * DAY)
        assert missing(held=replace(HELD, visas=(early,), stays=(Stay(LEAVES - 9 * DAY, LEAVES - 8 * DAY),))) == {
            Rule.ENTRIES: "few"
        }

    def test_the_day_too_early_says_which_is_the_first(self):
        spring = (Stay(date(2024, 1, 1), date(2024, 3, 30)),)
        for entry, expected in (
            (date(2024, 6, 28), ("used", date(2024, 6, 29), 91)),
            (date(2024, 6, 29), ("free", date(2024, 9, 26), 0)),
        ):
            held = Held(documents=HELD.documents, visa_free=True, stays=spring, checks=CHECKS)
            [found] = [f for f in clock.judge(Way(entry, entry, (entry,), (entry,)), held) if f.rule == Rule.DAYS]
            assert (found.code, found.day, found.number) == expected

    def test_a_way_that_leaves_too_late_is_told_the_last_day(self):
        late = replace(WAY, crosses=(LEAVES, LEAVES + 90 * DAY), leaves=(LEAVES + 90 * DAY,))
        in_time = replace(WAY, crosses=(LEAVES, LEAVES + 89 * DAY), leaves=(LEAVES + 89 * DAY,))
        free = replace(HELD, visas=(), visa_free=True)
        assert missing(late, free) == {Rule.DAYS: "over"} and missing(in_time, free) == {}


class TestLeaving:
    def test_a_permission_that_is_needed_or_held_is_good_on_the_first_day(self):
        needs = replace(WAY, needs_exit=True)
        assert missing(needs) == {Rule.EXIT: "none"} and Rule.EXIT not in codes()
        assert missing(needs, replace(HELD, exits=(Paper(expires_on=LEAVES),))) == {}
        assert missing(held=replace(HELD, exits=(Paper(expires_on=LEAVES - DAY),))) == {Rule.EXIT: "ended"}

    def test_for_a_minor_somebody_agrees_until_the_last_border(self):
        child = replace(WAY, minor=True, crosses=(LEAVES, LEAVES + DAY))
        assert missing(child) == {Rule.MINOR: "none"}
        assert missing(child, replace(HELD, consents=(Paper(expires_on=LEAVES),))) == {Rule.MINOR: "ended"}
        assert missing(child, replace(HELD, consents=(Paper(),))) == {}


class TestChecks:
    @pytest.mark.parametrize(
        ("check", "code"),
        [
            (Check(LEAVES - 14 * DAY), None),
            (Check(LEAVES - 15 * DAY), "early"),
            (Check(LEAVES - 2 * DAY, cleared_on=LEAVES - DAY), "before_clearing"),
            (Check(LEAVES - DAY, cleared_on=LEAVES - DAY), None),
            (Check(), "never"),
            (Check(skipped=True), None),
        ],
    )
    def test_fourteen_days_and_after_the_debt_was_cleared(self, check, code):
        assert missing(held=replace(HELD, checks=CHECKS | {"debts": check})).get(Rule.DEBTS) == code

    def test_nobody_looked(self):
        assert missing(held=replace(HELD, checks={})) == {Rule.DEBTS: "never", Rule.WANTED: "never"}


def test_a_way_whose_legs_name_no_border_cannot_be_judged():
    assert missing(Way(LEAVES, LEAVES)) == {Rule.CROSSES: "unsaid"}


@given(expires=st.dates(date(2026, 12, 1), date(2027, 12, 31)), issued=st.dates(date(2015, 1, 1), date(2018, 1, 1)))
def test_a_document_that_lasts_longer_or_is_younger_never_does_worse(expires, issued):
    before = len(missing(held=passport(expires_on=expires, issued_on=issued)))
    assert len(missing(held=passport(expires_on=expires + DAY, issued_on=issued))) <= before
    assert len(missing(held=passport(expires_on=expires, issued_on=issued + DAY))) <= before


@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_everything_is_due_before_the_day_it_is_needed(day):
    found = clock.judge(Way(day, day, (day,), (day,), minor=True, needs_exit=True), Held())
    assert all(finding.due and finding.due < day for finding in found if not finding.holds)

"""Ninety days in a hundred and eighty, by the vectors of the authorities and by counting days one by one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics import schengen
from logistics.schengen import Stay

pytestmark = pytest.mark.nodb
DAY = timedelta(days=1)
SPRING = (Stay(date(2024, 1, 1), date(2024, 3, 30)),)
TWICE = (Stay(date(2024, 1, 1), date(2024, 1, 10)), Stay(date(2024, 3, 1), date(2024, 4, 19)))

days = st.dates(date(2023, 6, 1), date(2025, 6, 1))
stays = st.lists(
    st.builds(lambda first, n, counts: Stay(first, first + n * DAY, counts), days, st.integers(0, 120), st.booleans()), max_size=6
)


def counted(told: list[Stay], on: date) -> int:
    """By hand: each of the 180 days that end with this one, and whether somebody was there."""
    return sum(
        any(stay.counts and stay.first <= day and (stay.last is None or day <= stay.last) for stay in told)
        for day in (on - number * DAY for number in range(180))
    )


class TestVectors:
    def test_ninety_days_in_a_row_are_all_of_them(self):
        assert schengen.used(SPRING, date(2024, 3, 30)) == 90 and schengen.left(SPRING, date(2024, 3, 30)) == 0

    def test_a_day_too_early_is_refused(self):
        assert schengen.on_entry(SPRING, date(2024, 6, 28)) == 91 and not schengen.may_enter(SPRING, date(2024, 6, 28))

    def test_and_the_next_is_not(self):
        assert schengen.on_entry(SPRING, date(2024, 6, 29)) == 90 and schengen.may_enter(SPRING, date(2024, 6, 29))
        assert schengen.first_day(SPRING, date(2024, 5, 1)) == date(2024, 6, 29)
        assert schengen.last_day(SPRING, date(2024, 6, 29)) == date(2024, 9, 26)

    def test_two_stays_are_added(self):
        assert (schengen.used(TWICE, date(2024, 4, 19)), schengen.left(TWICE, date(2024, 4, 19))) == (60, 30)

    def test_ninety_days_away_give_all_ninety_back(self):
        assert schengen.last_day(SPRING, date(2024, 3, 30) + 91 * DAY) == date(2024, 3, 30) + 180 * DAY

    def test_days_on_a_permit_do_not_count(self):
        assert schengen.used([Stay(date(2024, 1, 1), None, counts=False)], date(2024, 6, 1)) == 0

    def test_entry_and_exit_on_one_day_are_one_day_and_a_leap_day_is_a_day(self):
        assert schengen.used([Stay(date(2024, 2, 29), date(2024, 2, 29))], date(2024, 3, 1)) == 1
        assert schengen.used([Stay(date(2024, 2, 28), date(2024, 3, 1))], date(2024, 3, 1)) == 3

    def test_whoever_has_not_left_is_still_there(self):
        assert schengen.used([Stay(date(2024, 1, 1))], date(2024, 1, 31)) == 31


class TestProperties:
    @given(told=stays, on=days)
    @settings(deadline=None)
    def test_it_is_what_counting_by_hand_gives(self, told, on):
        assert schengen.used(told, on) == counted(told, on)

    @given(told=stays, entry=days)
    @settings(deadline=None, max_examples=40)
    def test_the_last_day_is_the_last_on_which_every_day_was_allowed(self, told, entry):
        before, last = [stay for stay in told if stay.first < entry], schengen.last_day(told, entry)
        after = last + DAY if last else entry
        for day in [entry, last] if last else []:
            assert counted([*before, Stay(entry, day)], day) <= 90
        assert counted([*before, Stay(entry, after)], after) > 90 or (after - entry).days == 90

    @given(told=stays, since=days)
    @settings(deadline=None, max_examples=40)
    def test_before_the_first_day_nobody_may_enter(self, told, since):
        first = schengen.first_day(told, since)
        assert schengen.may_enter(told, first)
        assert first == since or not schengen.may_enter(told, first - DAY)

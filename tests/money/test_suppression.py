"""What a funder is told: sums that are exact, of five people or more, and nothing from which fewer could be subtracted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.money import reporting, suppression
from logistics.money.paper import last_day
from logistics.money.suppression import FEWEST, Row

pytestmark = pytest.mark.nodb
ROWS = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from(("food", "housing", "medical", "travel")), st.sampled_from(("EUR", "JPY")),
              st.integers(-10_000, 10**12)),
    max_size=40, unique_by=lambda row: row[:3],
)  # fmt: skip


def spent(category: str, people: Iterable[int], minor: int = 100, currency: str = "EUR") -> list[Row]:
    return [(person, category, currency, minor) for person in people]


def lines(*rows: list[Row]) -> list[tuple[tuple[str, ...], int, int]]:
    [one] = suppression.told([row for some in rows for row in some])
    return [(line.categories, line.people, line.minor) for line in one.lines]


def test_five_people_are_told_by_themselves():
    assert lines(spent("food", range(5)), spent("housing", range(6))) == [(("food",), 5, 500), (("housing",), 6, 600)]


def test_of_four_nothing_is_told():
    assert lines(spent("food", range(4))) == []


def test_a_single_small_one_takes_the_smallest_other_with_it():
    found = lines(spent("food", range(9)), spent("housing", range(6)), spent("medical", [1], 77))
    assert found == [(("food",), 9, 900), (("housing", "medical"), 6, 677)]


def test_two_small_ones_of_the_same_few_people_are_not_enough():
    found = lines(spent("food", range(9)), spent("housing", range(6)), spent("medical", [1, 2]), spent("travel", [2]))
    assert found == [(("food",), 9, 900), (("housing", "medical", "travel"), 6, 900)]


def test_small_ones_of_many_people_are_told_together():
    assert lines(spent("food", range(3)), spent("housing", range(2, 6))) == [(("food", "housing"), 6, 700)]


def test_what_was_taken_back_in_full_is_nobody():
    assert lines(spent("food", range(4)), spent("food", [9], 0)) == []


@given(ROWS)
def test_whatever_was_spent_sums_are_exact_and_no_difference_is_about_fewer_than_five(rows: list[Row]) -> None:
    real = [row for row in rows if row[3]]
    for one in suppression.told(rows):
        own = [row for row in real if row[2] == one.currency]
        if not one.lines:
            assert len({row[0] for row in own}) < FEWEST
            continue
        assert one.minor == sum(row[3] for row in own) == sum(line.minor for line in one.lines)
        assert one.people == len({row[0] for row in own})
        assert sorted(c for line in one.lines for c in line.categories) == sorted({row[1] for row in own})
        for size in range(1, len(one.lines) + 1):
            for some in combinations(one.lines, size):
                about = {row[0] for row in own if any(row[1] in line.categories for line in some)}
                assert len(about) >= FEWEST
        assert all(len(line.categories) != 1 or line.people >= FEWEST for line in one.lines)
    assert suppression.read(suppression.kept(suppression.told(rows))) == suppression.told(rows)


def test_quarters_that_are_over_do_not_overlap():
    found = reporting.quarters(date(2026, 2, 1))
    assert found[:3] == [date(2025, 10, 1), date(2025, 7, 1), date(2025, 4, 1)]
    assert [last_day(one) for one in found[:2]] == [date(2025, 12, 31), date(2025, 9, 30)]

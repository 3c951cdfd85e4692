"""Dates as people write them keep their precision."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocation.models.dates import NoSuchDate, PartialDate, born, read

pytestmark = pytest.mark.nodb

TODAY = date(2026, 11, 23)
days = st.dates(date(1900, 1, 1), TODAY)


def partial(day: date, precision: str) -> PartialDate:
    """The date known only so far."""
    if precision == "day":
        return PartialDate(day.year, day.month, day.day)
    return PartialDate(day.year, day.month if precision == "month" else None, about=precision == "about")


partials = st.builds(partial, days, st.sampled_from(["day", "month", "year", "about"]))


class TestReading:
    @pytest.mark.parametrize(
        ("written", "stored"),
        [
            ("04.10.1975", "1975-10-04"), ("1990-02-10", "1990-02-10"), ("2026-11-01T10:00:00.000+03:00", "2026-11-01"),
            ("4/10/1975", "1975-10-04"), ("12/31/1990", "1990-12-31"), ("04.10.75", "1975-10-04"),
            ("01.01.26", "2026-01-01"),
            ("02.1978", "1978-02"), ("1978-02", "1978-02"), ("00.02.1978", "1978-02"), ("XX.XX.1978", "1978"),
            ("1976", "1976"), ("1976 г.р.", "1976"), ("около 1992", "about 1992"), ("about 1992", "about 1992"),
            ("~1992", "about 1992"), ("1992?", "about 1992"), ("4 октября 1975 г.", "1975-10-04"),
            ("февраль 1978", "1978-02"), ("Oct 4, 1975", "1975-10-04"), ("4 October 1975", "1975-10-04"),
        ],
    )  # fmt: skip
    def test_a_date_is_read_as_precisely_as_it_was_written(self, written, stored):
        assert str(read(written, TODAY)) == stored

    @pytest.mark.parametrize(
        "written",
        ["31.02.1999", "29.02.2023", "13.1990", "32.01.1990", "весна", "лет тридцать", "10.75", "", "34000", "1990-е"],
    )
    def test_what_never_was_is_refused(self, written):
        with pytest.raises(NoSuchDate):
            read(written, TODAY)

    @pytest.mark.parametrize("written", ["24.11.2026", "12.2026", "2027", "31.12.1899"])
    def test_nobody_is_born_tomorrow_or_before_1900(self, written):
        with pytest.raises(NoSuchDate):
            born(written, TODAY)

    def test_born_today_is_born(self):
        assert born("23.11.2026", TODAY).exact == TODAY

    @given(partials)
    def test_what_is_stored_is_read_again(self, birth):
        assert PartialDate.parse(str(birth)) == birth == read(str(birth), TODAY)

    @given(days)
    def test_a_day_in_russian_order_is_that_day(self, day):
        assert read(f"{day:%d.%m.%Y}", TODAY).exact == day


class TestAgreeing:
    @given(days)
    def test_a_part_agrees_with_the_whole(self, day):
        kinds = [partial(day, precision) for precision in ("day", "month", "year", "about")]
        assert all(one.agrees(other) for one in kinds for other in kinds)

    @given(partials, partials)
    def test_it_does_not_matter_who_is_asked(self, one, other):
        assert one.agrees(other) == other.agrees(one)

    def test_day_and_month_may_have_changed_places(self):
        assert PartialDate(1990, 3, 4).agrees(PartialDate(1990, 4, 3))
        assert not PartialDate(1990, 3, 4).agrees(PartialDate(1990, 4, 4))

    def test_about_leaves_two_years_and_no_more(self):
        assert PartialDate(1990, about=True).agrees(PartialDate(1992))
        assert not PartialDate(1990, about=True).agrees(PartialDate(1993))
        assert not PartialDate(1991).agrees(PartialDate(1993))

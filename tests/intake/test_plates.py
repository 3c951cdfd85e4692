"""Number plates in either script and spacing are one; other plates are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocation.models.phones import numbers_in, same_number
from relocation.models.plates import plain_plate, same_plate, tells_of_plate

pytestmark = pytest.mark.nodb

CYRILLIC = str.maketrans("ABEKMHOPCTYX", "АВЕКМНОРСТУХ")
PLATES = st.text("ABEKMHOPCTYX0123456789", min_size=4, max_size=9)
GAPS = st.sampled_from(["", " ", "-", "\u00a0"])


class TestPlates:
    @given(PLATES, GAPS, st.booleans())
    def test_in_either_script_spacing_and_case_it_is_the_same(self, plate, gap, lower):
        other = gap.join(plate.translate(CYRILLIC))
        other = other.lower() if lower else other
        assert same_plate(plate, other) and same_plate(other, plate)
        assert tells_of_plate(plate, f"white Lada, {other}, dented")
        assert plain_plate(plain_plate(other)) == plain_plate(plate)

    @given(PLATES, PLATES, GAPS)
    def test_what_is_spelt_otherwise_is_another_car(self, one, other, gap):
        known = one.replace("O", "0")
        assert same_plate(one, gap.join(other)) == (known == other.replace("O", "0")) or known[:6] == other.replace("O", "0")[:6]

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("А123ВС 05", "a123bc05", True), ("A123BC", "А123ВС 05 RUS", True), ("O001OO 777", "0001ОО777", True),
            ("A123BC 05", "A123BC 77", False), ("A123BC", "A124BC", False), ("B-MW 1234", "BMW1234", True),
            ("B MW 1234", "B MW 12345", False), ("", "", False), ("A1", "A1", False),
        ],
    )  # fmt: skip
    def test_a_region_that_nobody_read_may_be_missing(self, one, other, same):
        assert same_plate(one, other) is same

    @pytest.mark.parametrize("words", ["", "a white Lada", "MA123BCD", "parked at 12:30", "A 124 BC"])
    def test_words_that_hold_no_such_plate(self, words):
        assert not tells_of_plate("A123BC", words) and not tells_of_plate("", words)


class TestNumbers:
    def test_a_number_in_a_sentence_is_found_in_any_notation(self):
        assert numbers_in("her aunt, 8 (922) 412-56-84, or +49 151 23456789") == {"+79224125684", "+4915123456789"}
        assert same_number("+79224125684", "her aunt, 8 (922) 412-56-84")

    @pytest.mark.parametrize("words", ["", "the hotline", "+7 922 412 56 85", "28.04.1992"])
    def test_another_number_or_none_is_not_the_same(self, words):
        assert not same_number("+79224125684", words) and not same_number("", words)

"""Verification codes: a typo is told from an unknown code."""

from __future__ import annotations

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from relocation.paperwork import code
from relocation.paperwork.code import ALPHABET, Mistyped, new_code, normalise

pytestmark = pytest.mark.nodb

CODES = st.builds(new_code)


class TestNormalise:
    @settings(deadline=None)
    @given(CODES)
    def test_a_code_is_itself(self, made):
        assert normalise(made) == made

    @settings(deadline=None)
    @given(CODES, st.sampled_from(["{}", " {} ", "https://desk.harbour.example/verify/#{}"]))
    def test_however_it_is_typed(self, made, how):
        assert normalise(how.format(made)) == made
        assert normalise(how.format(made.lower().replace("-", " "))) == made
        assert normalise(how.format(made.replace("-", "").replace("0", "o").replace("1", "l"))) == made

    @settings(deadline=None)
    @given(CODES)
    def test_on_a_russian_keyboard(self, made):
        assert normalise(made.translate(str.maketrans("ABCEHKMPTX", "АВСЕНКМРТХ"))) == made

    @settings(deadline=None)
    @given(CODES, st.integers(0, 15), st.sampled_from(ALPHABET))
    def test_one_wrong_character_is_a_typo(self, made, place, sign):
        bare = made.replace("-", "")
        wrong = bare[:place] + sign + bare[place + 1 :]
        if wrong != bare:
            with pytest.raises(Mistyped):
                normalise(wrong)

    @settings(deadline=None)
    @given(CODES, st.integers(0, 14))
    def test_two_that_changed_places_are_a_typo(self, made, place):
        bare = made.replace("-", "")
        wrong = bare[:place] + bare[place + 1] + bare[place] + bare[place + 2 :]
        if wrong != bare:
            with pytest.raises(Mistyped):
                normalise(wrong)

    @settings(deadline=None)
    @given(st.text(max_size=40))
    def test_anything_else_has_a_sentence(self, typed):
        try:
            assert len(normalise(typed)) == 19
        except Mistyped as refusal:
            assert refusal.sentence

    def test_codes_do_not_repeat(self):
        assert len({new_code() for _number in range(500)}) == 500


class TestPicture:
    def test_the_code_stands_where_no_server_logs_it(self):
        assert code.address("https://desk.harbour.example/verify/", "AB") == "https://desk.harbour.example/verify/#AB"

    def test_the_dark_stretches_are_the_picture(self):
        for row in segno.make("https://desk.harbour.example/verify/#7K2M").matrix:
            drawn = bytearray(len(row))
            for start, length in code._runs(row):
                drawn[start : start + length] = b"\x01" * length
            assert drawn == row

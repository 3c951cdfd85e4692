"""Phones in any notation become one; what is no number alone is refused."""

import pytest

from relocation.models.phones import UnusablePhone, e164

pytestmark = pytest.mark.nodb


class TestPhones:
    @pytest.mark.parametrize(
        "written",
        [
            "+7 954 965-77-12",
            "8(954)9657712",
            "7 954 9657712",
            "9549657712",
            "8 954 965 77 12",
            "тел. +79549657712",
            "007 954 9657712",
        ],
    )
    def test_one_number_in_many_notations_is_one(self, written):
        assert e164(written) == "+79549657712"

    def test_other_countries_keep_their_own(self):
        assert e164("+49 151 23456789") == "+4915123456789"
        assert e164("0049 151 23456789") == "+4915123456789"
        assert e164("+7 701 123 45 67") == "+77011234567"

    @pytest.mark.parametrize("written", ["позвоню сам", "123456", "7,95497E+10", "+7 154 965-77-12", "8954965771", "+", ""])
    def test_what_cannot_be_rung_is_refused(self, written):
        with pytest.raises(UnusablePhone):
            e164(written)

    @pytest.mark.parametrize("written", ["+79549657712 (мама)", "+79549657712 не звонить", "89549657712, 89549657713"])
    def test_a_number_that_may_be_somebody_elses_is_refused(self, written):
        with pytest.raises(UnusablePhone):
            e164(written)

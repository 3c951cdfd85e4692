"""Amounts as people type them."""

import pytest
from django.utils.translation import override

from logistics.money import amounts
from logistics.money.amounts import Unclear

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("1 234,56", "EUR", 123456), ("1,234.56", "EUR", 123456), ("1.234,56", "EUR", 123456), ("1234.5", "EUR", 123450),
        ("1\u202f234,5", "RUB", 123450), ("1’234.50", "CHF", 123450), ("7", "EUR", 700), ("0,05", "EUR", 5),
        ("1,234", "EUR", 123400), ("1.234.567", "EUR", 123456700), ("١٢٣٤٫٥", "EUR", 123450), ("1,234", "JPY", 1234),
        ("1234", "JPY", 1234), ("12.345,678", "KWD", 12345678), ("1234.567", "KWD", 1234567), ("0.005", "KWD", 5),
    ],
)  # fmt: skip
def test_are_read_as_they_were_meant(typed, currency, minor):
    assert amounts.read(typed, currency) == minor


@pytest.mark.parametrize(
    ("typed", "currency", "why"),
    [
        ("", "EUR", "in digits"), ("ten", "EUR", "in digits"), ("-5", "EUR", "in digits"), ("1e5", "EUR", "in digits"),
        ("0", "EUR", "more than nothing"), ("0.00", "EUR", "more than nothing"), ("12.345,6", "JPY", "no decimals"),
        ("1.999", "EUR", ""), ("1234.567", "EUR", "fewer decimals"), ("1,234", "KWD", "two amounts"),
        ("1,23,456.00", "EUR", "Check the signs"), ("1,2.3,4", "EUR", "Check the signs"), ("9" * 20, "EUR", "too large"),
        ("1..2", "EUR", "in digits"), ("=1+1", "EUR", "in digits"),
    ],
)  # fmt: skip
def test_what_is_none_or_could_be_two_is_refused_in_words(typed, currency, why):
    if not why:
        assert amounts.read(typed, currency) == 199900
        return
    with pytest.raises(Unclear, match=why):
        amounts.read(typed, currency)


@pytest.mark.parametrize(("language", "said"), [("en", "1,234.56"), ("de", "1.234,56"), ("ru", "1 234,56")])
def test_are_written_as_the_language_does(language, said):
    with override(language):
        written = amounts.written(123456, "EUR")
    assert written.replace("\u00a0", " ").replace("\u202f", " ") == f"{said} EUR"


def test_decimals_are_those_of_the_currency():
    assert [amounts.plain(-1234567, code) for code in ("JPY", "EUR", "KWD")] == ["-1234567", "-12345.67", "-1234.567"]

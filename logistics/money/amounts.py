"""Amounts as people type and read them; inside they are whole minor units: cents, kopecks, fils."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from logistics.money.currencies import DECIMALS

MOST = 10**13  # minor units in one row; sums of many rows still fit into 64 bits
SPACES = re.compile(r"[\s\u00a0\u202f\u2009'’]")
NUMBER = re.compile(r"\d+([.,]\d+)*")


class Unclear(ValueError):
    """What was typed is no amount in this currency; `sentence` says what to type instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def read(text: str, currency: str) -> int:
    """Minor units of "1 234,56", "1,234.56", "1.234,56" or "1234.5". Raises `Unclear`, also where it could mean two amounts."""
    plain, decimals = _plain(text), DECIMALS[currency]
    if not NUMBER.fullmatch(plain):
        raise Unclear(_("Write the amount in digits, such as %(example)s.") % {"example": _example(decimals)})
    whole, part = _split(plain, decimals)
    if len(part) > decimals:
        raise Unclear(_too_many(currency, decimals))
    minor = int(whole + part.ljust(decimals, "0"))
    if not 0 < minor <= MOST:
        raise Unclear(_("The amount must be more than nothing.") if minor == 0 else _("This amount is too large. Check it."))
    return minor


def _plain(text: str) -> str:
    """Digits of every script as ours, without the spaces and apostrophes that group them."""
    digits = "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text[:60])
    return SPACES.sub("", digits.replace("٫", ".").replace("٬", ""))


def _split(plain: str, decimals: int) -> tuple[str, str]:
    """The whole part and the decimals, as written. The last sign is the decimal one unless it can only group thousands."""
    signs = [letter for letter in plain if letter in ".,"]
    if not signs:
        return plain, ""
    head, _sign, tail = plain.rpartition(signs[-1])
    if signs.count(signs[-1]) > 1:
        return _ungrouped(plain), ""
    if len(signs) == 1 and len(tail) == 3 and len(head) <= 3 and head != "0":
        if decimals < 3:
            return _ungrouped(plain), ""
        raise Unclear(_("This could mean two amounts. Write it with all three decimals and without grouping, such as 1234.000."))
    return _ungrouped(head), tail


def _ungrouped(written: str) -> str:
    """Thousands without their signs. Raises `Unclear` where the groups are not of three digits."""
    first, *others = re.split(r"[.,]", written)
    signs = {sign for sign in written if sign in ".,"}
    if others and (len(first) > 3 or any(len(group) != 3 for group in others) or len(signs) > 1):
        raise Unclear(_("Check the signs between the digits: write the amount such as %(example)s.") % {"example": _example(2)})
    return "".join([first, *others])


def _too_many(currency: str, decimals: int) -> str:
    if decimals == 0:
        return _("%(currency)s has no decimals. Write whole units.") % {"currency": currency}
    return _("%(currency)s has fewer decimals than this. Write it such as %(example)s.") % {
        "currency": currency, "example": _example(decimals),
    }  # fmt: skip


def _example(decimals: int) -> str:
    return f"{Decimal(123456).scaleb(-2):.{decimals}f}"


def written(minor: int, currency: str) -> str:
    """The amount as the language writes it, with its currency: "1,234.56 EUR"; a minus sign before what is owed."""
    return f"{bare(minor, currency)}\u00a0{currency}"


def bare(minor: int, currency: str) -> str:
    """As `written`, without the currency."""
    decimals = DECIMALS[currency]
    return str(number_format(Decimal(minor).scaleb(-decimals), decimal_pos=decimals, use_l10n=True, force_grouping=True))


def plain(minor: int, currency: str) -> str:
    """For a spreadsheet: digits and a point, the same in every language."""
    return f"{Decimal(minor).scaleb(-DECIMALS[currency]):.{DECIMALS[currency]}f}"

"""Phone numbers in any notation, kept as E.164 (ITU-T; at most 15 digits with a plus)."""

from __future__ import annotations

import re
from contextlib import suppress

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

# Only what names the channel may stand beside a number. "Mother's", "do not ring" change what the number means.
LABELS = re.compile(
    r"\b(?:тел(?:ефон)?|моб(?:ильный)?|сот|tel(?:ephone)?|mob(?:ile)?|phone|whatsapp|signal|telegram|viber)\b[.:]?",
    re.I,
)
NUMBER = re.compile(r"\+?[\d\s().\-\u2010-\u2015\u00a0]+")
LONGEST = 60
# The plan of +7: Russia 3, 4, 8, 9; Kazakhstan 6 and 7. No area begins with 89: that is a mobile one digit short.
OF_SEVEN = re.compile(r"[34679]|8(?!9)")


class UnusablePhone(ValueError):
    """No number can be rung from this text."""


def e164(text: str, region: str = "RU") -> str:
    """The one number in `text`, as E.164; without a country it belongs to `region`. Raises `UnusablePhone`."""
    written = LABELS.sub("", text).strip()
    if len(text) > LONGEST or not NUMBER.fullmatch(written):
        raise UnusablePhone
    written = re.sub(r"^00", "+", written)
    for attempt in (written, "+" + written):
        number = _number(attempt, region)
        if number:
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    raise UnusablePhone


def numbers_in(text: str) -> set[str]:
    """Every number in a text that can be rung, as E.164."""
    found = set()
    for run in NUMBER.findall(text):
        with suppress(UnusablePhone):
            found.add(e164(run.strip()))
    return found


def same_number(one: str, other: str) -> bool:
    """Whether two texts hold the same number, in whichever notation."""
    return bool(numbers_in(one) & numbers_in(other))


def _number(text: str, region: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    # Possible, not valid: tables of carriers lag behind, and a number that rings must not be refused.
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    if number.country_code == 7 and not OF_SEVEN.match(str(number.national_number)):
        return None
    return number

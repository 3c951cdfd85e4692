"""Text that a spreadsheet would take for a formula: known coming in, disarmed going out (OWASP, CSV injection)."""

from __future__ import annotations

import re

# Spaces and invisible characters before the sign do not stop every spreadsheet; full-width signs count in some.
FORMULA = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r]")
DISARMED = re.compile(rf"'+(?:{FORMULA.pattern})")


def begins_like_formula(text: str) -> bool:
    """Whether a spreadsheet might calculate `text` instead of showing it."""
    return bool(FORMULA.match(text))


def neutral(text: str) -> str:
    """`text` with an apostrophe before what might be calculated."""
    return "'" + text if FORMULA.match(text) or DISARMED.match(text) else text


def bare(text: str) -> str:
    """The reverse of `neutral`."""
    return text[1:] if DISARMED.match(text) else text

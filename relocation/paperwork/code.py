"""Verification codes: random, readable, with a check character, and their picture to be photographed."""

from __future__ import annotations

import secrets

import segno
from django.utils.translation import gettext as _
from reportlab.pdfgen.canvas import Canvas

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_RANDOM = 15  # characters of five bits, and one more to check them
_GROUP = 4
# What people type for a character that no code has; Cyrillic letters look the same.
_MEANT = str.maketrans("OILАВСЕНКМРТХО", "011ABCEHKMPTX0")
_GAPS = str.maketrans("", "", " \t\r\n\u00a0\u202f-\u2010\u2011\u2012\u2013\u2014\u2212_.")


class Mistyped(ValueError):
    """What was typed cannot be a code of ours; `sentence` says so to a person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def new_code() -> str:
    """A fresh code of 75 random bits, as XXXX-XXXX-XXXX-XXXX."""
    values = [secrets.randbelow(32) for _place in range(_RANDOM)]
    return _grouped("".join(ALPHABET[value] for value in [*values, _check(values)]))


def normalise(typed: str) -> str:
    """The code as we write it, from what was typed or scanned. Raises `Mistyped`: a typo is no unknown code."""
    bare = typed.rpartition("#")[2].upper().translate(_MEANT).translate(_GAPS)
    if len(bare) != _RANDOM + 1 or any(sign not in ALPHABET for sign in bare):
        raise Mistyped(_("A code has 16 letters and digits, in four groups. Please compare it with the paper."))
    *values, check = (ALPHABET.index(sign) for sign in bare)
    if _check(values) != check:
        raise Mistyped(_("There is a typing error in this code. Please compare it with the paper."))
    return _grouped(bare)


def address(verify_address: str, code: str) -> str:
    """Where the picture points. Behind `#`, because a browser does not send that part and so no stranger logs it."""
    return f"{verify_address}#{code}"


def draw(canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
    """Draw `text` as a QR code of `size` points, its lower left corner at (x, y), as shapes and not as an image."""
    rows = segno.make(text, micro=False, error="m", boost_error=False).matrix
    module = size / len(rows)
    path = canvas.beginPath()
    for number, row in enumerate(rows, start=1):
        for start, length in _runs(row):
            path.rect(x + start * module, y + size - number * module, length * module, module)
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)


def _runs(row: bytearray) -> list[tuple[int, int]]:
    """Where the dark stretches of a row begin, and how long they are."""
    runs: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((place, 1))
    return runs


def _check(values: list[int]) -> int:
    """Damm's scheme over 32 characters (x^5 + x^2 + 1): finds one wrong character and two that changed places."""
    check = 0
    for value in values:
        check = (check ^ value) << 1
        if check & 32:
            check ^= 0b100101
    return check


def _grouped(bare: str) -> str:
    return "-".join(bare[place : place + _GROUP] for place in range(0, len(bare), _GROUP))

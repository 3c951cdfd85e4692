"""A master key in two shares, one for each custodian: either of them alone is random, and says nothing about the key.

A share is three lines of six groups of four letters (Crockford's alphabet, without I, L, O and U). Each line ends with a
check of its own, so that a slip is found in its line; the key carries a check that only both shares together show.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from relocation.safety.master import LENGTH

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
READ_AS = str.maketrans("OIL", "011")  # what a hand writes for 0 and 1
LINES, LINE, CHECK = 3, 13, 2  # lines, bytes in a line, bytes that check it
KEY_CHECK = 4  # bytes
LETTERS_IN_ALL = LINES * (LINE + CHECK) * 8 // 5


class WrongShare(ValueError):
    """A share that cannot be right; the message is a sentence for whoever types it."""


@dataclass(frozen=True)
class Share:
    """One custodian's half of a master key."""

    number: int
    part: int
    half: bytes = field(repr=False)

    def written(self) -> str:
        """As it is written on paper: three lines of groups of four."""
        payload = bytes([self.part]) + self.number.to_bytes(2, "big") + self.half
        return "\n".join(_groups(_lettered(line + _check(at, line))) for at, line in enumerate(_lines(payload, LINE)))


def split(number: int, key: bytes) -> tuple[Share, Share]:
    """Two shares of a master key of 32 bytes."""
    whole = key + _key_check(number, key)
    first = secrets.token_bytes(len(whole))
    return Share(number, 1, first), Share(number, 2, _xor(first, whole))


def read(written: str, part: int) -> Share:
    """The share that custodian `part` (1 or 2) typed; spaces and small letters do not matter. Raises `WrongShare`."""
    payload = b"".join(_line(at, letters) for at, letters in enumerate(_lettered_lines(written)))
    share = Share(int.from_bytes(payload[1:3], "big"), payload[0], payload[3:])
    if share.part != part:
        raise WrongShare(_swapped(part))
    return share


def join(first: Share, second: Share) -> bytes:
    """The master key. Raises `WrongShare` where the two do not belong together."""
    if first.number != second.number:
        told = {"one": first.number, "other": second.number}
        raise WrongShare(_("These are shares of different keys: of key %(one)s and of key %(other)s.") % told)
    whole = _xor(first.half, second.half)
    key, check = whole[:LENGTH], whole[LENGTH:]
    if not secrets.compare_digest(check, _key_check(first.number, key)):
        raise WrongShare(_("These two shares do not belong together. Take both from the same day on which a key was made."))
    return key


def _swapped(part: int) -> str:
    if part == 1:
        return _("This is the share of the second custodian. The first one begins.")
    return _("This is the share of the first custodian. Now it is the second one's turn.")


def _lettered_lines(written: str) -> Iterator[str]:
    letters = "".join(written.upper().split()).replace("-", "").translate(READ_AS)
    if len(letters) != LETTERS_IN_ALL:
        told = {"groups": LETTERS_IN_ALL // 4, "letters": LETTERS_IN_ALL, "found": len(letters)}
        raise WrongShare(_("A share has %(groups)s groups of four, %(letters)s letters in all. This has %(found)s.") % told)
    return (line.decode() for line in _lines(letters.encode("ascii", "replace"), LETTERS_IN_ALL // LINES))


def _line(at: int, letters: str) -> bytes:
    try:
        found = base64.b32decode(letters.translate(str.maketrans(LETTERS, STANDARD)))
    except ValueError:
        found = b""
    if found[LINE:] != _check(at, found[:LINE]) or set(letters) - set(LETTERS):
        raise WrongShare(_("Line %(line)s of this share is mistyped. Look at it again, group by group.") % {"line": at + 1})
    return found[:LINE]


def _lettered(payload: bytes) -> str:
    return base64.b32encode(payload).decode().translate(str.maketrans(STANDARD, LETTERS))


def _groups(letters: str) -> str:
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _lines(payload: bytes, length: int) -> Sequence[bytes]:
    return [payload[at : at + length] for at in range(0, len(payload), length)]


def _check(at: int, line: bytes) -> bytes:
    return hashlib.sha256(b"harbour line %d " % at + line).digest()[:CHECK]


def _key_check(number: int, key: bytes) -> bytes:
    return hashlib.sha256(b"harbour master key %d " % number + key).digest()[:KEY_CHECK]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))

"""Latin names as a machine-readable zone writes them (ICAO Doc 9303 part 3, 4.6 and 6, part 4, 4.2.3)."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# Letters that the standard writes with more than their base letter; the others lose their marks.
_SPELLED = str.maketrans(
    {"Å": "AA", "Ä": "AE", "Æ": "AE", "Ö": "OE", "Ø": "OE", "Œ": "OE", "Ü": "UE", "ẞ": "SS", "ß": "SS", "Þ": "TH"}
    | {"Ð": "D", "Đ": "D", "Ł": "L", "Ħ": "H", "Ŧ": "T", "Ŋ": "N", "ı": "I", "Ĳ": "IJ", "Ə": "E"}
)
_SILENT = re.compile(r"['\u2019\u02bc\u02bb`.]")


class MRZName(NamedTuple):
    """Surname and given names with spaces for fillers."""

    surname: str
    given_names: str

    @classmethod
    def read(cls, field: str) -> MRZName:
        """Split the name field of the zone."""
        surname, _gap, given = field.rstrip("<").partition("<<")
        return cls(_spaced(surname), _spaced(given))


def name_field(surname: str, given_names: str, room: int) -> str:
    """The name field, at most `room` characters; a name that fits is never cut, a cut one ends in a letter."""
    first, second = plain(surname), plain(given_names)
    whole = f"{first}<<{second}" if second else first
    if len(whole) <= room:
        return whole
    if second and len(first) > room - 3:
        return _cut(first, room - 3) + "<<" + second[0]
    return _cut(whole, room)


def plain(name: str) -> str:
    """A Latin name in the letters of the zone: A to Z, with `<` for spaces and hyphens, apostrophes and digits gone."""
    return _letters(_SILENT.sub("", name.upper()).translate(_SPELLED))


def same_name(ours: str, theirs: str, surname: str, given_names: str, room: int) -> bool:
    """Whether a printed name may stand behind the zone's: spelled either way, or cut because the field was full."""
    full = len(f"{surname}<<{given_names}") >= room
    mine = {plain(ours), _letters(_SILENT.sub("", ours.upper())), _letters(_with_x(ours))}
    other = theirs.replace(" ", "<")
    return any(name == other or (full and name.startswith(other)) for name in mine)


def _with_x(name: str) -> str:
    """The other spelling that part 3 section 6A allows: UXX for Ü, NXX for Ñ."""
    return _SILENT.sub("", name.upper()).replace("Ü", "UXX").replace("Ñ", "NXX")


def _letters(name: str) -> str:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return re.sub(r"<+", "<", re.sub(r"[\s,\-\u2010-\u2015<]", "<", bare).translate(_KEEP)).strip("<")


class _OnlyLetters(dict[int, int | None]):
    def __missing__(self, sign: int) -> int | None:
        return sign if 65 <= sign <= 90 or sign == 60 else None


_KEEP = _OnlyLetters()


def _spaced(part: str) -> str:
    return re.sub(r"<+", " ", part).strip()


def _cut(name: str, room: int) -> str:
    """Cut to exactly `room` characters of which the last is a letter, taking one from the part before if need be."""
    if len(name) > room and name[room - 1] == "<":
        name = name[: room - 2] + name[room - 1 :]
    return name[:room]

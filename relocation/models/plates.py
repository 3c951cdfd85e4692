"""When two number plates are of one car, in whichever script and spacing they were seen or typed."""

from __future__ import annotations

import re
import unicodedata

# Letters of Russian plates that look alike in both scripts (GOST R 50577-2018, 3.2); O and 0 are taken for each other.
ALIKE = str.maketrans("АВЕКМНОРСТУХO", "ABEKMH0PCTYX0")
# A Russian plate: what stands large, then the region, which whoever saw the car may not have read.
RUSSIAN = re.compile(r"(?P<large>[A-Z0]\d{3}[A-Z0]{2})(?P<region>\d{2,3})?(?:RUS)?")
LEAST = 4  # letters and digits of a plate
MOST_PARTS = 5  # a plate in a sentence is written in so many pieces at most
BREAKS = re.compile(r"[\W_]+")


def plain_plate(text: str) -> str:
    """A number plate in Latin capitals and digits alone."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(ALIKE)
    return "".join(letter for letter in plain if letter.isalnum())


def is_plate(text: str) -> bool:
    """Whether it is long enough to be told from others."""
    return len(plain_plate(text)) >= LEAST


def same_plate(one: str, other: str) -> bool:
    """Whether two plates are of one car; what is too short to be a plate is of none, and a region may be missing on either."""
    first, second = plain_plate(one), plain_plate(other)
    if min(len(first), len(second)) < LEAST:
        return False
    return first == second or _same_but_for_a_region(RUSSIAN.fullmatch(first), RUSSIAN.fullmatch(second))


def _same_but_for_a_region(one: re.Match[str] | None, other: re.Match[str] | None) -> bool:
    if not one or not other or one["large"] != other["large"]:
        return False
    return None in (one["region"], other["region"]) or one["region"] == other["region"]


def tells_of_plate(plate: str, words: str) -> bool:
    """Whether a sentence holds this plate, whole words of it."""
    parts = [part for part in BREAKS.split(unicodedata.normalize("NFKC", words)) if part]
    runs = (parts[first : first + many] for first in range(len(parts)) for many in range(1, _most(plate) + 1))
    return any(same_plate(plate, "".join(run)) for run in runs)


def _most(plate: str) -> int:
    """In how many pieces it may be written: letter by letter at most."""
    return max(MOST_PARTS, len(plain_plate(plate)))

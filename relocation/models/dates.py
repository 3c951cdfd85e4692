"""Dates known only in part: a day, a month, a year, or about a year. Calendar dates without a time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

ABOUT_YEARS = 2
ADULT = 18
OLDEST = 1900

ABOUT = re.compile(r"^(?:около|ок\.?|примерно|прим\.?|приблизительно|about|approx\.?|around|circa|c\.|ca\.?|~|≈)\s*", re.I)
TAIL = re.compile(r"\s*(?:г\.?\s*р\.?|г\.?|год[а]?|года рождения)\s*$", re.I)
TIME = re.compile(r"(?<=\d)[T ]\d{1,2}:\d{2}.*$")
YEAR = re.compile(r"(\d{4})")
YEAR_FIRST = re.compile(r"(\d{4})[.\-/](\d{1,2}|[x?]{1,2})(?:[.\-/](\d{1,2}|[x?]{1,2}))?", re.I)
DAY_FIRST = re.compile(r"(?:(\d{1,2}|[x?]{1,2})([.\-/]))?(\d{1,2}|[x?]{1,2})[.\-/](\d{4}|\d{2})", re.I)
IN_WORDS = re.compile(r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?([^\W\d_]{3,})\.?,?\s+(\d{4})")
MONTH_FIRST = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
MONTHS_BEGIN = "янв jan|фев feb|мар mar|апр apr|май мая may|июн jun|июл jul|авг aug|сен sep|окт oct|ноя nov|дек dec"
MONTHS = {stem: number for number, stems in enumerate(MONTHS_BEGIN.split("|"), 1) for stem in stems.split()}
LONGEST = 60


class NoSuchDate(ValueError):
    """The text is not a date, or names a day that never was."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """As much of a date as is known. `about` leaves two years of room to either side."""

    year: int
    month: int | None = None
    day: int | None = None
    about: bool = False

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise NoSuchDate
        try:
            date(self.year, self.month or 1, self.day or 1)
        except ValueError as error:
            raise NoSuchDate from error

    @property
    def precision(self) -> str:
        """`day`, `month`, `year` or `about`."""
        if self.about:
            return "about"
        return "day" if self.day else "month" if self.month else "year"

    @property
    def exact(self) -> date | None:
        """The day itself, where it is known."""
        return date(self.year, self.month, self.day) if self.month and self.day and not self.about else None

    def __str__(self) -> str:
        """ISO 8601 to the known part, with `about` before it where it is only about then; as it is stored."""
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part)]
        return ("about " if self.about else "") + "-".join(parts)

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """The reverse of `str`. Raises `NoSuchDate`."""
        found = re.fullmatch(r"(about )?(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text)
        if not found:
            raise NoSuchDate
        about, year, month, day = found.groups()
        return cls(int(year), _known(month), _known(day), bool(about))

    def agrees(self, other: PartialDate) -> bool:
        """Whether both can be the same day; day and month may have changed places."""
        room = ABOUT_YEARS if self.about or other.about else 0
        if abs(self.year - other.year) > room:
            return False
        if room:
            return True
        ours, theirs = (self.month, self.day), (other.month, other.day)
        if None not in ours and ours == theirs[::-1]:
            return True
        return all(a == b for a, b in zip(ours, theirs, strict=True) if a and b)


def read(text: str, today: date) -> PartialDate:
    """The date that somebody wrote, in Russian or English order. Raises `NoSuchDate`."""
    if len(text) > LONGEST:
        raise NoSuchDate
    bare = TIME.sub("", text.strip())
    about = bool(ABOUT.match(bare)) or bare.endswith("?")
    bare = TAIL.sub("", ABOUT.sub("", bare).rstrip("?").strip())
    found = _numbers(bare, today) or _worded(bare)
    if found is None:
        raise NoSuchDate
    year, month, day = found
    return PartialDate(year, month, day if month else None, about)


def born(text: str, today: date) -> PartialDate:
    """A birth date: one that `read` knows, from 1900 on and not after `today`. Raises `NoSuchDate`."""
    birth = read(text, today)
    if birth.year < OLDEST or date(birth.year, birth.month or 1, birth.day or 1) > today:
        raise NoSuchDate
    return birth


def under_age(birth: PartialDate | None, today: date) -> bool:
    """Whether somebody born then is certainly under 18; an imprecise date is taken as early as it can be."""
    if birth is None or birth.about:
        return False
    earliest = (birth.year + ADULT, birth.month or 1, birth.day or 1)
    return earliest > (today.year, today.month, today.day)


def tells_a_minor(birth: str) -> bool:
    """Whether a birth date, as it is stored, is that of somebody certainly under 18 today (UTC)."""
    try:
        return under_age(PartialDate.parse(birth), datetime.now(tz=UTC).date())
    except NoSuchDate:
        return False


Parts = tuple[int, int | None, int | None]


def _numbers(text: str, today: date) -> Parts | None:
    if found := YEAR.fullmatch(text):
        return int(found[1]), None, None
    if found := YEAR_FIRST.fullmatch(text):
        return int(found[1]), _known(found[2]), _known(found[3])
    if found := DAY_FIRST.fullmatch(text):
        return _day_first(found, today)
    return None


def _day_first(found: re.Match[str], today: date) -> Parts | None:
    day, month = _known(found[1]), _known(found[3])
    if len(found[4]) == 2 and found[1] is None:
        return None
    if found[2] == "/" and day and month and month > 12 >= day:
        day, month = month, day
    return _full_year(found[4], month, day, today), month, day


def _full_year(written: str, month: int | None, day: int | None, today: date) -> int:
    """Two digits mean the latest year that is not in the future."""
    if len(written) == 4:
        return int(written)
    year = today.year // 100 * 100 + int(written)
    return year - 100 if (year, month or 1, day or 1) > (today.year, today.month, today.day) else year


def _worded(text: str) -> Parts | None:
    if found := IN_WORDS.fullmatch(text):
        day, word, year = found.groups()
    elif found := MONTH_FIRST.fullmatch(text):
        word, day, year = found.groups()
    else:
        return None
    month = MONTHS.get(word[:3].lower())
    return (int(year), month, _known(day)) if month else None


def _known(part: str | None) -> int | None:
    """A number, or None where the part is missing, crossed out or nought."""
    return int(part) or None if part and part.isdigit() else None

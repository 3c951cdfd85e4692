"""Machine-readable zones: read, check, compose and compare (ICAO Doc 9303 parts 3 to 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from .mrz_layout import LAYOUTS, Layout, check_digit, layout_of
from .mrz_names import MRZName, name_field, plain, same_name

__all__ = ["MRZ", "NotAnMRZ", "check_digit", "compose", "disagreements", "parse"]


class NotAnMRZ(ValueError):
    """The lines are not a machine-readable zone; `sentence` says to a person why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class MRZ:
    """What the lines say, fillers removed. `birth` and `expires` are YYMMDD as printed, `<` where unknown."""

    format: str
    document_code: str
    issuing_state: str
    surname: str
    given_names: str
    number: str
    nationality: str
    birth: str
    sex: str
    expires: str
    optional: str = ""
    optional_2: str = ""

    def birth_date(self, today: date) -> date | None:
        """The latest matching day that is not after `today`; None when a part is unknown or impossible."""
        return max((day for day in _centuries(self.birth) if day <= today), default=None)

    def expiry_date(self, today: date) -> date | None:
        """The matching day nearest to `today`; None when a part is unknown or impossible."""
        return min(_centuries(self.expires), key=lambda day: abs(day - today), default=None)


def parse(lines: Sequence[str]) -> MRZ:
    """Read two or three lines of TD1, TD2, TD3, MRV-A or MRV-B. Raises `NotAnMRZ`."""
    tidy = [line.replace(" ", "").upper() for line in lines if line.strip()]
    layout = layout_of(tidy)
    if layout is None:
        raise NotAnMRZ(_("These lines have the wrong length. A passport has two lines of 44 characters."))
    if any(set(line) - _ALPHABET for line in tidy):
        raise NotAnMRZ(
            _("These lines hold a character that a machine-readable zone cannot hold. Only A to Z, 0 to 9 and < occur.")
        )
    number, optional = _number(layout, tidy)
    _check(layout, tidy, number)
    name = MRZName.read(layout.take(tidy, "name"))
    codes = {field: layout.take(tidy, field).rstrip("<") for field in ("document_code", "issuing_state", "nationality")}
    return MRZ(
        format=layout.name,
        surname=name.surname,
        given_names=name.given_names,
        number=number,
        birth=layout.take(tidy, "birth"),
        sex=layout.take(tidy, "sex"),
        expires=layout.take(tidy, "expires"),
        optional=optional.rstrip("<"),
        optional_2=layout.take(tidy, "optional_2").rstrip("<"),
        **codes,
    )


def compose(mrz: MRZ) -> tuple[str, ...]:
    """The lines that a document with these contents carries. Raises `NotAnMRZ` when something cannot fit."""
    layout = LAYOUTS[mrz.format]
    if not plain(mrz.surname) or bool(mrz.given_names) != bool(plain(mrz.given_names)):
        raise NotAnMRZ(_("The name must be in Latin letters, as it is printed in the document."))
    try:
        return _filled(layout, mrz)
    except (KeyError, ValueError) as error:
        if isinstance(error, NotAnMRZ):
            raise
        raise NotAnMRZ(_("A value is too long for this kind of document, or holds a character that it cannot.")) from error


def _filled(layout: Layout, mrz: MRZ) -> tuple[str, ...]:
    number, digit, optional = _split_number(layout, mrz)
    grid = layout.blank()
    for field in ("document_code", "issuing_state", "nationality", "birth", "sex", "expires", "optional_2"):
        layout.put(grid, field, getattr(mrz, field))
    layout.put(grid, "name", name_field(mrz.surname, mrz.given_names, layout.length("name")))
    layout.put(grid, "number", number)
    layout.put(grid, "number_check", digit)
    layout.put(grid, "optional", optional)
    layout.put(grid, "birth_check", check_digit(mrz.birth))
    layout.put(grid, "expires_check", check_digit(mrz.expires))
    layout.put(grid, "optional_check", check_digit(optional) if optional else "")
    layout.put(grid, "composite", layout.composite(grid))
    return tuple("".join(line) for line in grid)


def disagreements(
    mrz: MRZ,
    *,
    surname: str = "",
    given_names: str = "",
    birth: date | None = None,
    number: str = "",
    expires: date | None = None,
) -> list[str]:
    """One sentence for every value that differs from the lines, empty ones left out. Names as in the document."""
    room = LAYOUTS[mrz.format].length("name")
    pairs = [
        (_("Surname"), surname, mrz.surname, same_name(surname, mrz.surname, mrz.surname, mrz.given_names, room)),
        (
            _("Given names"),
            given_names,
            mrz.given_names,
            same_name(given_names, mrz.given_names, mrz.surname, mrz.given_names, room),
        ),
        (_("Date of birth"), _yymmdd(birth), mrz.birth, _same_day(birth, mrz.birth)),
        (_("Document number"), number, mrz.number, _bare(number) == _bare(mrz.number)),
        (_("Date of expiry"), _yymmdd(expires), mrz.expires, _same_day(expires, mrz.expires)),
    ]
    return [_differs(what, ours, theirs) for what, ours, theirs, same in pairs if ours and not same]


_ALPHABET = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")


def _differs(what: str, ours: str, theirs: str) -> str:
    return _("%(what)s: the machine-readable lines say %(theirs)s, the record says %(ours)s.") % {
        "what": what,
        "theirs": theirs,
        "ours": ours,
    }


def _number(layout: Layout, lines: Sequence[str]) -> tuple[str, str]:
    """The document number and what is left of the optional data: a long number runs on there (part 5, note j)."""
    start, optional = layout.take(lines, "number"), layout.take(lines, "optional")
    if not layout.long_numbers or layout.take(lines, "number_check") != "<" or optional.startswith("<"):
        return start.rstrip("<"), optional
    rest, _filler, after = optional.partition("<")
    return start + rest[:-1], after


def _check(layout: Layout, lines: Sequence[str], number: str) -> None:
    """Compare every printed check digit with the computed one."""
    printed = layout.take(lines, "number_check")
    if printed == "<" and len(number) > 9:
        printed = layout.take(lines, "optional").partition("<")[0][-1:]
    _same(_("Document number"), printed, number)
    _same(_("Date of birth"), layout.take(lines, "birth_check"), layout.take(lines, "birth"))
    _same(_("Date of expiry"), layout.take(lines, "expires_check"), layout.take(lines, "expires"))
    optional = layout.take(lines, "optional")
    if layout.has("optional_check") and not (layout.take(lines, "optional_check") == "<" and not optional.strip("<")):
        _same(_("Optional data"), layout.take(lines, "optional_check"), optional)
    if layout.has("composite") and layout.take(lines, "composite") != layout.composite(lines):
        raise NotAnMRZ(_("The last check digit does not fit the lines. Please compare every character with the document."))


def _same(what: str, printed: str, value: str) -> None:
    if printed != check_digit(value):
        raise NotAnMRZ(_("%(what)s: the check digit does not fit. Please compare it with the document.") % {"what": what})


def _split_number(layout: Layout, mrz: MRZ) -> tuple[str, str, str]:
    digit = check_digit(mrz.number)
    if len(mrz.number) <= 9:
        return mrz.number, digit, mrz.optional
    tail = f"{mrz.number[9:]}{digit}<{mrz.optional}"
    if not layout.long_numbers or len(tail.rstrip("<")) >= layout.length("optional"):
        raise NotAnMRZ(_("The document number is too long for this kind of document."))
    return mrz.number[:9], "<", tail.rstrip("<")


def _centuries(yymmdd: str) -> list[date]:
    """Doc 9303 knows no centuries: every real day from 1900 to 2099 that is written like this."""
    if not yymmdd.isdecimal():
        return []
    year, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    return [found for century in (1900, 2000) if (found := _day(century + year, month, day))]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _yymmdd(day: date | None) -> str:
    return f"{day:%y%m%d}" if day else ""


def _same_day(day: date | None, printed: str) -> bool:
    """Unknown parts (`<`) of the printed date agree with anything."""
    return all(theirs in ("<", ours) for ours, theirs in zip(_yymmdd(day), printed, strict=False))


def _bare(number: str) -> str:
    return "".join(sign for sign in number.upper() if sign.isalnum())

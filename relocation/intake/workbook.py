"""XLSX sheets as rows of text, one row in memory at a time; a bomb is refused before it is unpacked."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import repeat
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext as _

MOST_PARTS = 2_000
MOST_UNPACKED = 150_000_000
MOST_OF_ONE = 25_000_000
MOST_CELLS = 30_000_000
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
DECLARATIONS = tuple("<!DOCTYPE".encode(kind) for kind in ("utf-8", "utf-16-le", "utf-16-be"))
NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f]")
# Excel writes control characters as _x0001_.
ESCAPED = re.compile(r"_x00[01][0-9A-Fa-f]_")
QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


class Damaged(ValueError):
    """The workbook cannot be read, or must not be; the message is a sentence."""


def sheets(file: IO[bytes]) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """Each sheet's title and its rows, in order. Raises `Damaged`."""
    has_formulas = _inspect(file)
    try:
        values = _open(file, data_only=True)
        formulas = _open(file, data_only=False) if has_formulas else None
    except Exception as error:  # openpyxl raises whatever its parsers raise
        raise _damaged() from error
    for sheet in values.worksheets:
        twin = formulas[sheet.title] if formulas else None
        yield sheet.title, _rows(sheet, twin)


def _too_large() -> Damaged:
    return Damaged(_("The workbook would be far too large when unpacked. Save only the sheet with the referrals."))


def _damaged() -> Damaged:
    return Damaged(_("The workbook is damaged and cannot be read. Save it as XLSX again."))


def _open(file: IO[bytes], *, data_only: bool) -> Any:
    file.seek(0)
    return openpyxl.load_workbook(file, read_only=True, data_only=data_only, keep_links=False)


def _inspect(file: IO[bytes]) -> bool:
    """Whether any cell holds a formula. Refuses what is locked, too large unpacked, or declares entities."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _bound(parts)
            texts = [part for part in parts if part.filename.endswith((".xml", ".rels"))]
            return sum(_look_through(archive, part) for part in texts) > 0
    except Damaged:
        raise
    except Exception as error:  # zipfile raises whatever its decompressors raise
        raise _damaged() from error


def _bound(parts: list[zipfile.ZipInfo]) -> None:
    """`zipfile` never unpacks more of a part than its header declares, so the declared sizes are the true bound."""
    if any(part.flag_bits & 1 for part in parts):
        raise Damaged(_("The workbook is protected by a password. Save it without one."))
    small = (part for part in parts if not SHEET.fullmatch(part.filename))
    too_large = sum(part.file_size for part in parts) > MOST_UNPACKED or any(p.file_size > MOST_OF_ONE for p in small)
    if too_large or len(parts) > MOST_PARTS:
        raise _too_large()


def _look_through(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part holds formulas; no part of an honest workbook has a document type (ECMA-376 part 2, 8.1.4)."""
    found, tail = False, b""
    with archive.open(part) as stream:
        while chunk := stream.read(1 << 16):
            window = tail + chunk
            if any(declaration in window for declaration in DECLARATIONS):
                raise Damaged(_("The workbook holds declarations that no spreadsheet needs. Save it as XLSX again."))
            found = found or bool(FORMULA.search(window))
            tail = window[-32:]
    return found and SHEET.fullmatch(part.filename) is not None


def _rows(sheet: Any, twin: Any) -> Iterator[list[str]]:
    """A formula counts as the value it last had; without one it stays as it was written."""
    cells = 0
    try:
        for row, formulas in zip(_cells(sheet), _cells(twin) if twin else repeat(()), strict=False):
            yield [_text(cell if cell.value is not None else other) for cell, other in _beside(row, formulas)]
            cells += len(row)
            if cells > MOST_CELLS:
                raise _too_large()
    except Damaged:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers raise
        raise _damaged() from error


def _cells(sheet: Any) -> Any:
    sheet.reset_dimensions()  # some programs declare them wrongly, and rows would be lost
    return sheet.iter_rows()


def _beside(row: Any, formulas: Any) -> Iterator[tuple[Any, Any]]:
    for place, cell in enumerate(row):
        yield cell, formulas[place] if place < len(formulas) else cell


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, (datetime, date)):
        return _date(value, cell.number_format)
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        return NOT_TEXT.sub("", ESCAPED.sub("", value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _date(value: date, number_format: str) -> str:
    """A date only as precise as the sheet shows it: who sees "02.1978" never wrote a day."""
    shown = QUOTED.sub("", number_format or "").lower()
    if "y" not in shown or "d" in shown:
        return value.strftime("%Y-%m-%d")
    return value.strftime("%Y-%m") if "m" in shown else value.strftime("%Y")

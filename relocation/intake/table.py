"""A referral file as rows of text: CSV (UTF-8, UTF-16 or Windows-1251), or the first sheet of an XLSX with a header."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from relocation.intake.columns import Columns, recognise
from relocation.intake.formulas import bare
from relocation.intake.workbook import Damaged, sheets

MOST_BYTES = 50_000_000
MOST_ROWS = 20_000
HEADER_WITHIN = 30
CHUNK = 1 << 16
DELIMITERS = ",;\t"

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
Row = tuple[int, tuple[str, ...]]


class NotATable(ValueError):
    """The file is refused whole; the message is a sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """The header, what its columns are, and the rows below with their numbers as a spreadsheet shows them (from 1)."""

    headers: tuple[str, ...]
    columns: Columns
    rows: Iterator[Row]
    sheet: str = ""


@contextmanager
def read(source: Path | str | IO[bytes], name: str = "") -> Iterator[Table]:
    """Opens `source` (a path or a seekable binary file) as what `name` says it is.

    Raises `NotATable`, also while its rows are read.
    """
    if not isinstance(source, (str, Path)):
        yield _table(source, name)
        return
    with _opened(Path(source)) as file:
        yield _table(file, name or Path(source).name)


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise NotATable(_("The file cannot be opened. Check its name and that you may read it.")) from error


def _table(file: IO[bytes], name: str) -> Table:
    start, size = _start(file)
    if not size:
        raise NotATable(_("The file is empty."))
    if size > MOST_BYTES:
        raise NotATable(_("The file is larger than 50 MB. Split it into smaller ones."))
    kind = Path(name).suffix.lower()
    if kind == ".xlsx":
        return _from_workbook(file, start)
    if kind not in {".csv", ".tsv", ".txt"}:
        raise NotATable(_("Only CSV and XLSX files are read. Save the table as one of them."))
    if start.startswith((ZIP, OLE)):
        raise NotATable(_("The name says CSV, but the content is a workbook. Give it its right name, or save it as CSV."))
    return _from_text(file)


def _start(file: IO[bytes]) -> tuple[bytes, int]:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    return start, size


def _from_workbook(file: IO[bytes], start: bytes) -> Table:
    if start.startswith(OLE):
        raise NotATable(_("The workbook is protected by a password or of the old kind. Save it as XLSX without a password."))
    if not start.startswith(ZIP):
        raise NotATable(_("The name says XLSX, but the content is something else. Save the table as XLSX or CSV again."))
    try:
        for sheet, rows in sheets(file):
            found = _find_header(_numbered(rows))
            if found:
                return Table(*found, sheet=sheet)
    except Damaged as error:
        raise NotATable(str(error)) from error
    raise _no_header()


def _from_text(file: IO[bytes]) -> Table:
    encoding = _encoding(file)
    best: tuple[int, str] = (0, "")
    for delimiter in DELIMITERS:
        found = _find_header(_numbered(_lines(file, encoding, delimiter)))
        best = max(best, (len(found[1].places) if found else 0, delimiter))
    if not best[0]:
        raise _no_header()
    found = _find_header(_numbered(_lines(file, encoding, best[1])))
    assert found
    return Table(*found)


def _no_header() -> NotATable:
    return NotATable(
        _("No row with known column names was found. The first rows should name the columns, such as Surname and Phone.")
    )


def _lines(file: IO[bytes], encoding: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(_decoded(file, encoding), delimiter=delimiter, strict=False)
    except UnicodeError as error:
        raise _damaged() from error
    except csv.Error as error:
        raise NotATable(_("The file has a cell that is far too long. Perhaps a quotation mark is not closed.")) from error


def _decoded(file: IO[bytes], encoding: str) -> Iterator[str]:
    """Lines with their ends; the file itself stays open."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        yield from (CONTROL.sub("", line) for line in text)
    finally:
        text.detach()


def _encoding(file: IO[bytes]) -> str:
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    good, bad = _as_utf8(file)
    if not bad:
        return "utf-8-sig"
    if good > bad or start.startswith(codecs.BOM_UTF8):
        raise _damaged()
    return "cp1251"


def _damaged() -> NotATable:
    return NotATable(_("The file is damaged: some of its letters cannot be read. Save it as CSV in UTF-8 again."))


def _as_utf8(file: IO[bytes]) -> tuple[int, int]:
    """How many letters beyond ASCII read well as UTF-8, and how many do not. Raises `NotATable` for what is no text."""
    good = bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    file.seek(0)
    while chunk := file.read(CHUNK):
        if b"\x00" in chunk:
            raise NotATable(_("The file is not a table of text. Save the table as CSV or XLSX."))
        text = decoder.decode(chunk)
        bad += text.count("\ufffd")
        good += sum(letter > "\x7f" for letter in text)
    return good - bad, bad


def _numbered(rows: Iterable[Iterable[str]]) -> Iterator[Row]:
    """Rows that hold anything, with their numbers. Raises `NotATable` past the limit."""
    kept = 0
    for number, row in enumerate(rows, 1):
        cells = tuple(bare(cell) for cell in row)
        if not any(cell.strip() for cell in cells):
            continue
        kept += 1
        if kept > MOST_ROWS + HEADER_WITHIN:
            raise NotATable(_("The table has more than 20,000 rows. Split it into smaller ones."))
        yield number, cells


def _find_header(rows: Iterator[Row]) -> tuple[tuple[str, ...], Columns, Iterator[Row]] | None:
    """The row among the first thirty that names the most columns, and the rows below it."""
    first = list(islice(rows, HEADER_WITHIN))
    known = [recognise(cells) for _number, cells in first]
    best = max(range(len(first)), key=lambda place: (known[place].usable, len(known[place].places), -place), default=None)
    if best is None or not known[best].usable:
        return None
    return first[best][1], known[best], chain(first[best + 1 :], rows)

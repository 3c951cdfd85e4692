"""Refused rows as a spreadsheet that can be mended and sent again."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter

from relocation.intake.formulas import neutral
from relocation.intake.preview import Preview

LONGEST_CELL = 32_767


def refused_rows(preview: Preview, file: IO[bytes]) -> None:
    """Writes an XLSX to `file`: every column of the original, then the reason; formulas are neutralised."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _("Refused")
    width = max((len(preview.headers), *(len(row.cells) for row in preview.refused)))
    sheet.append(_cells(preview.headers, width, _("Reason")))
    for row in preview.refused:
        sheet.append(_cells(row.cells, width, row.reason))
    _save(book, file)


def _cells(cells: tuple[str, ...], width: int, reason: str) -> list[str | None]:
    padded = [*cells, *[""] * (width - len(cells)), reason]
    return [neutral(ILLEGAL_CHARACTERS_RE.sub("", cell))[:LONGEST_CELL] or None for cell in padded]


def _save(book: Workbook, file: IO[bytes]) -> None:
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        InMemory(book, archive).write_data()


class InMemory(ExcelWriter):
    """openpyxl writes each sheet to a temporary file first; what people told us must not lie about on a disk."""

    def write_worksheet(self, ws: Any) -> None:
        """Writes one sheet without pictures, links or comments straight into the archive."""
        out = BytesIO()
        writer = WorksheetWriter(ws, out)
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], out.getvalue())
        self.manifest.append(ws)

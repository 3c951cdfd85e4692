"""Facts in two columns, and tables that go on over pages with their head repeated. Lengths in points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reportlab.lib.units import mm

from . import face
from .face import Line, Style
from .page import BODY, HEADING, LEFT, Sheet

_HEAD = Style(8, 11, face.BOLD)
_CELL = Style(9, 12.5)
_MONO = Style(8.5, 12.5, face.MONO)
_LABEL = Style(9, 15, grey=0.32)
_GAP = 4 * mm
_PAD = 1.6 * mm
_HAIR = 0.78  # grey of the lines between rows


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, its share of the width, and whether it holds codes."""

    title: str
    share: float = 1.0
    mono: bool = False

    @property
    def style(self) -> Style:
        """How its cells are set."""
        return _MONO if self.mono else _CELL


def facts(sheet: Sheet, rows: Iterable[tuple[str, str]], *, x: float = LEFT, width: float = 0, label: float = 46 * mm) -> None:
    """A label and a value in each row; rows without a value are left out. Values begin at the left in every script."""
    room = (width or sheet.width) - label
    for name, value in rows:
        if not value:
            continue
        left = face.lines(name, _LABEL, label - _GAP)
        right = [replace(line, leftward=False) for line in face.lines(value, BODY, room)]
        sheet.need(BODY.leading * min(4, max(len(left), len(right))))
        _side_by_side(sheet, [(x, label - _GAP, left, _LABEL), (x + label, room, right, BODY)], BODY.leading)
        sheet.y -= 0.6 * mm


def table(sheet: Sheet, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, heading: str = "") -> None:
    """A table in the full width; a short one stays together, and so does every row that is not taller than a page."""
    places = _places(columns, sheet.width)
    titles = [face.lines(column.title, _HEAD, width) for column, (_x, width) in zip(columns, places, strict=True)]
    whole = [_cells(columns, row, places) for row in rows]
    _keep_together(sheet, [titles, *whole], heading)
    if heading:
        sheet.heading(heading)
    _head(sheet, titles, places)
    for cells in whole:
        _row(sheet, columns, cells, places, titles)
    sheet.y -= 3 * mm


def _cells(columns: Sequence[Column], row: Sequence[str], places: list[tuple[float, float]]) -> list[list[Line]]:
    texts = zip(columns, row, places, strict=True)
    return [face.lines(text, column.style, width) for column, text, (_x, width) in texts]


def _keep_together(sheet: Sheet, rows: list[list[list[Line]]], heading: str) -> None:
    """Turn the page where a short table would be torn, or a long one begin with fewer than two rows."""
    above = HEADING.leading + 7 * mm if heading else 0
    heights = [_height(cells, _CELL.leading) for cells in rows]
    whole = above + sum(heights)
    sheet.need(whole if whole < sheet.height / 3 else min(above + sum(heights[:3]), sheet.height))


def _places(columns: Sequence[Column], width: float) -> list[tuple[float, float]]:
    """Where each column begins, and how wide it is."""
    whole = sum(column.share for column in columns)
    free, x, places = width - _GAP * (len(columns) - 1), LEFT, []
    for column in columns:
        places.append((x, free * column.share / whole))
        x += places[-1][1] + _GAP
    return places


def _head(sheet: Sheet, titles: list[list[Line]], places: list[tuple[float, float]]) -> None:
    cells = [(x, width, lines, _HEAD) for lines, (x, width) in zip(titles, places, strict=True)]
    sheet.y -= _height(titles, _HEAD.leading) - max(map(len, titles)) * _HEAD.leading
    _side_by_side(sheet, cells, _HEAD.leading)
    sheet.y -= _PAD
    sheet.rule(sheet.y, weight=0.6)


def _row(
    sheet: Sheet,
    columns: Sequence[Column],
    cells: list[list[Line]],
    places: list[tuple[float, float]],
    titles: list[list[Line]],
) -> None:
    height = _height(cells, _CELL.leading)
    if height > sheet.room and (height <= sheet.height - _height(titles, _HEAD.leading) or sheet.room < 6 * _CELL.leading):
        _turn(sheet, titles, places)
    while any(cells):
        fits = max(1, int((sheet.room - 2 * _PAD) // _CELL.leading))
        now, cells = [lines[:fits] for lines in cells], [lines[fits:] for lines in cells]
        sheet.y -= _PAD
        pieces = [(x, width, lines, column.style) for column, lines, (x, width) in zip(columns, now, places, strict=True)]
        _side_by_side(sheet, pieces, _CELL.leading)
        sheet.y -= _PAD
        if any(cells):
            _turn(sheet, titles, places)
    sheet.rule(sheet.y, weight=0.4, grey=_HAIR)


def _turn(sheet: Sheet, titles: list[list[Line]], places: list[tuple[float, float]]) -> None:
    sheet.turn()
    _head(sheet, titles, places)


def _side_by_side(sheet: Sheet, cells: Sequence[tuple[float, float, list[Line], Style]], leading: float) -> None:
    """Draw cells from one upper edge and go below the tallest; facts that are taller than a page go on over it."""
    for number in range(max(len(lines) for _x, _width, lines, _style in cells)):
        sheet.need(leading)
        for x, width, lines, style in cells:
            if number < len(lines):
                sheet.line(lines[number], style, x, sheet.y, width)
        sheet.y -= leading


def _height(cells: list[list[Line]], leading: float) -> float:
    return float(max(map(len, cells)) * leading + 2 * _PAD)

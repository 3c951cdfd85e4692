"""Where the fields of a machine-readable zone stand, and check digits (ICAO Doc 9303 part 3, 4.9, parts 4 to 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Span = tuple[int, int, int]  # line, first position, position after the last; all from 0

_VALUES = {sign: value for value, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}


def check_digit(text: str) -> str:
    """The digit over `text`: weights 7, 3, 1, modulo 10. Raises KeyError for a character that no zone holds."""
    return str(sum(_VALUES[sign] * (7, 3, 1)[place % 3] for place, sign in enumerate(text)) % 10)


@dataclass(frozen=True, slots=True)
class Layout:
    """One format: its size, its fields, and which spans the composite check digit covers."""

    name: str
    lines: int
    width: int
    fields: Mapping[str, Span]
    covered: tuple[Span, ...] = ()
    long_numbers: bool = False

    def has(self, field: str) -> bool:
        """Whether this format carries the field."""
        return field in self.fields

    def length(self, field: str) -> int:
        """How many positions the field has; 0 when there is none."""
        _line, start, end = self.fields.get(field, (0, 0, 0))
        return end - start

    def take(self, lines: Sequence[Sequence[str]], field: str) -> str:
        """The characters of a field, fillers included; empty when this format has no such field."""
        return _cut(lines, self.fields.get(field, (0, 0, 0)))

    def put(self, grid: list[list[str]], field: str, value: str) -> None:
        """Write a field, padded with fillers. Raises ValueError when it is too long."""
        if field not in self.fields:
            return
        line, start, end = self.fields[field]
        if len(value) > end - start:
            raise ValueError(f"{field} is longer than {end - start} characters")
        grid[line][start:end] = value.ljust(end - start, "<")

    def blank(self) -> list[list[str]]:
        """Lines of nothing but fillers."""
        return [["<"] * self.width for _line in range(self.lines)]

    def composite(self, lines: Sequence[Sequence[str]]) -> str:
        """The check digit over the whole; empty when this format has none."""
        return check_digit("".join(_cut(lines, span) for span in self.covered)) if self.covered else ""


def layout_of(lines: Sequence[str]) -> Layout | None:
    """The format that these lines have, by their number, their length and, for visas, their first letter."""
    widths = {len(line) for line in lines}
    for layout in LAYOUTS.values():
        if len(lines) == layout.lines and widths == {layout.width} and lines[0].startswith("V") == layout.name.startswith("MRV"):
            return layout
    return None


def _cut(lines: Sequence[Sequence[str]], span: Span) -> str:
    line, start, end = span
    return "".join(lines[line][start:end])


def _two_lines(width: int, optional_end: int, **more: Span) -> dict[str, Span]:
    return {
        "document_code": (0, 0, 2),
        "issuing_state": (0, 2, 5),
        "name": (0, 5, width),
        "number": (1, 0, 9),
        "number_check": (1, 9, 10),
        "nationality": (1, 10, 13),
        "birth": (1, 13, 19),
        "birth_check": (1, 19, 20),
        "sex": (1, 20, 21),
        "expires": (1, 21, 27),
        "expires_check": (1, 27, 28),
        "optional": (1, 28, optional_end),
    } | more


_CARD: dict[str, Span] = {
    "document_code": (0, 0, 2),
    "issuing_state": (0, 2, 5),
    "number": (0, 5, 14),
    "number_check": (0, 14, 15),
    "optional": (0, 15, 30),
    "birth": (1, 0, 6),
    "birth_check": (1, 6, 7),
    "sex": (1, 7, 8),
    "expires": (1, 8, 14),
    "expires_check": (1, 14, 15),
    "nationality": (1, 15, 18),
    "optional_2": (1, 18, 29),
    "composite": (1, 29, 30),
    "name": (2, 0, 30),
}

LAYOUTS: Mapping[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout("TD1", 3, 30, _CARD, ((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)), long_numbers=True),
        Layout(
            "TD2",
            2,
            36,
            _two_lines(36, 35, composite=(1, 35, 36)),
            ((1, 0, 10), (1, 13, 20), (1, 21, 35)),
            long_numbers=True,
        ),
        Layout(
            "TD3",
            2,
            44,
            _two_lines(44, 42, optional_check=(1, 42, 43), composite=(1, 43, 44)),
            ((1, 0, 10), (1, 13, 20), (1, 21, 43)),
        ),
        Layout("MRV-A", 2, 44, _two_lines(44, 44)),
        Layout("MRV-B", 2, 36, _two_lines(36, 36)),
    )
}

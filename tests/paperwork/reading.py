"""Reads papers back without ReportLab: what a viewer would show, and what else a file could do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import pikepdf

_PAIR = re.compile(rb"^<([0-9A-F]+)> <([0-9A-F]+)>\s*$", re.MULTILINE)


def text_of(pdf: bytes, password: str = "") -> str:
    """The text of all pages, a piece per line, in the order in which it is drawn."""
    return "\n".join(text_of_pages(pdf, password))


def text_of_pages(pdf: bytes, password: str = "") -> list[str]:
    """The text of each page."""
    with pikepdf.open(BytesIO(pdf), password=password) as paper:
        return ["\n".join(_pieces(page.obj)) for page in paper.pages]


def words_of(text: str) -> str:
    """The words alone: where a line was broken is not part of what was said."""
    return " ".join(text.split())


def names_in(pdf: bytes) -> set[str]:
    """Every dictionary key and name value of every object: where actions and attachments would show."""
    with pikepdf.open(BytesIO(pdf)) as paper:
        return {name for thing in paper.objects for name in _names(thing, depth=0)}


def _pieces(owner: pikepdf.Object) -> Iterator[str]:
    fonts: dict[str, dict[int, str]] = {}
    now: dict[int, str] = {}
    line: list[str] = []
    for step in pikepdf.parse_content_stream(owner):
        operands = step.operands
        match str(step.operator):
            case "Tf":
                now = fonts.setdefault(str(operands[0]), _letters(owner.Resources.Font[str(operands[0])]))
            case "Tj":
                line.append("".join(now[byte] for byte in bytes(operands[0])))
            case "ET":
                yield "".join(line)
                line = []
            case "Do":
                form = owner.Resources.XObject[str(operands[0])]
                yield from _pieces(form) if form.Subtype == "/Form" else ()


def _letters(font: pikepdf.Object) -> dict[int, str]:
    cmap = font.ToUnicode.read_bytes().partition(b"beginbfchar")[2]
    return {int(code, 16): bytes.fromhex(sign.decode()).decode("utf-16-be") for code, sign in _PAIR.findall(cmap)}


def _names(thing: pikepdf.Object, depth: int) -> Iterator[str]:
    if isinstance(thing, pikepdf.Name):
        yield str(thing)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream) and depth < 6:
        for key, value in thing.items():
            yield str(key)
            yield from () if getattr(value, "is_indirect", False) else _names(value, depth + 1)
    elif isinstance(thing, pikepdf.Array) and depth < 6:
        for value in thing:
            yield from () if getattr(value, "is_indirect", False) else _names(value, depth + 1)

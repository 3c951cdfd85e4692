"""The letters of our papers: vendored fonts, which script takes which, and lines that fit. Lengths in points."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from arabic_reshaper import ArabicReshaper
from bidi.algorithm import get_display  # not the compiled one: it leaves brackets the wrong way round
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).resolve().parent / "fonts"
LATIN, BOLD, ARABIC, MONO = "Paper", "Paper-Bold", "Paper-Arabic", "Paper-Mono"
_FILES = {
    LATIN: "NotoSans-Regular.ttf",
    BOLD: "NotoSans-Bold.ttf",
    ARABIC: "NotoSansArabic-Regular.ttf",
    MONO: "NotoSansMono-Regular.ttf",
}
_MISSING = "\N{REPLACEMENT CHARACTER}"
# A joiner and its opposite change how Arabic letters join; every other invisible sign only misleads.
_JOINERS = "\u200c\u200d"
# Lam with alef must be one sign; the word ligature need not, and hides what was written.
_reshaper = ArabicReshaper(configuration={"delete_harakat": True, "ARABIC LIGATURE ALLAH": False})


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set; `size` and `leading` in points, `grey` from 0 (black) to 1."""

    size: float
    leading: float
    face: str = LATIN
    grey: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the eye sees it, left to right: pieces of text, each with its font."""

    pieces: tuple[tuple[str, str], ...]
    width: float
    leftward: bool = False


def lines(text: str, style: Style, width: float) -> list[Line]:
    """Break a text into lines of at most `width`; line feeds are kept, markup is text like any other."""
    return [line for part in clean(text).split("\n") for line in _wrapped(part, style, width)]


def one_line(text: str, style: Style, width: float) -> Line:
    """The text in one line, ended by an ellipsis where it does not fit."""
    found = lines(text.replace("\n", " "), style, width)
    if len(found) == 1:
        return found[0]
    whole = " ".join(clean(text).split())
    while whole and _width(whole + "…", style) > width:
        whole = whole[:-1]
    return _line(whole.rstrip() + "…", style, leftward=_leftward(whole))


def clean(text: str) -> str:
    """Composed letters, plain spaces, nothing invisible; a sign that no font of ours has becomes a visible mark."""
    if _unchanged().issuperset(text) and unicodedata.is_normalized("NFC", text):
        return text
    return "".join(_plain(sign) for sign in unicodedata.normalize("NFC", text.replace("\r\n", "\n")))


def unprintable(text: str) -> str:
    """The signs of a text that no font of ours has, each once; ask before a paper is issued."""
    signs = dict.fromkeys(unicodedata.normalize("NFC", text))
    return "".join(sign for sign in signs if sign != _MISSING and _plain(sign) == _MISSING)


def unprintable_in(content: object) -> str:
    """The same for everything that a paper is to say: a frozen content with all that it holds."""
    return unprintable("".join(_texts(content)))


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, tuple):
        for item in content:
            yield from _texts(item)
    elif is_dataclass(content) and not isinstance(content, type):
        for field in fields(content):
            yield from _texts(getattr(content, field.name))


def _plain(sign: str) -> str:
    kind = unicodedata.category(sign)
    if sign == "\n" or sign in _JOINERS or (sign in _known() and kind != "Cf"):
        return sign
    if kind[0] == "Z" or sign in "\t\r\v\f\x85":
        return "\n" if kind in ("Zl", "Zp") else " "
    return "" if kind in ("Cc", "Cf") else _MISSING


def _wrapped(part: str, style: Style, width: float) -> Iterator[Line]:
    leftward = _leftward(part)
    space = _width(" ", style)
    held: list[str] = []
    used = 0.0
    for word, size in _words(part, style, width):
        if held and used + space + size > width:
            yield _line(" ".join(held), style, leftward=leftward)
            held, used = [], 0.0
        used += size + (space if held else 0.0)
        held.append(word)
    yield _line(" ".join(held), style, leftward=leftward)


def _words(part: str, style: Style, width: float) -> Iterator[tuple[str, float]]:
    """The words of a text with their widths; one that is wider than the line comes in pieces."""
    for word in part.split(" "):
        if not word:
            continue
        size = _width(word, style)
        if size <= width:
            yield word, size
        else:
            yield from _broken(word, style, width)


def _broken(word: str, style: Style, width: float) -> Iterator[tuple[str, float]]:
    piece, used = "", 0.0
    for sign in word:
        size = _width(sign, style)
        if piece and used + size > width:
            yield piece, used
            piece, used = "", 0.0
        piece, used = piece + sign, used + size
    yield piece, used


def _line(text: str, style: Style, *, leftward: bool) -> Line:
    pieces = tuple(_pieces(_visual(text, leftward), style.face))
    return Line(pieces, sum(_advance(piece, face, style.size) for face, piece in pieces), leftward)


def _visual(text: str, leftward: bool) -> str:
    """The order in which the signs stand on paper; Arabic letters in their joined forms."""
    if not _has_arabic(text):
        return text.replace("\u200c", "").replace("\u200d", "")
    shaped = _reshaper.reshape(text).replace("\u200c", "").replace("\u200d", "")
    return str(get_display(shaped, base_dir="R" if leftward else "L"))


def _pieces(text: str, face: str) -> Iterator[tuple[str, str]]:
    """The text cut wherever another font has to take over."""
    first = _covered(face)
    if text.isascii() or first.issuperset(text):
        yield face, text
        return
    for chosen, signs in groupby(text, key=lambda sign: _face_for(sign, face)):
        yield chosen, "".join(signs)


def _face_for(sign: str, face: str) -> str:
    return next((name for name in (face, LATIN, ARABIC) if sign in _covered(name)), LATIN)


def _width(text: str, style: Style) -> float:
    if text.isascii() or not _has_arabic(text):
        return sum(_advance(piece, face, style.size) for face, piece in _pieces(text, style.face))
    return _line(text, style, leftward=True).width


def _advance(text: str, face: str, size: float) -> float:
    widths = _font(face).face.charWidths
    return float(sum([widths[ord(sign)] for sign in text]) * size / 1000)


def _has_arabic(text: str) -> bool:
    return not text.isascii() and any("\u0590" <= sign <= "\u08ff" or "\ufb1d" <= sign <= "\ufeff" for sign in text)


def _leftward(text: str) -> bool:
    """Whether a text runs from right to left: its first letter decides."""
    kinds = (unicodedata.bidirectional(sign) for sign in text)
    return not text.isascii() and next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"


def prepare() -> None:
    """Read the fonts, once per process."""
    for name in _FILES:
        _font(name)


@cache
def _font(name: str) -> TTFont:
    """The font by its path in our folder: a bare file name would let a system font take its place."""
    font = TTFont(name, str(FONTS / _FILES[name]))
    pdfmetrics.registerFont(font)
    return font


@cache
def _covered(name: str) -> frozenset[str]:
    return frozenset(map(chr, _font(name).face.charToGlyph))


@cache
def _known() -> frozenset[str]:
    return _covered(LATIN) | _covered(ARABIC)


@cache
def _unchanged() -> frozenset[str]:
    return frozenset(sign for sign in _known() if _plain(sign) == sign) | {"\n"}

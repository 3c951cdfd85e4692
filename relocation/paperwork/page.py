"""One sheet after the other: letterhead, margins, footer, paragraphs. Lengths in points."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext as _
from reportlab import rl_config
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from . import code, face
from .face import Line, Style
from .marks import Marks
from .picture import Picture

rl_config.useA85 = 0  # streams as bytes: a fifth smaller than ReportLab's text form

PETROL = (0x0D / 255, 0x5A / 255, 0x61 / 255)
BODY = Style(10, 15)
SMALL = Style(8, 11.5, grey=0.32)
STRONG = Style(10, 15, face.BOLD)
TITLE = Style(19, 25, face.BOLD)
HEADING = Style(12, 17, face.BOLD)
_NAME = Style(12, 16, face.BOLD)
_MARK = Style(7.5, 10.5, grey=0.25)
_MARK_STRONG = Style(7.5, 10.5, face.BOLD)
_EDGE = Style(6.5, 8, grey=0.45)

LEFT, RIGHT, TOP = 26 * mm, 22 * mm, 20 * mm
_FOOT = 32 * mm
_QR = 15 * mm


@dataclass(frozen=True, slots=True)
class Organisation:
    """Whose letterhead it is."""

    name: str
    address: tuple[str, ...] = ()


class _NoInfo(pdfdoc.PDFInfo):
    """A document information dictionary that says nothing."""

    def digest(self, md5object: object) -> None:
        """Nothing to add to the fingerprint."""

    def format(self, document: object) -> bytes:
        """An empty dictionary."""
        return bytes(pdfdoc.PDFDictionary({}).format(document))


class Sheet:
    """A paper in the making, filled from top to bottom; `y` is where the next thing stands."""

    def __init__(
        self, *, language: str, marks: Marks | None = None, letterhead: Organisation | None = None, wide: bool = False
    ) -> None:
        self.size = landscape(A4) if wide else A4
        self.marks, self.letterhead = marks, letterhead
        face.prepare()
        self._out = BytesIO()
        self.canvas = Canvas(
            self._out, pagesize=self.size, invariant=1, pageCompression=1, initialFontName=face.LATIN, lang=language
        )
        self.canvas._doc.info = _NoInfo()
        self.width = self.size[0] - LEFT - RIGHT
        self.bottom = _FOOT if marks else TOP
        self.pages = 0
        self._begin()

    @property
    def room(self) -> float:
        """How much of this page is left."""
        return float(self.y - self.bottom)

    @property
    def height(self) -> float:
        """How much an empty page after the first holds."""
        return float(self.size[1] - TOP - 9 * mm - self.bottom)

    def turn(self) -> None:
        """Go on with a new page."""
        self.canvas.showPage()
        self._begin()

    def need(self, height: float) -> None:
        """Turn the page unless this much is left."""
        if height > self.room:
            self.turn()

    def skip(self, height: float) -> None:
        """Leave some air."""
        self.y -= height

    def heading(self, text: str) -> None:
        """A heading that is never left alone at the foot of a page."""
        self.need(HEADING.leading + 4 * BODY.leading)
        self.skip(5 * mm)
        self.paragraph(text, HEADING, after=1.5 * mm)

    def paragraph(self, text: str, style: Style = BODY, *, after: float = 2.2 * mm, width: float = 0) -> None:
        """Text in the full or the given width, over as many pages as it takes."""
        found = face.lines(text, style, width or self.width)
        for number, line in enumerate(found):
            # Neither the first line of a paragraph stands alone, nor the last.
            alone = len(found) > 1 and number in (0, len(found) - 2)
            self.need(style.leading * (2 if alone else 1))
            self.line(line, style, LEFT, self.y, width or self.width)
            self.y -= style.leading
        self.skip(after)

    def line(self, line: Line, style: Style, x: float, top: float, width: float, *, right: bool = False) -> None:
        """Draw one line whose upper edge is `top`; text that runs leftward stands at the right."""
        if right or line.leftward:
            x += width - line.width
        text = self.canvas.beginText(x, top - 0.5 * (style.leading + 0.72 * style.size))
        text.setFillGray(style.grey)
        for name, piece in line.pieces:
            text.setFont(name, style.size)
            text.textOut(piece)
        self.canvas.drawText(text)

    def rule(self, y: float, *, x: float = LEFT, width: float = 0, weight: float = 0.8, grey: float | None = None) -> None:
        """A thin line: petrol, or grey."""
        self.canvas.setLineWidth(weight)
        if grey is None:
            self.canvas.setStrokeColorRGB(*PETROL)
        else:
            self.canvas.setStrokeGray(grey)
        self.canvas.line(x, y, x + (width or self.width), y)

    def picture(self, picture: Picture, x: float, top: float, width: float, height: float) -> None:
        """A picture as large as fits into the rectangle, at its upper left."""
        wide, high = picture.fitted(width, height)
        picture.draw(self.canvas, x, top - high, wide, high)

    def code(self, x: float, y: float, size: float) -> None:
        """The picture of the code, its lower left corner at (x, y)."""
        self.canvas.saveState()
        self.canvas.translate(x, y)
        self.canvas.scale(size / _QR, size / _QR)
        self.canvas.doForm("code")
        self.canvas.restoreState()

    def finish(self) -> bytes:
        """The paper as PDF; now that the number of pages is known, it is written on each."""
        for page in range(1, self.pages + 1) if self.marks else ():
            self._number(page)
        return _anonymous(self.canvas.getpdfdata())

    def _begin(self) -> None:
        self.pages += 1
        self.y = self.size[1] - TOP
        if self.letterhead:
            self._head(self.letterhead)
        if self.marks:
            self._foot(self.marks)

    def _head(self, who: Organisation) -> None:
        if self.pages > 1:
            self.line(face.one_line(who.name, SMALL, self.width), SMALL, LEFT, self.y + 4 * mm, self.width)
            self.rule(self.y - 1 * mm, weight=0.5)
            self.y -= 9 * mm
            return
        self.paragraph(who.name, _NAME, after=0.5 * mm)
        self.paragraph("\n".join(who.address), SMALL, after=2.5 * mm)
        self.rule(self.y)
        self.y -= 9 * mm

    def _foot(self, marks: Marks) -> None:
        """The mark, the code, and a form that `finish` fills with the page's number."""
        if self.pages == 1:
            self._stamp(marks)
        self.canvas.doForm("stamp")
        self.canvas.doForm(f"page-{self.pages}")

    def _stamp(self, marks: Marks) -> None:
        """The foot and the edge are the same on every page: drawn once."""
        self.canvas.beginForm("code", 0, 0, _QR, _QR)
        code.draw(self.canvas, code.address(marks.address, marks.code), 0, 0, _QR)
        self.canvas.endForm()
        self.canvas.beginForm("stamp", 0, 0, *self.size)
        top, x = _FOOT - 7 * mm, LEFT + _QR + 4 * mm
        self.rule(top, weight=0.5)
        self.code(LEFT, top - 2.5 * mm - _QR, _QR)
        room = self.width - (x - LEFT) - 30 * mm
        top -= 3 * mm
        for text, style in zip(marks.foot(), (_MARK_STRONG, _MARK, _MARK), strict=True):
            for line in face.lines(text, style, room)[:2]:
                self.line(line, style, x, top, room)
                top -= style.leading
        self._edge(marks.edge())
        self.canvas.endForm()

    def _edge(self, text: str) -> None:
        """The mark along the outer margin, again and again: a cut or photographed page still says whose it was."""
        line = face.one_line(text, _EDGE, self.size[1] - 24 * mm)
        self.canvas.saveState()
        self.canvas.rotate(90)
        x = 12 * mm
        while x + line.width < self.size[1] - 10 * mm:
            self.line(line, _EDGE, x, -8 * mm, line.width)
            x += line.width + 24 * mm
        self.canvas.restoreState()

    def _number(self, page: int) -> None:
        text = _("page %(page)d of %(pages)d") % {"page": page, "pages": self.pages}
        self.canvas.beginForm(f"page-{page}", 0, 0, *self.size)
        line = face.one_line(text, _MARK_STRONG, 30 * mm)
        self.line(line, _MARK_STRONG, LEFT + self.width - 30 * mm, _FOOT - 10 * mm, 30 * mm, right=True)
        self.canvas.endForm()


_PRODUCER = re.compile(rb"%[^\r\n]*ReportLab[^\r\n]*", re.IGNORECASE)


def _anonymous(pdf: bytes) -> bytes:
    """Blank out the comments that name the program, without moving a byte of the rest."""
    end = pdf.rindex(b"trailer")
    head, tail = _PRODUCER.sub(_blank, pdf[:120]), _PRODUCER.sub(_blank, pdf[end:])
    return b"".join((head, pdf[120:end], tail))


def _blank(found: re.Match[bytes]) -> bytes:
    return b"%" + b" " * (len(found.group()) - 1)

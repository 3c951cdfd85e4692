"""Photographs and copies of documents on paper: the pixels and nothing else that was in the file."""

from __future__ import annotations

import contextlib
import hashlib
import re
from io import BytesIO
from typing import NamedTuple

from PIL import Image
from reportlab.pdfbase.pdfdoc import PDFImageXObject
from reportlab.pdfgen.canvas import Canvas

Image.preinit()  # loaded now, so that nothing is opened while a paper is drawn

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FORMATS = ("JPEG", "PNG")
_QUALITY = 90


class NotAPicture(ValueError):
    """The bytes are neither a JPEG nor a PNG that can be drawn."""


class Picture(NamedTuple):
    """A JPEG without metadata; width and height in pixels."""

    jpeg: bytes
    width: int
    height: int

    @classmethod
    def read(cls, data: bytes) -> Picture:
        """Take the pixels of a JPEG or PNG. Raises `NotAPicture`."""
        try:
            with Image.open(BytesIO(data), formats=_FORMATS) as image:
                return cls(_jpeg(data, image), image.width, image.height)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise NotAPicture("The bytes cannot be read as JPEG or PNG.") from error

    def draw(self, canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
        """Draw into the rectangle whose lower left corner is (x, y); points."""
        name = hashlib.sha256(self.jpeg).hexdigest()[:32]
        if not canvas.hasForm(name):
            _embed(canvas, name, self.jpeg)
        canvas.saveState()
        canvas.translate(x, y)
        canvas.scale(width, height)
        canvas.doForm(name)
        canvas.restoreState()

    def fitted(self, width: float, height: float) -> tuple[float, float]:
        """The largest size in points with these proportions that fits."""
        scale = min(width / self.width, height / self.height)
        return self.width * scale, self.height * scale


class _Source:
    """What ReportLab asks for a JPEG that it is to embed as it is."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def jpeg_fh(self) -> BytesIO:
        """The bytes as a file."""
        return BytesIO(self._data)


def bare_jpeg(data: bytes) -> bytes:
    """The JPEG without EXIF, comments and whatever follows its end; pixels untouched. Raises `ValueError`."""
    kept, place = [data[:2]], 2
    while data[place : place + 2] != b"\xff\xd9":
        start, place = place, _end_of_segment(data, place)
        if not _is_remark(data[start + 1]):
            kept.append(data[start:place])
    return b"".join([*kept, b"\xff\xd9"])


def _end_of_segment(data: bytes, start: int) -> int:
    """Where the segment ends that begins at `start`; a scan runs to the next marker."""
    if len(data) < start + 4 or data[start] != 0xFF:
        raise ValueError("not a JPEG")
    end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    if data[start + 1] != 0xDA:
        return end
    found = _NEXT_MARKER.search(data, end)
    if found is None:
        raise ValueError("a JPEG without an end")
    return found.start()


def _is_remark(marker: int) -> bool:
    """APP1 to APP13, APP15 and comments; APP0 and APP14 (Adobe's colours) are needed to draw."""
    return marker == 0xFE or (0xE1 <= marker <= 0xEF and marker != 0xEE)


def _jpeg(data: bytes, image: Image.Image) -> bytes:
    """The bytes as they are where PDF can show them, else drawn anew."""
    if image.format == "JPEG" and image.mode in ("L", "RGB"):
        with contextlib.suppress(ValueError):
            return bare_jpeg(data)
    return _drawn_anew(image)


def _drawn_anew(image: Image.Image) -> bytes:
    out = BytesIO()
    _on_white(image).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    flat = Image.new("RGB", image.size, "white")
    flat.paste(clear, mask=clear.getchannel("A"))
    return flat


def _embed(canvas: Canvas, name: str, jpeg: bytes) -> None:
    """Put the bytes into the document as they are: `drawImage` would decode them first."""
    picture = PDFImageXObject(name, _Source(jpeg))
    canvas._setXObjects(picture)
    canvas._doc.Reference(picture, canvas._doc.getXObjectName(name))
    canvas._doc.addForm(name, picture)

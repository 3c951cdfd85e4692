"""Uploads made harmless."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.ExifTags import Base

from relocation.intake import pictures, redraw
from relocation.intake.pictures import Unusable, harmless

pytestmark = pytest.mark.nodb


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", colour: object = "teal", **more: object
) -> bytes:
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind, **more)  # type: ignore[arg-type]
    return out.getvalue()


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(BytesIO(jpeg))


def png_of(width: int, height: int, body: bytes) -> bytes:
    """A PNG that claims a size and holds whatever body."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


class TestHarmless:
    def test_a_photograph_keeps_its_pixels_and_loses_everything_else(self):
        exif = Image.Exif()
        exif[Base.Make], exif[Base.ImageDescription] = "Fonica", "my kitchen"
        page = harmless(picture(exif=exif, comment=b"taken at home") + b"<script>alert(1)</script>")
        assert opened(page.jpeg).size == (60, 40)
        assert not opened(page.jpeg).getexif()
        assert not any(trace in page.jpeg for trace in (b"Fonica", b"kitchen", b"home", b"script"))

    def test_its_digest_is_that_of_the_new_picture(self):
        import hashlib

        page = harmless(picture())
        assert page.sha256 == hashlib.sha256(page.jpeg).digest()

    def test_a_photograph_taken_sideways_stands_upright(self):
        exif = Image.Exif()
        exif[Base.Orientation] = 6
        assert opened(harmless(picture(exif=exif)).jpeg).size == (40, 60)

    @pytest.mark.parametrize(("mode", "colour"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("P", 0), ("L", 255), ("1", 1)])
    def test_every_kind_of_png_is_kept(self, mode, colour):
        assert opened(harmless(picture("PNG", mode=mode, colour=colour)).jpeg).mode == "RGB"

    def test_what_is_transparent_becomes_white(self):
        page = opened(harmless(picture("PNG", mode="RGBA", colour=(0, 0, 0, 0))).jpeg)
        assert page.getpixel((5, 5)) == (255, 255, 255)

    def test_sixteen_bits_of_grey_do_not_turn_white(self):
        page = opened(harmless(picture("PNG", mode="I;16", colour=0x4000)).jpeg)
        assert 50 < page.getpixel((5, 5))[0] < 80

    @pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA")])
    def test_the_largest_picture_fits_into_the_memory_and_is_made_smaller(self, kind, mode):
        exif = Image.Exif()
        exif[Base.Orientation] = 6
        page = opened(harmless(picture(kind, (5000, 5000), mode, exif=exif)).jpeg)
        assert page.size == (2500, 2500)


class TestUnusable:
    def test_a_file_over_ten_megabytes(self):
        with pytest.raises(Unusable, match="10 MB"):
            harmless(b"\xff\xd8\xff" + b"0" * pictures.LARGEST)

    def test_a_picture_over_twenty_five_million_pixels_is_not_even_decoded(self):
        with pytest.raises(Unusable, match="25 million"):
            harmless(png_of(60_000, 60_000, zlib.compress(b"0" * 1000)))

    def test_a_bomb_that_unpacks_to_more_than_it_says(self):
        bomb = zlib.compress(b"\0" * 300_000_000, 9)
        page = harmless(png_of(10, 10, bomb))
        assert opened(page.jpeg).size == (10, 10)

    def test_a_pdf_with_what_to_do_instead(self):
        with pytest.raises(Unusable, match="JPEG or PNG"):
            harmless(b"%PDF-1.7 ...")

    @pytest.mark.parametrize("data", [b"", b"GIF89a....", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"PK\x03\x04"])
    def test_anything_else_whatever_its_name(self, data):
        with pytest.raises(Unusable, match="neither"):
            harmless(data)

    @pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0nonsense", picture()[:200], picture("PNG")[:60]])
    def test_a_damaged_picture(self, data):
        with pytest.raises(Unusable, match="damaged"):
            harmless(data)

    def test_one_that_takes_too_long(self, monkeypatch):
        monkeypatch.setattr(pictures, "SECONDS", 0.001)
        with pytest.raises(Unusable, match="too long"):
            harmless(picture())

    def test_one_that_needs_too_much_memory(self, monkeypatch, tmp_path):
        tight = tmp_path / "redraw.py"
        tight.write_text(pictures.PROGRAM.read_text().replace("MEMORY = 200", "MEMORY = 60"))
        monkeypatch.setattr(pictures, "PROGRAM", tight)
        with pytest.raises(Unusable):
            harmless(picture("PNG", (4000, 4000)))

    def test_the_limits_are_those_that_were_promised(self):
        assert (redraw.MEMORY, redraw.SECONDS, redraw.PIXELS) == (200_000_000, 10, 25_000_000)

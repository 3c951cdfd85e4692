"""Pictures on paper: pixels, and nothing else that was in the file."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from relocation.paperwork.picture import NotAPicture, Picture, bare_jpeg

from .papers import picture

pytestmark = pytest.mark.nodb


def told() -> bytes:
    """A JPEG that talks: EXIF with a place, a comment, and something behind its end."""
    exif = Image.Exif()
    exif[0x010E] = "CANARY-EXIF"
    exif.get_ifd(0x8825)[1] = "CANARY-GPS"
    return picture(exif=exif, comment=b"CANARY-COMMENT", progressive=True) + b"CANARY-TAIL"


class TestJpeg:
    def test_metadata_is_gone_and_the_pixels_are_the_same(self):
        talking = told()
        assert talking.count(b"CANARY") >= 3
        bare = Picture.read(talking).jpeg
        assert b"CANARY" not in bare
        with Image.open(BytesIO(talking)) as before, Image.open(BytesIO(bare)) as after:
            assert before.tobytes() == after.tobytes()

    @settings(deadline=None)
    @given(st.binary(max_size=200))
    def test_rubbish_is_refused(self, data):
        with pytest.raises(NotAPicture):
            Picture.read(data)

    @pytest.mark.parametrize("cut", [3, 20, 200, -4])
    def test_half_a_picture_is_refused(self, cut):
        with pytest.raises(NotAPicture):
            Picture.read(picture()[:cut])

    def test_half_a_picture_has_no_end(self):
        with pytest.raises(ValueError, match="JPEG"):
            bare_jpeg(picture()[:100])


class TestPng:
    @pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
    def test_every_kind_is_drawn_anew(self, mode):
        out = BytesIO()
        Image.new(mode, (40, 30)).save(out, "PNG")
        found = Picture.read(out.getvalue())
        assert (found.width, found.height) == (40, 30)
        assert found.jpeg.startswith(b"\xff\xd8")

    def test_what_is_clear_becomes_white(self):
        out = BytesIO()
        Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
        with Image.open(BytesIO(Picture.read(out.getvalue()).jpeg)) as flat:
            assert flat.getpixel((4, 4)) == (255, 255, 255)

    def test_another_format_is_refused(self):
        with pytest.raises(NotAPicture):
            Picture.read(picture(form="GIF"))


def test_a_picture_keeps_its_proportions():
    assert Picture(b"", 100, 50).fitted(30, 30) == (30, 15)

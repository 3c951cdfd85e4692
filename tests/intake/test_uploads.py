"""Uploads made harmless."""

import zlib
from io import BytesIO

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.ExifTags import Base

from relocation.intake import redraw, uploads
from relocation.intake.uploads import Clean, ScanField, Unusable, harmless
from tests.intake import hostile

pytestmark = pytest.mark.nodb
FONT = settings.BASE_DIR / "relocation" / "paperwork" / "fonts" / "NotoSans-Regular.ttf"


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", colour: object = "teal", **more: object
) -> bytes:
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind, **more)  # type: ignore[arg-type]
    return out.getvalue()


def opened(clean: Clean, page: int = 0) -> Image.Image:
    return Image.open(BytesIO(clean.pages[page]))


class TestHarmless:
    def test_a_photograph_keeps_its_pixels_and_loses_everything_else(self):
        exif = Image.Exif()
        exif[Base.Make], exif[Base.ImageDescription] = "Fonica", "my kitchen"
        page = harmless(picture(exif=exif, comment=b"taken at home") + b"<script>alert(1)</script>")
        assert opened(page).size == (60, 40)
        assert not opened(page).getexif()
        assert not any(trace in page.pages[0] for trace in (b"Fonica", b"kitchen", b"home", b"script"))

    def test_a_photograph_taken_sideways_stands_upright(self):
        exif = Image.Exif()
        exif[Base.Orientation] = 6
        assert opened(harmless(picture(exif=exif))).size == (40, 60)

    @pytest.mark.parametrize(("mode", "colour"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("P", 0), ("L", 255), ("1", 1)])
    def test_every_kind_of_png_is_kept(self, mode, colour):
        assert opened(harmless(picture("PNG", mode=mode, colour=colour))).mode == "RGB"

    def test_what_is_transparent_becomes_white(self):
        page = opened(harmless(picture("PNG", mode="RGBA", colour=(0, 0, 0, 0))))
        assert page.getpixel((5, 5)) == (255, 255, 255)

    def test_sixteen_bits_of_grey_do_not_turn_white(self):
        page = opened(harmless(picture("PNG", mode="I;16", colour=0x4000)))
        assert 50 < page.getpixel((5, 5))[0] < 80

    @pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA")])
    def test_the_largest_picture_fits_into_the_memory_and_is_made_smaller(self, kind, mode):
        exif = Image.Exif()
        exif[Base.Orientation] = 6
        page = opened(harmless(picture(kind, (5000, 5000), mode, exif=exif)))
        assert page.size == (2500, 2500)


class TestPdf:
    def test_each_page_is_drawn_as_it_looks_with_what_was_filled_in(self):
        clean = harmless(hostile.pdf(pages=3, filled_in="AB1234567"))
        assert len(clean.pages) == 3 and opened(clean).size == (1240, 1755)  # A4 at 150 dpi
        blank = harmless(hostile.pdf(pages=3))
        assert clean.pages != blank.pages and not opened(clean).getexif()

    def test_of_a_typeface_that_the_file_does_not_carry_it_is_said_and_the_page_is_kept(self):
        lacking, carried = harmless(hostile.pdf()), harmless(hostile.pdf(typeface=FONT))
        assert lacking.lacks_typeface and len(lacking.pages) == 1
        assert not carried.lacks_typeface and not harmless(picture()).lacks_typeface

    def test_scripts_attachments_links_and_the_author_stay_behind(self):
        clean = harmless(hostile.loaded_pdf("zqxsecretwords"))
        assert not any(trace in clean.pages[0] for trace in (b"zqxsecretwords", b"JavaScript", b"/Author", b"Embedded"))

    def test_a_poster_is_drawn_more_coarsely(self):
        width, height = opened(harmless(hostile.pdf(size=(5000, 7000)))).size
        assert width * height <= redraw.PAGE_PIXELS * 1.01

    @pytest.mark.parametrize(("data", "says"), [(hostile.pdf(pages=21), "20 pages"), (hostile.locked_pdf(), "password")])
    def test_what_a_person_can_mend_is_said(self, data, says):
        with pytest.raises(Unusable, match=says):
            harmless(data)

    def test_a_stream_that_unpacks_to_gigabytes_is_stopped(self):
        with pytest.raises(Unusable, match=r"large|long|damaged"):
            harmless(hostile.pdf_bomb(400_000_000))


class TestTheProgram:
    def test_it_opens_no_file_and_no_connection_and_starts_nothing(self, monkeypatch, tmp_path):
        for deed in ("open('/etc/hostname')", "__import__('socket').socket()"):
            curious = tmp_path / "redraw.py"
            before, _, after = uploads.PROGRAM.read_text().partition("        yield picture(data)")
            curious.write_text(f"import socket\n{before}        {deed}\n        yield picture(data){after}")
            monkeypatch.setattr(uploads, "PROGRAM", curious)
            with pytest.raises(Unusable, match="damaged"):
                harmless(picture())

    @pytest.mark.parametrize("answer", ["b'0' * (1 << 27)", "b'\\0\\0\\0\\4<svg'", "b''", "b'\\0\\0\\0\\4\\xff\\xd8\\xff'"])
    def test_whatever_a_program_that_was_taken_over_answers_is_not_believed(self, monkeypatch, tmp_path, answer):
        taken_over = tmp_path / "redraw.py"
        taken_over.write_text(f"import sys\nsys.stdin.buffer.read()\nsys.stdout.buffer.write({answer})")
        monkeypatch.setattr(uploads, "PROGRAM", taken_over)
        with pytest.raises(Unusable):
            harmless(picture())


class TestTheField:
    def test_whatever_the_file_is_called_it_is_judged_by_its_content(self):
        class Form(forms.Form):
            page = ScanField()

        told = [Form({}, {"page": SimpleUploadedFile(name, b"GIF89a")}).errors["page"] for name in hostile.NAMES]
        assert all("neither a picture nor a PDF" in str(errors) for errors in told)
        form = Form({}, {"page": SimpleUploadedFile(hostile.NAMES[2], picture())})
        assert form.is_valid() and len(form.cleaned_data["page"].pages) == 1

    def test_nothing_chosen_says_what_to_choose(self):
        with pytest.raises(forms.ValidationError, match="up to 15 MB"):
            ScanField().clean(None)
        assert ScanField(required=False).clean(None) is None


class TestUnusable:
    def test_a_file_over_fifteen_megabytes(self):
        with pytest.raises(Unusable, match="15 MB"):
            harmless(b"\xff\xd8\xff" + b"0" * (uploads.LARGEST - 2))

    def test_a_picture_over_twenty_five_million_pixels_is_not_even_decoded(self):
        with pytest.raises(Unusable, match="25 million"):
            harmless(hostile.png_of(60_000, 60_000, zlib.compress(b"0" * 1000)))

    def test_a_bomb_that_unpacks_to_more_than_it_says(self):
        bomb = zlib.compress(b"\0" * 300_000_000, 9)
        page = harmless(hostile.png_of(10, 10, bomb))
        assert opened(page).size == (10, 10)

    def test_an_empty_file(self):
        with pytest.raises(Unusable, match="empty"):
            harmless(b"")

    @pytest.mark.parametrize("data", [b"GIF89a....", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"PK\x03\x04"])
    def test_anything_else_whatever_its_name(self, data):
        with pytest.raises(Unusable, match="neither"):
            harmless(data)

    @pytest.mark.parametrize(
        "data", [b"\xff\xd8\xff\xe0nonsense", picture()[:200], picture("PNG")[:60], b"%PDF-1.7 ...", hostile.pdf()[:700]]
    )
    def test_a_damaged_picture(self, data):
        with pytest.raises(Unusable, match="damaged"):
            harmless(data)

    def test_one_that_takes_too_long(self, monkeypatch):
        monkeypatch.setattr(uploads, "SECONDS", 0.001)
        with pytest.raises(Unusable, match="too long"):
            harmless(picture())

    def test_one_that_ends_before_it_has_read_anything(self, monkeypatch, tmp_path):
        deaf = tmp_path / "redraw.py"
        deaf.write_text("raise SystemExit(1)")
        monkeypatch.setattr(uploads, "PROGRAM", deaf)
        with pytest.raises(Unusable, match="damaged"):
            harmless(picture() + bytes(1_000_000))

    def test_one_that_needs_too_much_memory(self, monkeypatch, tmp_path):
        tight = tmp_path / "redraw.py"
        tight.write_text(uploads.PROGRAM.read_text().replace("MEMORY = 200", "MEMORY = 60"))
        monkeypatch.setattr(uploads, "PROGRAM", tight)
        with pytest.raises(Unusable):
            harmless(picture("PNG", (4000, 4000)))

    def test_the_limits_are_those_that_were_promised(self):
        assert (redraw.MEMORY, redraw.SECONDS, redraw.PIXELS, redraw.PAGES) == (200_000_000, 10, 25_000_000, 20)

"""The house sheet is carried: it says what a host needs and gives nobody away."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pikepdf
import pytest

from relocation.paperwork import house_sheet

from .papers import a_house_sheet
from .reading import names_in, text_of

pytestmark = pytest.mark.nodb


def test_it_says_what_a_host_needs():
    lines = text_of(house_sheet.render(a_house_sheet())).split("\n")
    for text in (
        "Kestrel",
        "Fri 27 November 2026, 18:00 to 21:30",
        "– A room with a door that locks",
        "+49 30 0000 0002",
    ):
        assert text in lines


def test_a_window_over_midnight_names_both_days():
    until = datetime(2026, 11, 28, 1, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert "18:00 to Sat 28 November 2026, 01:00" in text_of(house_sheet.render(a_house_sheet(arrives_until=until)))


def test_it_bears_no_mark_and_no_code():
    content = a_house_sheet()
    pdf = house_sheet.render(content)
    assert not re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}|version|page|Europe/", text_of(pdf))
    with pikepdf.open(BytesIO(pdf)) as paper:
        assert len(paper.pages) == 1
        assert "/XObject" not in paper.pages[0].Resources


def test_the_file_says_nothing_about_itself():
    pdf = house_sheet.render(a_house_sheet())
    with pikepdf.open(BytesIO(pdf)) as paper:
        assert dict(paper.docinfo) == {}
        assert "/Metadata" not in paper.Root
    assert b"ReportLab" not in pdf
    assert not names_in(pdf) & {"/Title", "/Author", "/Producer", "/Creator", "/CreationDate", "/ModDate", "/Annots"}


def test_the_same_content_is_the_same_bytes():
    assert house_sheet.render(a_house_sheet()) == house_sheet.render(a_house_sheet())

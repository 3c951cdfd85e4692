"""The travel manifest: for each reader only what this reader needs."""

from __future__ import annotations

from datetime import datetime

import pytest

from relocation.paperwork import manifest, words

from .papers import CODE, a_manifest
from .reading import text_of, text_of_pages, words_of

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize("reader", manifest.READERS)
def test_a_reader_finds_every_column_that_he_needs(reader):
    pages = words_of(text_of(manifest.render(a_manifest(reader))))
    for column in manifest.READERS[reader]:
        assert f"{column} 2" in pages


@pytest.mark.parametrize(
    ("reader", "column"), [("carrier", "case"), ("carrier", "needs"), ("escort", "name"), ("receiver", "document")]
)
def test_a_column_that_a_reader_does_not_need_is_refused(reader, column):
    with pytest.raises(ValueError, match=column):
        a_manifest(reader, people=0, columns=(column,))


def test_a_row_cannot_hold_more_than_its_columns():
    with pytest.raises(ValueError, match="one text per column"):
        a_manifest("escort", rows=(("case", "needs", "contact", "name"),))


def test_hours_are_those_of_each_end_with_its_zone():
    pages = text_of(manifest.render(a_manifest()))
    assert "TBS · Fri 27 November 2026, 06:40 (Asia/Tbilisi)" in pages
    assert "VHV · Fri 27 November 2026, 08:55 (Europe/Berlin)" in pages


def test_an_hour_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        words.moment(datetime(2026, 11, 27, 6, 40))


def test_a_wave_goes_over_pages_and_every_page_is_marked():
    pages = text_of_pages(manifest.render(a_manifest(people=80)))
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert "Date of birth" in page
        assert "Only for: Norland Air, station manager" in page
        assert CODE in page
        assert f"page {number} of {len(pages)}" in page


def test_without_an_organisation_none_is_named():
    assert "Lantern" not in text_of(manifest.render(a_manifest()))


def test_the_same_content_is_the_same_bytes():
    assert manifest.render(a_manifest()) == manifest.render(a_manifest())

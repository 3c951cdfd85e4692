"""The dossier: what it says, to whom, and that nothing in it is more than text."""

from __future__ import annotations

import random
import sys
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relocation.paperwork import dossier, face
from relocation.paperwork.picture import NotAPicture

from .papers import CODE, POST, VERIFY, a_dossier, picture
from .reading import names_in, text_of, text_of_pages, words_of

pytestmark = pytest.mark.nodb

PAYLOADS = [
    '<img src="/etc/passwd"/>',
    '<a href="https://evil.example/?q=1">here</a>',
    "<para><font name='Courier'>x</font></para>",
    "&lt;b&gt; &amp; &#x41;",
    "(Tj) ET /URI (https://evil.example) \\) BT",
    "{{ secret }} {% include 'x' %} %(page)d {0}",
    "=HYPERLINK(1) $HOME `id` ../../etc",
]
FORBIDDEN = {
    "/URI",
    "/JS",
    "/JavaScript",
    "/Launch",
    "/EmbeddedFile",
    "/EmbeddedFiles",
    "/OpenAction",
    "/AA",
    "/Annots",
}
LETTERS = st.text(st.characters(max_codepoint=0x52F, exclude_categories=["C", "Z"]), min_size=1, max_size=60)


class TestContent:
    def test_bio_data_stand_as_in_the_document(self):
        pages = text_of(dossier.render(a_dossier()))
        for text in ("AKHMATOVA-MÜLLER", "ZAREMA", "Ахматова-Мюллер Зарема Ӏусмановна", "L898902C3", "12 August 1994"):
            assert text in pages.split("\n")
        assert "L898902C36UTO9408124F3104159<<<<<<<<<<<<<<<6" in pages

    def test_everything_that_was_given_is_there(self):
        pages = words_of(text_of(dossier.render(a_dossier())))
        for text in (
            "VIS 2026/1187-H",
            "Marguerite Öztürk",
            "Head of casework",
            "Two interviews",
            "ababababababab"[:12],
        ):
            assert text in pages
        assert "We confirm what this dossier says." in pages
        assert "They live near Хьалха-Мартан; къӀам, лаьмӀа, Ӏаьржа." in pages
        assert "30 April 2027" in pages

    def test_arabic_is_whole_when_it_is_read_from_the_right(self):
        pages = unicodedata.normalize("NFKC", text_of(dossier.render(a_dossier()))[::-1])
        assert "زريمة أحمدوفا" in pages
        assert "كتب الشخص بيده ما يلي" in pages

    def test_a_date_of_which_only_the_year_is_known_stands_as_printed(self):
        content = a_dossier()
        unknown = dossier.BioData(**{name: getattr(content.person, name) for name in _fields()} | {"birth": "XX XXX 1974"})
        assert "XX XXX 1974" in text_of(dossier.render(a_dossier(person=unknown)))

    def test_what_there_is_not_has_no_heading(self):
        bare = a_dossier(summary=(), corroboration=(), inventory=(), timeline=(), consent=None, photo=None, copies=())
        pages = text_of(dossier.render(bare))
        assert "AKHMATOVA-MÜLLER" in pages
        for heading in ("Summary", "Corroboration", "Timeline", "Consent", "Documents seen and checked"):
            assert heading not in pages.split("\n")

    def test_every_copy_has_a_page(self):
        copies = tuple(dossier.Copy(f"Copy named {number}", picture(90, 60)) for number in range(4))
        pages = text_of_pages(dossier.render(a_dossier(copies=copies)))
        assert ["Copy named 2" in page for page in pages].count(True) == 1
        assert "Copy 4 of 4" in pages[-1]

    def test_a_broken_copy_is_refused(self):
        with pytest.raises(NotAPicture):
            dossier.render(a_dossier(copies=(dossier.Copy("Broken", b"no picture"),)))

    @pytest.mark.parametrize(
        ("language", "day"), [("en", "23 November 2026"), ("de", "23. November 2026"), ("fr", "23 novembre 2026")]
    )
    def test_days_are_written_in_the_recipients_language(self, language, day):
        assert day in text_of(dossier.render(a_dossier(language=language)))

    def test_days_are_written_in_russian(self):
        assert "23 ноября 2026" in text_of(dossier.render(a_dossier(language="ru")))


class TestMarks:
    def test_every_page_says_for_whom_which_version_and_how_to_check_it(self):
        pages = text_of_pages(dossier.render(a_dossier()))
        for number, page in enumerate(pages, start=1):
            assert f"Only for: {POST}" in page
            assert f"{CODE} · Dossier 2 · {POST}" in page, "the margin bears the mark too"
            assert "version 2" in page
            assert f"Code {CODE}, to be checked at {VERIFY}" in words_of(page)
            assert f"page {number} of {len(pages)}" in page

    def test_a_long_recipient_is_still_marked(self):
        pages = text_of_pages(dossier.render(a_dossier(recipient_post="Consulate " * 40)))
        assert all(CODE in page for page in pages)

    def test_progress_is_told_part_by_part(self):
        told: list[tuple[int, int, str]] = []
        dossier.render(a_dossier(), progress=lambda *step: told.append(step))
        assert [part for part, _of, _sentence in told] == list(range(1, 9))
        assert {of for _part, of, _sentence in told} == {8}
        assert all(sentence for _part, _of, sentence in told)

    def test_the_same_content_is_the_same_bytes(self):
        assert dossier.render(a_dossier()) == dossier.render(a_dossier())

    def test_other_content_is_not(self):
        assert dossier.render(a_dossier()) != dossier.render(a_dossier(version=3))


class TestTextIsNeverMarkup:
    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_a_payload_prints_as_it_is(self, payload):
        pdf = dossier.render(_everywhere(payload))
        assert words_of(text_of(pdf)).count(payload) >= 6
        assert not names_in(pdf) & FORBIDDEN

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(LETTERS)
    def test_any_letters_print_as_they_are(self, text):
        pdf = dossier.render(_everywhere(text))
        assert face.clean(text) in text_of(pdf).replace("\n", "")
        assert not names_in(pdf) & FORBIDDEN

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text(max_size=80))
    def test_any_signs_at_all_can_be_drawn(self, text):
        assert not names_in(dossier.render(_everywhere(text))) & FORBIDDEN


class TestPages:
    def test_a_long_table_repeats_its_head(self):
        rows = tuple(dossier.Inventory(f"Paper {number}", 1, None, None, "ab" * 32) for number in range(120))
        pages = [
            page for page in text_of_pages(dossier.render(a_dossier(inventory=rows))) if "Paper 1" in page or "Paper 99" in page
        ]
        assert len(pages) > 1
        assert all("SHA-256" in page for page in pages)

    @pytest.mark.parametrize("length", [400, 40_000])
    def test_a_row_that_is_taller_than_a_page_goes_on(self, length):
        words = [f"w{number}" for number in range(length // 8)]
        pages = words_of(text_of(dossier.render(a_dossier(timeline=(dossier.Event("Then", " ".join(words)),)))))
        assert set(words) <= set(pages.split())

    def test_a_long_summary_loses_no_word(self):
        chance = random.Random(7)
        words = [f"{chance.choice('абвгд')}{number}" for number in range(6000)]
        pages = words_of(text_of(dossier.render(a_dossier(summary=(" ".join(words),)))))
        assert set(words) <= set(pages.split())


class TestQuiet:
    def test_nothing_is_opened_but_our_fonts(self):
        dossier.render(a_dossier())
        opened: list[object] = []
        _listen(opened)
        for payload in PAYLOADS:
            dossier.render(_everywhere(payload))
        strangers = [path for path in opened if not str(path).startswith(str(face.FONTS))]
        _listen(None)
        assert strangers == []

    def test_the_ear_hears(self):
        opened: list[object] = []
        _listen(opened)
        Path(__file__).read_bytes()
        _listen(None)
        assert __file__ in map(str, opened)

    def test_the_file_says_nothing_about_itself(self):
        pdf = dossier.render(a_dossier())
        for word in (b"ReportLab", b"anonymous", b"untitled", b"Producer", b"CreationDate", b"/Title", b"/Author"):
            assert word not in pdf


_ear: list[object] | None = None
_hooked = False


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _ear is not None and (event == "open" or event.startswith(("socket.", "subprocess."))):
        _ear.append(arguments[0] if event == "open" else event)


def _listen(ear: list[object] | None) -> None:
    """An audit hook stays for good, so there is one for all tests, and it is deaf unless asked."""
    global _ear, _hooked
    if not _hooked:
        sys.addaudithook(_hear)
        _hooked = True
    _ear = ear


def _fields() -> tuple[str, ...]:
    return tuple(dossier.BioData.__dataclass_fields__)


def _everywhere(text: str) -> dossier.DossierContent:
    """A dossier with the same text in every field that takes one, but for the marks."""
    person = dossier.BioData(text, text, (text,), text, text, text, text, text, text, text, text, ())
    return a_dossier(
        recipient_reference=text,
        attester=dossier.Attester(text, text),
        attestation=(text,),
        summary=(text, text),
        person=person,
        corroboration=(dossier.Corroboration(text, None),),
        inventory=(dossier.Inventory(text, 1, None, date(2026, 5, 2), "00" * 32),),
        timeline=(dossier.Event(text, text),),
        consent=dossier.Consent(date(2026, 10, 30), date(2027, 4, 30), (text,)),
    )

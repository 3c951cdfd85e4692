"""Every script prints, every line fits, and text is never anything but text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relocation.paperwork import face
from relocation.paperwork.face import Style

from .papers import a_dossier

pytestmark = pytest.mark.nodb

STYLE = Style(10, 15)
PRINTABLE = st.text(st.characters(codec="utf-8", min_codepoint=0x20, max_codepoint=0x52F, exclude_categories=["C", "Z"]))


def printed(text: str, width: float = 200, style: Style = STYLE) -> str:
    return " ".join("".join(piece for _face, piece in line.pieces) for line in face.lines(text, style, width))


class TestScripts:
    @pytest.mark.parametrize("text", ["Grüße, Łódź, Đorđe, Ș", "Хьалха-Мартан, къӀам, лаьмӏа", "Ωραία", "№ 5 — «да»"])
    def test_latin_cyrillic_and_greek_are_of_one_font(self, text):
        (line,) = face.lines(text, STYLE, 400)
        assert line.pieces == ((face.LATIN, text),)

    def test_arabic_takes_its_own_font_and_stands_right(self):
        (line,) = face.lines("زريمة", STYLE, 400)
        assert [name for name, _piece in line.pieces] == [face.ARABIC]
        assert line.leftward

    def test_arabic_letters_are_joined_and_run_leftward(self):
        seen = printed("سلام عليكم")
        assert unicodedata.normalize("NFKC", seen[::-1]) == "سلام عليكم"
        assert "\ufefc" in seen, "lam and alef are one sign"

    def test_brackets_open_towards_what_they_hold(self):
        seen = printed("كتب (من هنا) أمس")
        assert seen.index("(") < seen.index(")")

    def test_numbers_in_arabic_text_are_not_turned_round(self):
        assert "2026" in printed("في عام 2026 هنا")

    def test_an_arabic_name_in_a_latin_line_leaves_the_line_at_the_left(self):
        (line,) = face.lines("The name is زريمة today", STYLE, 400)
        assert not line.leftward
        assert line.pieces[0][1].startswith("The name is ")
        assert line.pieces[-1][1].endswith(" today")

    def test_a_bold_text_borrows_what_the_bold_font_lacks(self):
        (line,) = face.lines("Name: زريمة", Style(10, 15, face.BOLD), 400)
        assert {name for name, _piece in line.pieces} == {face.BOLD, face.ARABIC}

    def test_persian_keeps_the_gap_that_joins_nothing(self):
        assert printed("می\u200cخواهم") != printed("میخواهم")


class TestClean:
    @pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\u00ad", "\x00", "\x1b", "\ufeff"])
    def test_invisible_signs_do_not_print(self, sign):
        assert face.clean(f"a{sign}b") == "ab"

    @pytest.mark.parametrize("sign", ["漢", "😀", "\U0010ffff", "ა"])
    def test_what_no_font_has_is_seen_and_told(self, sign):
        assert face.clean(f"a{sign}b") == "a\ufffdb"
        assert face.unprintable(f"a{sign}b{sign}") == sign

    def test_a_whole_paper_can_be_asked(self):
        assert face.unprintable_in(a_dossier(summary=("one 漢", "two 😀"))) == "漢😀"
        assert face.unprintable_in(a_dossier()) == ""

    def test_what_is_printed_is_not_told(self):
        assert face.unprintable("Zarema Ӏусмановна زريمة\n\t\u200c") == ""

    def test_spaces_of_every_kind_separate_words(self):
        assert face.clean("a\u2003b\tc\u2028d") == "a b c\nd"


class TestLines:
    @settings(deadline=None)
    @given(st.text(max_size=300), st.floats(24, 400))  # no column of a paper is narrower than 24 points
    def test_no_line_is_wider_than_its_place(self, text, width):
        for line in face.lines(text, STYLE, width):
            assert line.width <= width + 0.01

    @settings(deadline=None)
    @given(PRINTABLE)
    def test_nothing_is_lost_or_added(self, text):
        assert printed(text).replace(" ", "") == face.clean(text).replace(" ", "")

    @pytest.mark.parametrize("width", [1, 5, 50])
    def test_a_word_without_end_is_broken(self, width):
        found = face.lines("W" * 200, STYLE, width)
        assert len(found) > 1
        assert "".join(piece for line in found for _face, piece in line.pieces) == "W" * 200

    def test_line_feeds_are_kept(self):
        assert len(face.lines("a\n\nb", STYLE, 400)) == 3

    def test_one_line_says_that_it_was_cut(self):
        line = face.one_line("word " * 100, STYLE, 100)
        assert line.pieces[-1][1].endswith("…")
        assert line.width <= 100

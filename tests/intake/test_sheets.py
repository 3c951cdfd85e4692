"""Refused rows come back as a spreadsheet that nothing can calculate."""

import io
import tempfile

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relocation.intake.formulas import bare, begins_like_formula, neutral
from relocation.intake.sheets import refused_rows
from tests.intake.files import HEADER, REFERRALS, as_csv, look

pytestmark = pytest.mark.nodb

BAD = ["9", "=1+1", "@Адам", "31.02.1999", "+79892167937", "да"]


def written(preview) -> list[list[str]]:
    """The spreadsheet of the refused rows, as text."""
    file = io.BytesIO()
    refused_rows(preview, file)
    sheet = openpyxl.load_workbook(file).active
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    return [[cell.value or "" for cell in row] for row in sheet.iter_rows()]


class TestRefusedRows:
    def test_they_keep_all_their_columns_and_gain_a_reason(self):
        header, row = written(look(as_csv([*HEADER, "Комментарий"], [*BAD, "важно"])))
        assert header == [*HEADER, "Комментарий", "Reason"]
        assert row[:7] == ["9", "'=1+1", "'@Адам", "31.02.1999", "'+79892167937", "да", "важно"]
        assert "calendar" in row[7]

    def test_mended_they_can_be_sent_again(self):
        header, row = written(look(as_csv(HEADER, BAD)))
        row[3] = "28.02.1999"
        [again] = look(as_csv(header, row)).good
        assert (again.surname, again.phone) == ("=1+1", "+79892167937")

    def test_each_file_of_the_field_gives_as_many_as_it_has(self):
        found = look(REFERRALS / "hotline.csv", "hotline.csv")
        assert [row[0] for row in written(found)] == ["№", "7", "12", "16"]

    def test_nothing_is_written_beside_the_file(self, monkeypatch):
        monkeypatch.setattr(tempfile, "NamedTemporaryFile", lambda *_, **__: pytest.fail("a temporary file"))
        monkeypatch.setattr("openpyxl.worksheet._writer.create_temporary_file", lambda *_: pytest.fail("a temporary file"))
        assert len(written(look(as_csv(HEADER, BAD)))) == 2


class TestNeutralising:
    @pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r1", "\x01=1", " =1", "\u200b=1", "＝1"])
    def test_what_might_be_calculated_is_disarmed(self, text):
        assert begins_like_formula(text)
        assert neutral(text) == "'" + text

    @pytest.mark.parametrize("text", ["", "Адам", "a=b", "1-2", "'тихо'"])
    def test_other_text_stays_as_it_is(self, text):
        assert not begins_like_formula(text)
        assert neutral(text) == text

    @given(st.text() | st.from_regex(r"\A'{0,3}[\t =+@-]{0,3}.{0,5}\Z"))
    @example("'=1")
    @example("''=1")
    def test_disarmed_text_comes_back_as_it_was(self, text):
        assert bare(neutral(text)) == text
        assert not begins_like_formula(neutral(text))

"""Which files are tables, and which are refused whole with a sentence."""

import io
import time
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relocation.intake import table, workbook
from relocation.intake.columns import recognise
from tests.intake.files import HEADER, REFERRALS, as_csv, as_xlsx, look, with_part

pytestmark = pytest.mark.nodb

ADAM = ["1", "Цаплин", "Адам", "20.03.1995", "+79892167937", "да"]
SHEET = "xl/worksheets/sheet1.xml"


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_any_encoding_and_delimiter_gives_the_same_rows(self, encoding, delimiter):
        found = look(as_csv(HEADER, ADAM, delimiter=delimiter, encoding=encoding))
        assert [row.surname for row in found.good] == ["Цаплин"]

    def test_titles_above_the_header_and_blank_rows_are_passed_over(self):
        found = look(as_csv(["Заявки за осень"], [], HEADER, [], ADAM, ["", " "]))
        assert [(row.own_id, row.number) for row in found.good] == [("1", 5)]

    def test_a_cell_may_hold_lines_and_delimiters(self):
        found = look(as_csv([*HEADER, "Своими словами"], [*ADAM, "Брат; дядя,\nотец"]))
        assert found.good[0].danger == "Брат; дядя,\nотец"

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "empty"),
            (bytes(range(256)) * 4, "not a table"),
            (b"one,two\nthree,four\n", "No row"),
            (b"PK\x03\x04 and so on", "workbook"),
            ("Фамилия;Имя\nЦаплин;Адам\n".encode()[:-3] + b"\xff\n", "damaged"),
            (b'Surname,Phone\n"' + b"x" * 200_000, "too long"),
        ],
    )
    def test_what_is_no_table_is_refused_with_a_sentence(self, content, says):
        assert says in look(io.BytesIO(content)).refused_whole

    def test_a_table_past_the_limit_is_refused(self, monkeypatch):
        monkeypatch.setattr(table, "MOST_ROWS", 5)
        rows = [[str(number), *ADAM[1:]] for number in range(40)]
        assert "20,000" in look(as_csv(HEADER, *rows)).refused_whole
        assert look(as_csv(HEADER, *rows[:5])).rows == 5

    def test_a_file_that_is_not_there_or_of_another_kind_is_refused(self, tmp_path):
        assert "cannot be opened" in look(tmp_path / "none.csv").refused_whole
        assert "CSV and XLSX" in look(io.BytesIO(b"text"), "letter.docx").refused_whole

    def test_the_file_stays_open_for_whoever_opened_it(self):
        file = as_csv(HEADER, ADAM)
        look(file)
        assert not file.closed


class TestWorkbook:
    def test_dates_are_as_precise_as_the_sheet_shows_them(self):
        def show(book):
            for cell, shown in zip(book.active["D"][1:], ["DD.MM.YYYY", "MM.YYYY", "YYYY"], strict=True):
                cell.number_format = shown

        born = datetime(1995, 3, 1)
        rows = [[number, "Цаплин", "Адам", born, "", "да"] for number in (1, 2, 3)]
        found = look(as_xlsx(HEADER, *rows, change=show), "dates.xlsx")
        assert [str(row.birth) for row in found.good] == ["1995-03-01", "1995-03", "1995"]

    def test_numbers_lose_nothing(self):
        found = look(as_xlsx(HEADER, [1.0, "Цаплин", "Адам", 1995, 89892167937, True]), "numbers.xlsx")
        assert [(row.own_id, row.phone, str(row.birth)) for row in found.good] == [("1", "+79892167937", "1995")]

    def test_a_formula_without_a_value_stays_text(self):
        row = [*ADAM, '=HYPERLINK("http://127.0.0.1/x")']
        found = look(as_xlsx([*HEADER, "Своими словами"], row), "formula.xlsx")
        assert found.good[0].danger == '=HYPERLINK("http://127.0.0.1/x")'
        assert found.kept_as_text == ("1",)

    def test_a_formula_with_a_value_counts_as_its_value(self):
        file = as_xlsx(HEADER, ["=1+1", *ADAM[1:]])
        sheet = (b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                 b'<row r="1"><c r="A1" t="str"><v>Phone</v></c><c r="B1" t="str"><v>Consent</v></c></row>'
                 b'<row r="2"><c r="A2"><f>1+1</f><v>89892167937</v></c><c r="B2" t="str"><v>yes</v></c></row>'
                 b"</sheetData></worksheet>")  # fmt: skip
        assert look(with_part(file, SHEET, sheet), "value.xlsx").good[0].phone == "+79892167937"

    def test_the_first_sheet_with_a_header_is_read_and_no_other(self):
        def add(book):
            sheet = book.create_sheet("People")
            sheet.append(HEADER)
            sheet.append(ADAM)
            book.create_sheet("More").append(HEADER)

        found = look(as_xlsx(["Notes"], change=add), "sheets.xlsx")
        assert (found.sheet, found.rows) == ("People", 1)

    def test_a_csv_by_another_name_is_refused(self):
        assert "something else" in look(REFERRALS / "renamed.xlsx", "renamed.xlsx").refused_whole
        assert "workbook" in look(as_xlsx(HEADER, ADAM), "people.csv").refused_whole

    def test_a_protected_or_old_workbook_is_refused(self):
        assert "password" in look(io.BytesIO(b"\xd0\xcf\x11\xe0" + bytes(600)), "locked.xlsx").refused_whole

    def test_a_bomb_is_refused_before_it_is_unpacked(self):
        bomb = with_part(as_xlsx(HEADER, ADAM), "xl/sharedStrings.xml", b" " * (workbook.MOST_OF_ONE + 1))
        assert len(bomb.getvalue()) < 1_000_000
        assert "too large" in look(bomb, "bomb.xlsx").refused_whole

    def test_entities_are_refused(self):
        evil = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
        assert "declarations" in look(with_part(as_xlsx(HEADER, ADAM), SHEET, evil), "evil.xlsx").refused_whole

    @pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "[Content_Types].xml"])
    def test_a_damaged_workbook_is_refused(self, part):
        assert look(with_part(as_xlsx(HEADER, ADAM), part, b"<broken"), "broken.xlsx").refused_whole

    def test_a_truncated_workbook_is_refused(self):
        content = as_xlsx(HEADER, ADAM).getvalue()
        assert look(io.BytesIO(content[: len(content) // 2]), "half.xlsx").refused_whole

    @given(st.randoms(use_true_random=False))
    @settings(max_examples=60, deadline=None)
    def test_no_spoilt_byte_ends_in_anything_but_a_preview(self, chance):
        name = chance.choice(["hotline.csv", "partner.xlsx", "form-export.xlsx"])
        content = bytearray((REFERRALS / name).read_bytes())
        for _ in range(chance.choice([1, 3, 20])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        assert isinstance(look(io.BytesIO(bytes(content)), name).as_json(), dict)


class TestColumns:
    def test_columns_are_known_in_either_language_and_any_order(self):
        found = recognise(["Consent to contact", "ИМЯ", " Phone * ", "Фамилия", "referral/identity/birth_year", "Комментарий"])
        assert found.places == {"consent": 0, "given_names": 1, "phone": 2, "surname": 3, "birth": 4}
        assert found.unknown == ("Комментарий",)

    @pytest.mark.parametrize("header", ["relative/phone", "emergency_contact/phone", "Телефон родственника", "мать/телефон"])
    def test_the_phone_of_somebody_else_is_never_taken_for_the_persons_own(self, header):
        assert recognise(["Surname", header]).unknown == (header,)

    def test_of_two_columns_for_one_field_the_second_is_named(self):
        assert recognise(["Phone", "Телефон", "Surname"]).unknown == ("Телефон",)

    def test_group_and_question_may_stand_in_two_rows(self):
        found = look(as_csv(["Кто", "", "", "Связь", ""], HEADER[1:], ADAM[1:]))
        assert (found.rows, found.good[0].own_id) == (1, "3")

    def test_a_whole_name_in_one_cell_is_taken_apart(self):
        [row] = look(as_csv(["ФИО", "Согласие"], ["Цаплин Адам Иванович", "да"])).good
        assert (row.surname, row.given_names, row.patronymic) == ("Цаплин", "Адам", "Иванович")
        [row] = look(as_csv(["Full name", "Consent"], ["Adam Tsaplin", "yes"])).good
        assert (row.surname, row.given_names) == ("Tsaplin", "Adam")


class TestHostileText:
    @pytest.mark.parametrize("header", ["(" * 100_000, "a/" * 50_000, "." * 100_000])
    def test_no_header_keeps_the_reader_busy(self, header):
        began = time.process_time()
        assert recognise([header, "Surname"]).places == {"surname": 1}
        assert time.process_time() - began < 1

    @pytest.mark.parametrize("place", range(1, 5))
    def test_no_cell_keeps_the_reader_busy(self, place):
        row = list(ADAM)
        row[place] = "x" + " " * 100_000 + "x"
        began = time.process_time()
        assert look(as_csv(HEADER, row)).rows == 1
        assert time.process_time() - began < 2

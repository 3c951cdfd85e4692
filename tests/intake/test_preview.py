"""A file is judged before anybody decides: good rows, refused rows, likely duplicates."""

import json
import time
import tracemalloc

import pytest

from relocation.intake.likeness import likeness
from relocation.models.dates import PartialDate
from tests.intake.files import HEADER, REFERRALS, as_csv, as_xlsx, look, people

pytestmark = pytest.mark.nodb

EXPECTED = json.loads((REFERRALS / "expected.json").read_text(encoding="utf-8"))
NOTHING = {
    "rows": 0, "refused": {}, "likely_duplicates": [], "kept_as_text": [], "ignored": [], "refused_whole": False
}  # fmt: skip
ADAM = ["1", "Цаплин", "Адам", "20.03.1995", "+79892167937", "да"]


def changed(**fields: str) -> list[str]:
    """Adam's row with other words in some fields."""
    places = {"id": 0, "surname": 1, "name": 2, "birth": 3, "phone": 4, "consent": 5}
    row = list(ADAM)
    for field, words in fields.items():
        row[places[field]] = words
    return row


def refused(*rows):
    """Which rows are refused, for which field."""
    return look(as_csv(HEADER, *rows)).as_json()["refused"]


def pairs(*rows):
    """Which rows look like one person."""
    return look(as_csv(HEADER, *rows)).as_json()["likely_duplicates"]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_of_the_field_comes_out_as_expected(name):
    assert look(REFERRALS / name, name).as_json() == NOTHING | EXPECTED[name]


class TestARow:
    def test_a_good_row_keeps_what_it_says(self):
        [adam] = look(as_csv(HEADER, ADAM)).good
        assert (adam.surname, adam.given_names, adam.phone) == ("Цаплин", "Адам", "+79892167937")
        assert adam.birth == PartialDate(1995, 3, 20)

    def test_neither_phone_nor_birth_is_needed(self):
        assert refused(changed(phone="", birth="")) == {}

    def test_without_anything_to_know_the_person_by_it_is_refused(self):
        assert refused(changed(surname="", name="-", phone="")) == {"1": "identity"}

    @pytest.mark.parametrize("words", ["нет", "", "?", "потом", "да, но не мне"])
    def test_without_a_plain_yes_it_is_refused(self, words):
        assert refused(changed(consent=words)) == {"1": "consent"}

    @pytest.mark.parametrize("words", ["да", "ДА", "yes", "Yes.", "TRUE", "1"])
    def test_a_plain_yes_is_enough(self, words):
        assert refused(changed(consent=words)) == {}

    def test_a_file_that_never_asks_for_consent_imports_nobody(self):
        assert len(look(as_csv(HEADER[:-1], ADAM[:-1])).refused) == 1

    def test_all_that_must_be_mended_is_said_at_once(self):
        [row] = look(as_csv(HEADER, changed(birth="31.02.1999", phone="позвоню сам"))).refused
        assert row.field == "birth_date"
        assert "calendar" in row.reason
        assert "number" in row.reason

    def test_sums_and_a_header_pasted_again_are_no_persons(self):
        found = look(as_csv(HEADER, ADAM, HEADER, ["Итого", "1"])).as_json()
        assert (found["rows"], found["ignored"]) == (1, ["№", "Итого"])

    def test_words_that_are_not_understood_refuse_nobody_and_are_named(self):
        [row] = look(as_csv([*HEADER, "Срочность"], [*ADAM, "на днях"])).good
        assert row.unread == ("urgency",)

    def test_an_id_that_comes_twice_is_told_apart(self):
        assert list(refused(changed(consent="нет"), changed(consent="нет"))) == ["1", "1 (row 3)"]

    def test_what_people_told_us_stays_out_of_tracebacks(self):
        found = look(as_csv(HEADER, ADAM, changed(id="2", consent="нет")))
        assert "Цаплин" not in repr(found)
        assert "9892167937" not in repr(found)


class TestDuplicates:
    @pytest.mark.parametrize(
        "again",
        [
            changed(id="2", surname="Tsaplin", name="Adam", phone=""),
            changed(id="2", birth="1995", phone=""),
            changed(id="2", birth="около 1994", phone=""),
            changed(id="2", surname="", name="", birth="", phone="8 (989) 216-79-37"),
            changed(id="2", surname="Адам", name="Цаплин", phone=""),
        ],
    )
    def test_one_person_written_in_two_ways_is_shown(self, again):
        assert pairs(ADAM, again) == [["1", "2"]]

    @pytest.mark.parametrize(
        "other",
        [
            changed(id="2", birth="20.03.1996", phone=""),
            changed(id="2", birth="около 1990", phone=""),
            changed(id="2", surname="Чижов", phone=""),
            changed(id="2", name="Амина", birth="2001"),
        ],
    )
    def test_two_people_stay_two(self, other):
        assert pairs(ADAM, other) == []

    def test_a_household_that_shares_a_phone_is_shown_where_births_are_unknown(self):
        assert pairs(ADAM, changed(id="2", name="Амина", birth="")) == [["1", "2"]]

    def test_refused_rows_are_compared_with_nobody(self):
        assert pairs(ADAM, changed(id="2", consent="нет")) == []

    def test_a_case_that_the_importer_may_open_is_named_by_its_alias_alone(self):
        known = [likeness("Kestrel", "Tsaplin", "Adam", birth=PartialDate(1995)), likeness("Heron", "Чижов", "Адам")]
        found = look(as_csv(HEADER, ADAM), known=known)
        assert [(match.first, match.second) for match in found.known] == [("1", "Kestrel")]
        assert "Kestrel" in "\n".join(found.sentences())
        assert "Tsaplin" not in "\n".join(found.sentences())

    def test_the_same_file_again_has_the_same_fingerprints(self):
        first, again = look(REFERRALS / "hotline.csv"), look(REFERRALS / "hotline.csv")
        prints = {row.fingerprint() for row in first.good}
        assert len(prints) == len(first.good)
        assert prints == {row.fingerprint() for row in again.good}

    def test_a_fingerprint_does_not_depend_on_the_kind_of_file_or_the_place_in_it(self):
        [csv_row] = look(as_csv(HEADER, ADAM)).good
        *_, xlsx_row = look(as_xlsx(HEADER, changed(id="7"), ADAM), "again.xlsx").good
        assert csv_row.fingerprint() == xlsx_row.fingerprint()
        assert csv_row.fingerprint() != look(as_csv(HEADER, changed(birth="1995"))).good[0].fingerprint()


class TestManyRows:
    def test_five_thousand_rows_come_with_progress_in_bounded_time_and_memory(self):
        file = as_csv(HEADER, *people(5000))
        heard = []
        began = time.process_time()
        found = look(file, progress=heard.append)
        assert time.process_time() - began < 20
        assert found.rows == 5000
        assert heard == list(range(100, 5001, 100))

    def test_memory_holds_the_people_and_not_the_workbook(self):
        file = as_xlsx(HEADER, *([*row, "x" * 2000] for row in people(2000)))
        tracemalloc.start()
        try:
            found = look(file, "many.xlsx")
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert found.rows == 2000
        assert peak < 16_000_000

    def test_a_name_that_everybody_bears_is_not_compared_without_end(self):
        rows = [[str(number), "Цаплин", "Адам", "", "", "да"] for number in range(1000)]
        began = time.process_time()
        found = look(as_csv(HEADER, *rows))
        assert time.process_time() - began < 10
        assert len(found.duplicates) <= 20 * 1000

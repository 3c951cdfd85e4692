"""Machine-readable zones against the published specimens."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relocation.paperwork import mrz
from relocation.paperwork.mrz_names import name_field, plain

pytestmark = pytest.mark.nodb

SPECIMENS = json.loads((Path(__file__).parents[1] / "data" / "mrz_specimens.json").read_text())
ZONES = [pytest.param(zone, id=zone["id"]) for zone in SPECIMENS["specimens"] + SPECIMENS["constructed"]]
ERIKSSON = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
TODAY = date(2026, 11, 23)
LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=12)
NAMES = st.lists(LETTERS, min_size=1, max_size=6).map(" ".join)


class TestCheckDigits:
    @pytest.mark.parametrize("vector", SPECIMENS["primitive_vectors"], ids=lambda vector: vector["source"])
    def test_they_are_those_of_the_standard(self, vector):
        assert mrz.check_digit(vector["input"]) == vector["check_digit"]

    @pytest.mark.parametrize("zone", ZONES)
    def test_they_are_those_of_every_specimen(self, zone):
        for digit in zone["check_digits"].values():
            assert mrz.check_digit(digit["input"]) == digit["computed"]


class TestReading:
    @pytest.mark.parametrize("zone", ZONES)
    def test_every_specimen_says_what_it_says(self, zone):
        found, told = mrz.parse(zone["lines"]), zone["decoded"]
        assert found.format == zone["format"]
        assert (found.document_code, found.issuing_state) == (told["document_code"], told["issuing_state"])
        assert (found.surname, found.given_names) == (told["surname"], told["given_names"])
        assert (found.number, found.nationality) == (told["document_number"], told["nationality"])
        assert (found.birth, found.expires) == (told["birth_date_yymmdd"], told["expiry_date_yymmdd"])
        assert found.sex == told["sex"]
        assert found.optional == told.get("optional_data", told.get("optional_data_1", ""))
        assert found.optional_2 == told.get("optional_data_2", "")

    @pytest.mark.parametrize("zone", ZONES)
    def test_what_was_read_is_written_the_same(self, zone):
        assert list(mrz.compose(mrz.parse(zone["lines"]))) == zone["lines"]

    @pytest.mark.parametrize("zone", ZONES)
    def test_no_wrong_digit_passes(self, zone):
        for place, sign in enumerate(zone["lines"][1]):
            if sign.isdigit():
                wrong = zone["lines"][1][:place] + str((int(sign) + 1) % 10) + zone["lines"][1][place + 1 :]
                covered = place < 28 or zone["format"] in ("TD1", "TD2", "TD3")
                if covered:
                    with pytest.raises(mrz.NotAnMRZ):
                        mrz.parse([zone["lines"][0], wrong, *zone["lines"][2:]])

    def test_spaces_and_small_letters_do_no_harm(self):
        assert mrz.parse([" " + line.lower() + " " for line in ERIKSSON]).surname == "ERIKSSON"

    def test_an_empty_optional_field_may_have_a_zero(self):
        lines = mrz.compose(replace(mrz.parse(ERIKSSON), optional=""))
        assert lines[1][42] == "<"
        assert mrz.parse([lines[0], lines[1][:42] + "0" + lines[1][43:]]).optional == ""

    @pytest.mark.parametrize(
        ("lines", "word"),
        [
            ([], "length"),
            (["P<UTO"], "length"),
            ([ERIKSSON[0]], "length"),
            ([ERIKSSON[0], ERIKSSON[1].replace("<", "-")], "character"),
            ([ERIKSSON[0], ERIKSSON[1].replace("740812", "740813")], "Date of birth"),
            ([ERIKSSON[0], ERIKSSON[1].replace("L898902C3", "L898903C3")], "Document number"),
            ([ERIKSSON[0], ERIKSSON[1][:-1] + "1"], "last check digit"),
        ],
    )
    def test_what_is_none_says_why(self, lines, word):
        with pytest.raises(mrz.NotAnMRZ) as refusal:
            mrz.parse(lines)
        assert word in refusal.value.sentence

    @pytest.mark.parametrize("form", ["TD1", "TD2"])
    def test_a_long_number_runs_on_in_the_optional_data(self, form):
        long = mrz.MRZ(form, "I", "UTO", "ERIKSSON", "ANNA", "D23145890XYZ", "UTO", "740812", "F", "120415", "A")
        lines = mrz.compose(long)
        assert "D23145890<XYZ5<A" in lines[0] if form == "TD1" else "XYZ5<A" in lines[1]
        assert mrz.parse(lines) == long

    def test_a_passport_has_no_room_for_a_long_number(self):
        with pytest.raises(mrz.NotAnMRZ):
            mrz.compose(replace(mrz.parse(ERIKSSON), number="D23145890XYZ"))


class TestDays:
    @pytest.mark.parametrize(
        ("printed", "day"), [("740812", date(1974, 8, 12)), ("261123", TODAY), ("261124", date(1926, 11, 24))]
    )
    def test_a_birth_is_never_in_the_future(self, printed, day):
        assert replace(mrz.parse(ERIKSSON), birth=printed).birth_date(TODAY) == day

    @pytest.mark.parametrize("printed", ["<<<<<<", "74<<<<", "900229", "749912"])
    def test_an_unknown_or_impossible_day_is_none(self, printed):
        assert replace(mrz.parse(ERIKSSON), birth=printed).birth_date(TODAY) is None

    @pytest.mark.parametrize(("printed", "day"), [("310415", date(2031, 4, 15)), ("990101", date(1999, 1, 1))])
    def test_an_expiry_is_near(self, printed, day):
        assert replace(mrz.parse(ERIKSSON), expires=printed).expiry_date(TODAY) == day


class TestNames:
    @pytest.mark.parametrize("vector", SPECIMENS["name_vectors"], ids=lambda vector: vector["viz"])
    def test_they_are_written_as_in_the_standard(self, vector):
        surname, _comma, given_names = vector["viz"].partition(", ")
        assert vector["line1"] == "PPUTO" + name_field(surname, given_names, 39).ljust(39, "<")

    @pytest.mark.parametrize(
        ("printed", "written"),
        [("Müller-Lüdenscheidt", "MUELLER<LUEDENSCHEIDT"), ("Groß", "GROSS"), ("Ñuñez", "NUNEZ")],
    )
    def test_letters_with_marks_are_spelled_out(self, printed, written):
        assert plain(printed) == written

    @settings(deadline=None)
    @given(NAMES, NAMES | st.just(""), st.sampled_from([30, 31, 39]))
    def test_a_name_that_fits_is_whole_and_a_cut_one_ends_in_a_letter(self, surname, given_names, room):
        whole = "<<".join(filter(None, (plain(surname), plain(given_names))))
        field = name_field(surname, given_names, room)
        assert field == whole if len(whole) <= room else (len(field) == room and field[-1].isalpha())
        assert not given_names or "<<" in field


class TestDisagreements:
    def test_there_is_none_where_the_record_is_the_document(self):
        told = {"surname": "Eriksson", "given_names": "Anna Maria", "number": "L898902C3"}
        days = {"birth": date(1974, 8, 12), "expires": date(2012, 4, 15)}
        assert mrz.disagreements(mrz.parse(ERIKSSON), **told, **days) == []

    def test_each_one_has_its_sentence(self):
        told = {"surname": "Erikson", "given_names": "Anna", "number": "L898902C4"}
        days = {"birth": date(1974, 8, 13), "expires": date(2012, 4, 16)}
        sentences = mrz.disagreements(mrz.parse(ERIKSSON), **told, **days)
        assert len(sentences) == 5
        assert "ERIKSSON" in sentences[0]
        assert "Erikson" in sentences[0]

    def test_what_is_not_known_is_not_compared(self):
        assert mrz.disagreements(mrz.parse(ERIKSSON)) == []

    @pytest.mark.parametrize("surname", ["MUELLER", "MULLER", "MUXXLLER"])
    def test_umlauts_may_be_spelled_either_way(self, surname):
        found = replace(mrz.parse(ERIKSSON), surname=surname)
        assert mrz.disagreements(found, surname="Müller") == []

    def test_a_cut_name_agrees_with_the_whole_one(self):
        whole = ("Papandropoulous-Wolkenstein", "Jonathon Warren Trevor")
        lines = mrz.compose(replace(mrz.parse(ERIKSSON), surname=whole[0], given_names=whole[1]))
        assert mrz.disagreements(mrz.parse(lines), surname=whole[0], given_names=whole[1]) == []

    def test_a_short_name_is_not_taken_for_a_cut_one(self):
        assert mrz.disagreements(mrz.parse(ERIKSSON), given_names="Anna Mariana")

    def test_unknown_parts_of_a_date_agree(self):
        found = replace(mrz.parse(ERIKSSON), birth="74<<<<")
        assert mrz.disagreements(found, birth=date(1974, 1, 1)) == []
        assert mrz.disagreements(found, birth=date(1975, 1, 1))

"""One search key for many spellings, and the suggestion in Latin letters."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocation.models import names
from relocation.models.names import fold, to_latin

pytestmark = pytest.mark.nodb

TABLE = json.loads((Path(__file__).parents[1] / "data" / "cyrillic_translit.json").read_text(encoding="utf-8"))
RUSSIAN_TESTS = [(test["cyrillic"], test["latin"]) for test in TABLE["tests"]]
DOMAIN_TESTS = [("ДМИТРИЙ", "DMITRII"), ("МАРИЯ", "MARIIA"), ("СЪЁМЩИЦ", "SIEEMSHCHITS"), ("Илья", "ILIA")]
PALOCHKAS = "\u04c0\u04cfIl1\u0406|"


class TestLatin:
    @pytest.mark.parametrize(("cyrillic", "latin"), RUSSIAN_TESTS + DOMAIN_TESTS)
    def test_a_russian_name_is_spelled_as_icao_does(self, cyrillic, latin):
        assert to_latin(cyrillic) == latin

    def test_the_table_is_the_one_that_was_read_from_the_standard(self):
        assert TABLE["russian"] == names.RUSSIAN
        assert TABLE["other_cyrillic_default"] == names.OTHER

    def test_other_languages_have_their_exceptions(self):
        assert to_latin("Григорій Єва", "uk") == "HRYHORII YEVA"
        assert to_latin("Щерев", "bg") == "SHTEREV"

    def test_what_the_table_lacks_is_not_invented(self):
        assert to_latin("Х\u04c0абиб") == "KHABIB"
        assert to_latin("O'Skvorets") == "O'SKVORETS"


class TestFold:
    @pytest.mark.parametrize(
        "spellings",
        [
            "Воробьёва Воробьева Vorobyova Vorobeva Vorobiova",
            "Хаджиев KHADZHIEV Hadjiev Khadjiev",
            "Подъячев PODIEIACHEV Podyachev",
            "Юрий Iurii Yuri Yuriy Jurij",
            "Журавлёв Zhuravlev Žuravlev Zhuravleff",
            "Щеглова Shcheglova Schtscheglowa",
            "Цаплин Tsaplin Tcaplin",
            "Адам Aдам Adam Аdam",
            "Андрій Андрий Andriy",
            "О’Скворец O'Skvorets",
        ],
    )
    def test_spellings_of_one_name_meet(self, spellings):
        assert len({fold(name) for name in spellings.split()}) == 1

    @pytest.mark.parametrize("name", ["Х{}абиб", "{}алимхан", "Ц{}оев", "МухI{}аммад"])
    def test_whatever_is_typed_for_a_palochka_meets(self, name):
        assert len({fold(name.format(sign)) for sign in PALOCHKAS}) == 1

    @pytest.mark.parametrize(
        ("one", "other"),
        [("Воробьёв", "Воробьёва"), ("Чайкин", "Цапкин"), ("Юлия", "Юлиан"), ("Заира", "Жаира"), ("Амина", "Алина")],
    )
    def test_two_names_stay_two(self, one, other):
        assert fold(one) != fold(other)

    @given(st.text(max_size=60))
    def test_any_text_has_a_key_without_case_or_marks(self, text):
        assert fold(text) == fold(f"  {text} ")

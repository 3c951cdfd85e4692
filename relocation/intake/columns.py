"""Which column is which, by the names people give them in English and Russian."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

VOCABULARY = {
    "own_id": "no|#|n|nr|id|ref|reference|number|row no|case no|номер|код|номер обращения|id обращения|номер заявки",
    "received_on": "received|received on|date received|date|referral date|date of referral|submitted|submission time"
    "|submission date|timestamp|дата|дата обращения|дата заявки|получено|отметка времени",
    "alias": "alias|pseudonym|nickname|code name|псевдоним|кличка|условное имя",
    "surname": "surname|family name|last name|фамилия",
    "given_names": "given name|given names|first name|first names|forename|forenames|имя|имена",
    "patronymic": "patronymic|middle name|отчество",
    "full_name": "name|full name|имя и фамилия|имя фамилия",
    "formal_name": "фио|ф и о|фамилия имя отчество|фамилия имя|фамилия и имя|surname and given names",
    "birth": "date of birth|birth date|birthdate|dob|born|birth year|year of birth|дата рождения|год рождения|д р|др"
    "|родился|дата рожд",
    "phone": "phone|phone number|telephone|telephone number|mobile|mobile phone|cell|cell phone|tel|contact phone"
    "|телефон|номер телефона|тел|мобильный|мобильный телефон|контактный телефон|телефон для связи",
    "city": "city|town|place|where now|where are you now|current city|current location|город|место|где сейчас"
    "|где находится|населенный пункт|город пребывания",
    "languages": "languages|language|spoken languages|языки|язык|какие языки",
    "household_size": "household|household size|people in household|family size|number of people|человек в семье"
    "|состав семьи|сколько человек|семья|количество человек",
    "urgency": "urgency|priority|how urgent|срочность|приоритет",
    "danger": "why in danger|danger|own words|in your own words|reason for danger|what happened|в чем опасность"
    "|опасность|своими словами|что случилось|причина опасности|описание",
    "referred_by": "referred by|referrer|source|кто направил|направил|направлен|источник|откуда узнали",
    "consent": "consent|consent to contact|consent contact|contact consent|consent to be contacted|may we contact"
    "|согласие|согласие на связь|согласие на контакт|согласен на связь",
}
FIELDS = {name: field for field, names in VOCABULARY.items() for name in names.split("|")}
NAMES_A_PERSON = {"alias", "surname", "given_names", "full_name", "formal_name", "phone"}

GROUPS = re.compile(r"/|::|>|(?<=\w)[.:](?=\w)")
# A group about somebody else: ringing a relative's number can betray the person.
SOMEBODY_ELSE = """
referrer relative relatives kin family household member members mother father parent parents brother sister
child children spouse wife husband partner guardian emergency host lawyer interpreter pursuer other
направивший родственник родственники родные семья мать отец родители брат сестра ребенок дети жена муж
опекун адвокат переводчик преследователь другой
"""
LONGEST_HEADER = 300


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands in a row, and the headers that nothing was read from."""

    places: dict[str, int]
    unknown: tuple[str, ...]
    titles: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether this can be a header row: two known columns, one of which can name a person."""
        return len(self.places) > 1 and not NAMES_A_PERSON.isdisjoint(self.places)

    def cell(self, field: str, cells: Sequence[str]) -> str:
        """The cell of `field`, or nothing where the file or the row lacks it."""
        place = self.places.get(field)
        return cells[place] if place is not None and place < len(cells) else ""

    def repeated_in(self, cells: Sequence[str]) -> bool:
        """Whether a row is the header once more, where tables were pasted together."""
        return filled(cells) == self.titles


def filled(cells: Sequence[str]) -> tuple[str, ...]:
    """The texts of a row, without its empty cells."""
    return tuple(text for text in map(str.strip, cells) if text)


def recognise(headers: Sequence[str]) -> Columns:
    """Knows the columns by their names, in any order; of two for one field it reads the first and names the other."""
    places: dict[str, int] = {}
    unknown = []
    for place, header in enumerate(headers):
        field = _field(header)
        if field and field not in places:
            places[field] = place
        elif header.strip():
            unknown.append(header.strip())
    return Columns(_settled(places), tuple(unknown), filled(headers))


def _settled(places: dict[str, int]) -> dict[str, int]:
    """Beside a surname, "name" means the given names."""
    if "surname" in places and "full_name" in places and "given_names" not in places:
        places["given_names"] = places.pop("full_name")
    return places


def _field(header: str) -> str | None:
    header = header[:LONGEST_HEADER]
    whole = _plain(header)
    if whole in FIELDS:
        return FIELDS[whole]
    separators = GROUPS if " " in header.strip() else re.compile(GROUPS.pattern + "|-")
    *groups, question = separators.split(re.sub(r"\([^)]*\)", "", header))
    if any(word in SOMEBODY_ELSE.split() for group in groups for word in _plain(group).split()):
        return None
    return FIELDS.get(_plain(question))


def _plain(header: str) -> str:
    """Lower case, ё as е, without brackets and marks."""
    text = re.sub(r"\([^)]*\)", " ", unicodedata.normalize("NFKC", header).lower().replace("ё", "е"))
    return " ".join(re.sub(r"[^\w#]|_", " ", text).split())

"""Names as people write them: a suggestion in Latin letters, and one search key for many spellings.

Transliteration follows ICAO Doc 9303 part 3, section 6.B. A legal Latin name is never computed: it is copied from the
document that bears it.
"""

from __future__ import annotations

import re
import unicodedata

RUSSIAN_LETTERS = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЭЮЯ"
RUSSIAN_IN_LATIN = "A B V G D E E ZH Z I I K L M N O P R S T U F KH TS CH SH SHCH IE Y E IU IA"
OTHER_LETTERS = "ЂЄЅІЇЈЉЊЌЎЏѪѴҐҒҺ"
OTHER_IN_LATIN = "D IE DZ I I J LJ NJ K U DZ U Y G G C"
RUSSIAN = dict(zip(RUSSIAN_LETTERS, RUSSIAN_IN_LATIN.split(), strict=True))
OTHER = dict(zip(OTHER_LETTERS, OTHER_IN_LATIN.split(), strict=True))
# The table has no soft sign (Russian practice drops it) and no palochka (ICAO maps it to nothing).
SILENT = "Ьь\u04c0\u04cf"

LANGUAGES: dict[str, dict[str, str]] = {
    "be": {"Ё": "IO", "Г": "H"},
    "bg": {"Щ": "SHT"},
    "mk": {"Ќ": "KJ", "Џ": "DJ", "Х": "H", "Ц": "C", "Ғ": "GJ"},
    "sr": {"Г": "H", "Ж": "Z", "Х": "H", "Ц": "C", "Ч": "C", "Ш": "S"},
    "uk": {"Г": "H", "И": "Y"},
}
UKRAINIAN_INITIAL = {"Є": "YE", "Ї": "YI", "Й": "Y", "Ю": "YU", "Я": "YA"}

# Latin letters that look like Cyrillic ones, and the other way about.
TO_CYRILLIC = str.maketrans("aceopxykmhtb", "асеорхукмнтв")
TO_LATIN = str.maketrans("асеорхукмнтв", "aceopxykmhtb")
# What is typed for a palochka inside a Cyrillic word, in lower case: Latin I and l, the digit, the bar.
TYPED_PALOCHKA = re.compile("[il1|]")
# Cyrillic І is a palochka after an ejective or before a vowel, else the Ukrainian letter.
CYRILLIC_I = re.compile("(?<=[гкптхцч])і|і(?=[аеёиоуыэюяєї])")

CYRILLIC_KEY = str.maketrans({letter.lower(): latin.lower() for letter, latin in {**OTHER, **RUSSIAN}.items()})
HACEK = str.maketrans({"š": "sh", "č": "ch", "ž": "zh", "ß": "ss", "ł": "l", "ı": "i"})
APOSTROPHES = re.compile("['`´‘’ʼʹ\"«»()]")
BREAKS = re.compile(r"[\s\-\u2010-\u2015.,;/]+")

# German, French, English, older Russian and ICAO spellings brought to one. The order matters.
SPELLINGS = [
    (re.compile(pattern), plain)
    for pattern, plain in (
        ("schtsch|shtsh|shch|sch", "sh"),
        ("tsch|tch", "ch"),
        ("dsch|dj", "dzh"),
        ("kh", "h"),
        ("ph", "f"),
        ("t[szc]", "c"),
        ("ck|q", "k"),
        ("x", "ks"),
        ("w", "v"),
        ("ou", "u"),
        ("[yj]", "i"),
        ("iei", "i"),
        ("iee", "e"),
        ("i[eo]", "e"),
        (r"(.)\1+", r"\1"),
        ("([oe])f$", r"\1v"),
    )
]


def to_latin(name: str, language: str = "ru") -> str:
    """`name` in capital Latin letters, as ICAO Doc 9303-3 section 6.B suggests them; what the table lacks stays."""
    table = {**OTHER, **RUSSIAN, **LANGUAGES.get(language, {})}
    return " ".join(_latin_word(word, table, language) for word in unicodedata.normalize("NFC", name).split())


def fold(name: str) -> str:
    """One key for the spellings of a name, its words in the order given; for comparing, never for showing."""
    return " ".join(words(name))


def words(name: str) -> list[str]:
    """The folded words of a name."""
    bare = APOSTROPHES.sub("", unicodedata.normalize("NFC", name).lower())
    folded = (_fold_word(word) for word in BREAKS.split(bare))
    return [word for word in folded if word]


def _latin_word(word: str, table: dict[str, str], language: str) -> str:
    letters = [table.get(letter, letter) for letter in word.upper() if letter not in SILENT]
    if language == "uk" and word[0].upper() in UKRAINIAN_INITIAL:
        letters[0] = UKRAINIAN_INITIAL[word[0].upper()]
    return "".join(letters)


def _fold_word(word: str) -> str:
    word = _without_marks(_one_script(word).translate(HACEK))
    word = word.replace("ъ", "").replace("ь", "").translate(CYRILLIC_KEY)
    for pattern, plain in SPELLINGS:
        word = pattern.sub(plain, word)
    return "".join(letter for letter in word if letter.isalnum())


def _one_script(word: str) -> str:
    """The word with its look-alike letters brought to the script that most of its letters belong to."""
    word = word.replace("\u04c0", "").replace("\u04cf", "")
    cyrillic = sum("\u0400" <= letter <= "\u052f" for letter in word)
    latin = sum("a" <= letter <= "z" and letter not in "il" for letter in word)
    if cyrillic == 0:
        return word
    if latin > cyrillic:
        return word.translate(TO_LATIN)
    return CYRILLIC_I.sub("", TYPED_PALOCHKA.sub("", word)).translate(TO_CYRILLIC)


def _without_marks(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))

"""The words of referral files, in English and Russian: yes and no, urgency, languages, sums, and nothing at all."""

from __future__ import annotations

import re


def _any_of(words: str) -> frozenset[str]:
    return frozenset(words.split("|"))


YES = _any_of("yes|y|true|1|да|д|согласен|согласна|согласие дано|given|ok|✓|✔|+")
NO = _any_of("no|n|false|0|нет|н|не согласен|не согласна|-|not given")
NOTHING = _any_of(
    "-|--|—|–|?|??|…|...|n/a|unknown|not known|not given|no data"
    "|неизвестно|не известно|не знаю|нет данных|не указано|не указан|не помнит|не помню"
)
SUMS = re.compile(r"(?:grand |sub)?totals?\b|sum\b|итоги?\b|итого\b|всего\b|сумма\b|summary\b", re.I)

NORMAL, URGENT, EMERGENCY = "normal", "urgent", "emergency"
URGENCY = {
    **dict.fromkeys(_any_of("normal|low|routine|обычная|обычно|не срочно|несрочно|плановая"), NORMAL),
    **dict.fromkeys(_any_of("urgent|high|срочно|срочная|срочный"), URGENT),
    **dict.fromkeys(_any_of("emergency|critical|very urgent|immediate|очень срочно|экстренно|немедленно"), EMERGENCY),
}

# BCP 47 tags.
LANGUAGES = {
    name: tag
    for tag, names in {
        "ru": "русский|russian", "ce": "чеченский|chechen", "inh": "ингушский|ingush", "av": "аварский|avar",
        "dar": "даргинский|dargin|dargwa", "lez": "лезгинский|lezgin|lezgian", "kum": "кумыкский|kumyk",
        "lbe": "лакский|lak", "tab": "табасаранский|tabasaran", "kbd": "кабардинский|kabardian",
        "ady": "адыгейский|adyghe",
        "krc": "карачаево-балкарский|карачаевский|балкарский|karachay-balkar", "os": "осетинский|ossetian|ossetic",
        "tt": "татарский|tatar", "ba": "башкирский|bashkir", "uk": "украинский|ukrainian", "hy": "армянский|armenian",
        "ka": "грузинский|georgian", "az": "азербайджанский|azerbaijani", "tg": "таджикский|tajik",
        "uz": "узбекский|uzbek", "kk": "казахский|kazakh", "ky": "киргизский|кыргызский|kyrgyz",
        "tr": "турецкий|turkish", "ar": "арабский|arabic", "en": "английский|english",
        "fr": "французский|french", "de": "немецкий|german", "es": "испанский|spanish",
    }.items()
    for name in (*names.split("|"), tag)
}  # fmt: skip
SIGN = re.compile(r"жестов|sign language", re.I)


def plain(text: str) -> str:
    """Lower case, one space between words, no full stop or exclamation mark at the end."""
    return " ".join(text.lower().split()).rstrip(".!")


def said(text: str) -> str:
    """The text, or nothing where it only says that nothing is known."""
    return "" if plain(text) in NOTHING or not text.strip(" .!") else text


def consents(text: str) -> bool | None:
    """Yes, no, or None where neither was plainly said."""
    word = plain(text)
    return True if word in YES else False if word in NO else None


def urgency(text: str) -> str | None:
    """`normal`, `urgent` or `emergency`; None where the word is not known."""
    return URGENCY.get(plain(text))


def languages(text: str) -> tuple[str, ...]:
    """BCP 47 tags of the languages named, and in their own words those that are not known here."""
    named = (part.strip() for part in re.split(r"[,;/+\n]|\s(?:и|and)\s", text))
    found = (LANGUAGES.get(plain(part).removesuffix(" язык"), part) for part in named if part)
    return tuple(dict.fromkeys(found))


def people(text: str) -> int | None:
    """How many people are in the household, 1 to 40; None where no number was given."""
    found = re.fullmatch(r"(\d{1,2})(?:[.,]0)?\s*(?:чел\w*|people|persons?)?\.?", text.strip(), re.I)
    return int(found[1]) if found and 1 <= int(found[1]) <= 40 else None


def sums_up(text: str) -> bool:
    """Whether a row that begins so only adds up the others."""
    return bool(SUMS.match(text.strip()))

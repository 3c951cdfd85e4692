"""How languages are called in the language of whoever reads."""

from collections.abc import Iterable

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _


def spoken(languages: Iterable[str]) -> list[str]:
    """Names for codes such as "ru"; whatever is no code that Django knows stays as it was written."""
    return [_name(language) for language in languages]


def _name(language: str) -> str:
    try:
        return str(_(get_language_info(language.strip().lower())["name"]))
    except KeyError:
        return language

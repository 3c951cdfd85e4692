"""Days as each language writes them: the names of days and months are small but in English and German. No time zone."""

from datetime import date

from django.utils import dateformat
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext

CAPITALS = ("en", "de")


def written(when: date, letters: str) -> str:
    """The day in the letters of Django's date filter, with its names written as the language writes them."""
    text = dateformat.format(when, letters)
    return text if (get_language() or "en").startswith(CAPITALS) else text.lower()


def in_full(when: date) -> str:
    """Write a day as a heading: "Friday, 27 November"."""
    return capfirst(written(when, pgettext("day as a heading, in the letters of Django's date filter", "l, j E")))

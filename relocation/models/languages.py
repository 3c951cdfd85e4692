"""Languages that people speak, by BCP 47 tag, in words that can be translated."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

LANGUAGES = {
    "av": _("Avar"), "ar": _("Arabic"), "az": _("Azerbaijani"), "be": _("Belarusian"), "ce": _("Chechen"), "dar": _("Dargwa"),
    "de": _("German"), "en": _("English"), "fa": _("Persian"), "fr": _("French"), "hy": _("Armenian"), "inh": _("Ingush"),
    "ka": _("Georgian"), "kbd": _("Kabardian"), "kk": _("Kazakh"), "krc": _("Karachay-Balkar"), "kum": _("Kumyk"),
    "lbe": _("Lak"), "lez": _("Lezgian"), "os": _("Ossetian"), "ru": _("Russian"), "tab": _("Tabasaran"), "tg": _("Tajik"),
    "tr": _("Turkish"),
    "tt": _("Tatar"), "uk": _("Ukrainian"), "uz": _("Uzbek"),
}  # fmt: skip


def spoken(tags: Iterable[str]) -> list[str]:
    """Their names in the reader's language; what has no tag stays as it was written."""
    return [str(LANGUAGES.get(tag, tag)) for tag in tags]

"""The house sheet, carried by a host: who comes, when, what they need, whom to call. No organisation, no mark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.lib.units import mm

from . import words
from .page import HEADING, TITLE, Sheet
from .table import facts


@dataclass(frozen=True, slots=True)
class HouseSheetContent:
    """Everything that a host's sheet says; the arrival window in the house's own zone."""

    language: str
    alias: str
    arrives_from: datetime
    arrives_until: datetime
    needs: tuple[str, ...]
    languages: tuple[str, ...]
    call: tuple[tuple[str, str], ...]


def render(content: HouseSheetContent) -> bytes:
    """The sheet as PDF without seal, mark, code or metadata, the same bytes for the same content."""
    with translation.override(content.language):
        sheet = Sheet(language=content.language)
        sheet.paragraph(content.alias, TITLE, after=4 * mm)
        facts(
            sheet,
            [
                (_("Arrives"), _window(content.arrives_from, content.arrives_until)),
                (_("Speaks"), ", ".join(content.languages)),
            ],
        )
        _list(sheet, _("Needs"), content.needs)
        if content.call:
            sheet.skip(6 * mm)
            sheet.paragraph(_("Whom to call"), HEADING, after=1.5 * mm)
            facts(sheet, content.call)
        return sheet.finish()


def _window(start: datetime, end: datetime) -> str:
    until = f"{end:%H:%M}" if start.date() == end.date() else words.hour(end)
    return _("%(from)s to %(until)s") % {"from": words.hour(start), "until": until}


def _list(sheet: Sheet, title: str, items: tuple[str, ...]) -> None:
    if not items:
        return
    sheet.skip(6 * mm)
    sheet.paragraph(title, HEADING, after=1.5 * mm)
    for item in items:
        sheet.paragraph(f"– {item}", after=1 * mm)

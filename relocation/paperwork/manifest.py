"""The travel manifest of a leg or wave: only the columns that its reader needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from reportlab.lib.units import mm

from . import words
from .marks import Marks
from .page import LEFT, TITLE, Organisation, Sheet
from .table import Column, facts, table

COLUMNS: Mapping[str, tuple[str | Promise, float]] = {
    "case": (pgettext_lazy("person", "Case"), 1.0),
    "name": (gettext_lazy("Name as in the machine-readable zone"), 2.4),
    "sex": (gettext_lazy("Sex"), 0.5),
    "birth": (gettext_lazy("Date of birth"), 1.2),
    "nationality": (gettext_lazy("Nationality"), 1.0),
    "document": (gettext_lazy("Document and number"), 1.5),
    "expires": (pgettext_lazy("document", "Expires"), 1.2),
    "visa": (gettext_lazy("Visa and validity"), 2.2),
    "needs": (gettext_lazy("Needs on the way"), 2.0),
    "escort": (gettext_lazy("Escort"), 1.4),
    "contact": (gettext_lazy("Who meets them"), 1.6),
}

# Who may learn what from a manifest. Anything that is not here is no.
READERS: Mapping[str, tuple[str, ...]] = {
    "carrier": ("name", "sex", "birth", "nationality", "document", "expires", "visa"),
    "receiver": ("case", "name", "needs", "escort", "contact"),
    "escort": ("case", "needs", "contact"),
}


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg; times know their zone, each that of its own end."""

    mode: str
    carrier: str
    number: str
    start: str
    end: str
    departs: datetime
    arrives: datetime


@dataclass(frozen=True, slots=True)
class ManifestContent:
    """All that one version of a manifest says. A row is one text per column: it cannot hold more than allowed."""

    recipient: str
    recipient_reference: str
    language: str
    version: int
    issued_on: date
    code: str
    verify_address: str
    reader: str
    leg: Leg
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    organisation: Organisation | None = None

    def __post_init__(self) -> None:
        """Refuse a column that this reader does not need, and a row of another shape."""
        if excess := set(self.columns) - set(READERS[self.reader]):
            raise ValueError(f"not for this reader: {', '.join(sorted(excess))}")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("every row has one text per column")


def render(content: ManifestContent) -> bytes:
    """The manifest as an unsealed PDF, the same bytes for the same content."""
    with translation.override(content.language):
        sheet = Sheet(language=content.language, marks=_marks(content), letterhead=content.organisation, wide=True)
        sheet.paragraph(_("Travel manifest"), TITLE, after=2 * mm)
        _leg(sheet, content)
        columns = [Column("", 0.3), *(Column(str(COLUMNS[name][0]), COLUMNS[name][1]) for name in content.columns)]
        table(sheet, columns, [(str(number), *row) for number, row in enumerate(content.rows, start=1)])
        return sheet.finish()


def _marks(content: ManifestContent) -> Marks:
    return Marks(
        recipient=content.recipient,
        reference=content.recipient_reference,
        paper=_("Travel manifest"),
        version=content.version,
        code=content.code,
        address=content.verify_address,
    )


def _leg(sheet: Sheet, content: ManifestContent) -> None:
    """The leg in two blocks, side by side."""
    leg, top, half = content.leg, sheet.y, sheet.width / 2
    by = " ".join(filter(None, (leg.mode, leg.carrier, leg.number)))
    left = [
        (pgettext("journey", "By"), by),
        (pgettext("journey", "From"), f"{leg.start} · {words.moment(leg.departs)}"),
        (pgettext("journey", "To"), f"{leg.end} · {words.moment(leg.arrives)}"),
    ]
    right = [
        (pgettext("reader", "For"), content.recipient),
        (_("People"), str(len(content.rows))),
        (_("Date"), words.day(content.issued_on)),
    ]
    facts(sheet, left, width=half - 6 * mm, label=22 * mm)
    below, sheet.y = sheet.y, top
    facts(sheet, right, x=LEFT + half, width=half, label=26 * mm)
    sheet.y = min(below, sheet.y) - 3 * mm

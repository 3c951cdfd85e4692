"""The embassy dossier: attestation, summary, person, corroboration, documents, timeline, consent, verified copies."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.lib.units import mm

from . import face, words
from .dossier_content import (
    Attester,
    BioData,
    Consent,
    Copy,
    Corroboration,
    DossierContent,
    Event,
    Inventory,
)
from .face import Style
from .marks import Marks
from .page import BODY, LEFT, SMALL, STRONG, TITLE, Sheet
from .picture import Picture
from .table import Column, facts, table

__all__ = [
    "Attester",
    "BioData",
    "Consent",
    "Copy",
    "Corroboration",
    "DossierContent",
    "Event",
    "Inventory",
    "Progress",
    "render",
]

Progress = Callable[[int, int, str], None]
_ZONE = Style(10.5, 15, face.MONO)
_PHOTO = (35 * mm, 45 * mm)  # ICAO Doc 9303 part 3, section 3.9


def render(content: DossierContent, *, progress: Progress | None = None) -> bytes:
    """The dossier as an unsealed PDF, the same bytes for the same content. Raises `NotAPicture`."""
    with translation.override(content.language):
        sheet = Sheet(language=content.language, marks=_marks(content), letterhead=content.organisation)
        parts = _parts(content)
        for number, (sentence, draw) in enumerate(parts, start=1):
            if progress:
                progress(number, len(parts), sentence)
            draw(sheet, content)
        return sheet.finish()


Part = tuple[str, Callable[[Sheet, DossierContent], None]]


def _parts(content: DossierContent) -> list[Part]:
    """The parts that this dossier has, each with the sentence that says it is being drawn."""
    parts: list[tuple[bool, str, Callable[[Sheet, DossierContent], None]]] = [
        (True, _("Writing the attestation"), _attestation),
        (bool(content.summary), _("Writing the summary"), _summary),
        (True, _("Writing the personal data"), _person),
        (bool(content.corroboration), _("Writing the corroboration"), _corroboration),
        (bool(content.inventory), _("Writing the list of documents"), _inventory),
        (bool(content.timeline), _("Writing the timeline"), _timeline),
        (content.consent is not None, _("Writing the consent"), _consent),
        (bool(content.copies), _("Attaching the copies"), _copies),
    ]
    return [(sentence, draw) for wanted, sentence, draw in parts if wanted]


def _marks(content: DossierContent) -> Marks:
    return Marks(
        recipient=content.recipient_post,
        reference=content.recipient_reference,
        paper=_("Dossier"),
        version=content.version,
        code=content.code,
        address=content.verify_address,
    )


def _attestation(sheet: Sheet, content: DossierContent) -> None:
    """The letter: a page of its own."""
    facts(
        sheet,
        [
            (pgettext("recipient", "To"), content.recipient_post),
            (_("Your reference"), content.recipient_reference),
            (_("Date"), words.day(content.issued_on)),
            (_("Version"), str(content.version)),
        ],
    )
    sheet.skip(7 * mm)
    sheet.paragraph(_("Attestation"), TITLE, after=3 * mm)
    for sentence in content.attestation:
        sheet.paragraph(sentence, after=3 * mm)
    sheet.need(50 * mm)
    sheet.skip(9 * mm)
    sheet.paragraph(content.attester.name, STRONG, after=0)
    sheet.paragraph(content.attester.position, SMALL, after=9 * mm)
    _how_to_check(sheet, content)


def _how_to_check(sheet: Sheet, content: DossierContent) -> None:
    size = 24 * mm
    sheet.need(size)
    top, beside = sheet.y, LEFT + size + 6 * mm
    sheet.code(LEFT, top - size, size)
    where = {"address": content.verify_address, "code": content.code}
    says = _(
        "To check this paper, photograph the square or enter the code %(code)s at %(address)s. "
        "The answer is whether this version is genuine, superseded or revoked; it tells nothing about any person."
    )
    width = sheet.width - (beside - LEFT)
    for line in face.lines(says % where, SMALL, width):
        sheet.line(line, SMALL, beside, top, width)
        top -= SMALL.leading
    sheet.y = min(top, sheet.y - size)


def _summary(sheet: Sheet, content: DossierContent) -> None:
    sheet.turn()
    sheet.heading(_("Summary"))
    for text in content.summary:
        sheet.paragraph(text)


def _person(sheet: Sheet, content: DossierContent) -> None:
    """Bio data beside the photo, in the order of the data page, and the machine-readable lines as they stand there."""
    if not content.summary:
        sheet.turn()
    sheet.need(125 * mm)
    sheet.heading(_("Personal data, as in the travel document"))
    width = sheet.width
    if content.photo:
        width -= _PHOTO[0] + 8 * mm
        sheet.picture(Picture.read(content.photo), LEFT + width + 8 * mm, sheet.y, *_PHOTO)
    facts(sheet, _bio_rows(content.person), width=width)
    sheet.skip(2 * mm)
    for line in content.person.mrz:
        sheet.paragraph(line, _ZONE, after=0)


def _bio_rows(person: BioData) -> list[tuple[str, str]]:
    return [
        (_("Surname"), person.surname),
        (_("Given names"), person.given_names),
        (_("Name in own script"), "\n".join(person.native_names)),
        (_("Date of birth"), words.day(person.birth)),
        (_("Sex"), person.sex),
        (_("Nationality"), person.nationality),
        (_("Document"), person.document_type),
        (_("Document number"), person.number),
        (_("Issuing state"), person.issuing_state),
        (pgettext("document", "Issued"), words.day(person.issued)),
        (pgettext("document", "Expires"), words.day(person.expires)),
    ]


def _corroboration(sheet: Sheet, content: DossierContent) -> None:
    columns = [Column(_("Kind"), 3), Column(_("Date"))]
    rows = [(item.kind, words.day(item.on)) for item in content.corroboration]
    table(sheet, columns, rows, heading=_("Corroboration"))


def _inventory(sheet: Sheet, content: DossierContent) -> None:
    columns = [
        Column("", 0.25),
        Column(_("Document"), 2.6),
        Column(_("Pages"), 0.6),
        Column(pgettext("document", "Issued"), 1.3),
        Column(_("Checked"), 1.3),
        Column("SHA-256", 1.2, mono=True),
    ]
    rows = [
        (str(number), item.kind, str(item.pages), words.day(item.issued), words.day(item.verified_on), item.sha256[:12])
        for number, item in enumerate(content.inventory, start=1)
    ]
    table(sheet, columns, rows, heading=_("Documents seen and checked"))


def _timeline(sheet: Sheet, content: DossierContent) -> None:
    columns = [Column(_("When"), 1), Column(_("What happened"), 3.2)]
    rows = [(words.day(item.when), item.what) for item in content.timeline]
    table(sheet, columns, rows, heading=_("Timeline"))


def _consent(sheet: Sheet, content: DossierContent) -> None:
    consent = content.consent
    assert consent is not None
    sheet.need(45 * mm)
    sheet.heading(_("Consent"))
    sheet.paragraph(_("The person agreed that the following is shared with this recipient and with nobody else."))
    facts(
        sheet,
        [
            (_("Given on"), words.day(consent.given_on)),
            (_("Valid until"), words.day(consent.expires)),
            (_("What is shared"), "\n".join(consent.shared)),
        ],
    )


def _copies(sheet: Sheet, content: DossierContent) -> None:
    """One copy on each page, as large as it fits."""
    for number, copy in enumerate(content.copies, start=1):
        sheet.turn()
        count = _("Copy %(number)d of %(copies)d") % {"number": number, "copies": len(content.copies)}
        sheet.paragraph(count, SMALL, after=0)
        sheet.paragraph(copy.title, BODY, after=4 * mm)
        sheet.picture(Picture.read(copy.image), LEFT, sheet.y, sheet.width, sheet.room)

"""What a travel manifest says: who sits on the leg, as verified documents have it, and no more than a carrier needs."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from logistics.models import Leg, Seat
from relocation.models import TRAVEL_DOCUMENTS, Account, Document, DocumentKind, Paper
from relocation.paperwork import code, manifest
from relocation.paperwork.contents import CannotMake, content
from relocation.paperwork.dossier_gathering import letterhead
from relocation.paperwork.opening import cases_on
from relocation.paperwork.words import day
from relocation.safety import vault

# What each reader needs, of what they may have at most (`manifest.READERS`). Over a border a carrier passes on who comes.
COLUMNS = {
    "carrier": ("name", "document", "expires"),
    "receiver": ("case", "name", "needs", "escort"),
    "escort": ("case", "needs"),
}
ACROSS = ("name", "sex", "birth", "nationality", "document", "expires")
AS_PRINTED = ("surname", "given_names", "number", "sex", "birth_date", "nationality")
PURPOSE = "paper.manifest"


@content("manifest")
def gather(paper: Paper, by: Account) -> manifest.ManifestContent:
    """Whoever ordered it named the cases. Raises `CannotMake` where a seat or a document is missing."""
    seats, reader = _aboard(paper, by), paper.reader or "carrier"
    columns = _columns(reader, seats[0].leg)
    with translation.override(paper.language):
        return manifest.ManifestContent(
            recipient=paper.recipient,
            recipient_reference=seats[0].leg.number,
            language=paper.language,
            version=paper.version,
            issued_on=timezone.localdate(),
            code=code.new_code(),
            verify_address=settings.VERIFY_ADDRESS,
            reader=reader,
            leg=_leg(seats[0].leg),
            columns=columns,
            rows=tuple(_row(seat, columns, by) for seat in seats),
            organisation=letterhead(paper.case.organisation),
        )


def _aboard(paper: Paper, by: Account) -> list[Seat]:
    """The seats of those on the paper, and of nobody else on the leg."""
    cases = cases_on(paper, by=by)
    found = Seat.objects.filter(leg=paper.about, given_up_at=None, case__in=cases).select_related("leg__escort", "case")
    seats = list(found.order_by("number"))
    if {seat.case_id for seat in seats} != set(cases):
        raise CannotMake(_("Somebody on this manifest no longer has a seat on this leg."))
    if seats[0].leg.cancelled_at is not None:
        raise CannotMake(_("This leg is cancelled."))
    return seats


def _leg(leg: Leg) -> manifest.Leg:
    return manifest.Leg(
        mode=str(Leg.Mode(leg.mode).label),
        carrier=leg.carrier,
        number=leg.number,
        start=leg.from_place,
        end=leg.to_place,
        departs=leg.departs_local,
        arrives=leg.arrives_local,
    )


def _columns(reader: str, leg: Leg) -> tuple[str, ...]:
    crosses = leg.crossing != Leg.Crossing.NONE and leg.mode in (Leg.Mode.PLANE, Leg.Mode.SHIP)
    return ACROSS if reader == "carrier" and crosses else COLUMNS[reader]


def _row(seat: Seat, columns: tuple[str, ...], by: Account) -> tuple[str, ...]:
    """What the columns ask for, and no document is opened for a reader who needs none."""
    known = {
        "case": seat.case.alias,
        "needs": ", ".join(seat.case.needs),
        "escort": str(seat.leg.escort or ""),
    }
    if set(columns) - known.keys():
        known |= _printed(seat, by)
    return tuple(known[column] for column in columns)


def _printed(seat: Seat, by: Account) -> dict[str, str]:
    """Copied from the travel document, never computed (ICAO Doc 9303-3): one that is valid on the day of arrival."""
    document = Document.objects.filter(
        case=seat.case_id,
        kind__in=TRAVEL_DOCUMENTS,
        verified_at__isnull=False,
        expires_on__gt=seat.leg.arrives_local.date(),
    ).last()
    if document is None:
        raise CannotMake(_("Somebody on this leg has no verified travel document that is valid on arrival."))
    said = vault.read(document, *AS_PRINTED, by=by, purpose=PURPOSE)
    return {
        "name": f"{said['surname']}, {said['given_names']}",
        "document": f"{DocumentKind(document.kind).label} {said['number']}",
        "expires": day(document.expires_on),
        "sex": said["sex"],
        "birth": said["birth_date"],
        "nationality": said["nationality"],
    }

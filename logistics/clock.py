"""The clock of documents, read from what is recorded: each way out of the country with the findings of `document_clock`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from logistics import dispatch, document_clock
from logistics.document_clock import Check, Finding, Held, Paper, Visa, Way
from logistics.models import Leg, Passage, Seat
from logistics.schengen import Stay
from relocation.models import (
    TRAVEL_DOCUMENTS,
    Account,
    Application,
    ApplicationState,
    BorderCheck,
    Case,
    Document,
    DocumentKind,
    SchengenStay,
)
from relocation.safety import access
from relocation.safety.policy import Compartment

# Whoever reads all of these is told what the clock says; whoever is kept from one would be told that something is missing.
EYES = (Compartment.TRAVEL, Compartment.DOCUMENTS, Compartment.POST)
PLACES = {
    "permits": DocumentKind.RESIDENCE_PERMIT,
    "waivers": DocumentKind.WAIVER,
    "exits": DocumentKind.EXIT_PERMISSION,
    "consents": DocumentKind.MINOR_CONSENT,
}


def may_read(account: Account, case_id: UUID) -> bool:
    """Whether somebody sees every record that the clock looks at."""
    return all(access.may(account, f"{compartment}.read", case_id) for compartment in EYES)


def ahead(ways: Iterable[Passage]) -> dict[UUID, list[Seat]]:
    """The seats of these ways on legs that are not over, by way, the soonest first."""
    live = Q(given_up_at=None, leg__arrives_at__gt=timezone.now()) & ~Q(progress__in=dispatch.OVER)
    found: dict[UUID, list[Seat]] = defaultdict(list)
    for seat in Seat.objects.filter(live, passage__in=ways).select_related("leg").order_by("leg__departs_at"):
        found[seat.passage_id].append(seat)
    return found


def read(ways: Sequence[Passage], *, visa_free: bool = False) -> dict[UUID, list[Finding]]:
    """The findings for each of these ways that has a leg ahead, in a constant number of queries. The ways bring their case."""
    seats = ahead(ways)
    held = what_is_held({way.case_id for way in ways if way.pk in seats}, visa_free=visa_free)
    return {
        way.pk: document_clock.judge(days_of(way, way.case, seats[way.pk]), held[way.case_id]) for way in ways if way.pk in seats
    }


def days_of(way: Passage, case: Case, seats: Sequence[Seat]) -> Way:
    """The days that decide: a border is left on the day of departure there, and entered on the day of arrival there."""
    legs = [seat.leg for seat in seats if seat.leg.cancelled_at is None] or [seat.leg for seat in seats]
    borders = [leg for leg in legs if leg.crossing != Leg.Crossing.NONE]
    return Way(
        starts=legs[0].departs_local.date(),
        crosses=tuple(leg.departs_local.date() for leg in borders),
        enters=tuple(leg.arrives_local.date() for leg in borders if leg.crossing == Leg.Crossing.IN),
        leaves=tuple(leg.departs_local.date() for leg in borders if leg.crossing == Leg.Crossing.OUT),
        ends=max(leg.arrives_local.date() for leg in legs),
        minor=case.is_minor,
        needs_exit=way.needs_exit_permission,
    )


def what_is_held(cases: Iterable[UUID], *, visa_free: bool = False) -> dict[UUID, Held]:
    """Verified documents, granted visas, days in the area and the newest checks of each case; four queries."""
    wanted = list(cases)
    papers = _by_case(Document.objects.filter(case__in=wanted, verified_at__isnull=False))
    granted = {"state": ApplicationState.GRANTED, "valid_from__isnull": False, "valid_until__isnull": False}
    visas = _by_case(Application.objects.filter(case__in=wanted, **granted))
    stays = _by_case(SchengenStay.objects.filter(case__in=wanted))
    checks = _by_case(BorderCheck.objects.filter(case__in=wanted).order_by("at"))
    return {
        case: Held(
            documents=tuple(_paper(document) for document in papers[case] if document.kind in TRAVEL_DOCUMENTS),
            visas=tuple(_visa(visa) for visa in visas[case]),
            visa_free=visa_free,
            stays=tuple(Stay(stay.entered_on, stay.left_on, not stay.on_permit) for stay in stays[case]),
            checks={check.kind: _check(check) for check in checks[case]},
            **{place: tuple(_paper(d) for d in papers[case] if d.kind == kind) for place, kind in PLACES.items()},
        )
        for case in wanted
    }


def _by_case(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _paper(document: Document) -> Paper:
    return Paper(document.issued_on, document.expires_on, document.blank_pages)


def _visa(visa: Application) -> Visa:
    assert visa.valid_from and visa.valid_until
    return Visa(visa.valid_from, visa.valid_until, visa.entries or 1, visa.long_stay)


def _check(check: BorderCheck) -> Check:
    """Something that was found is as good as never looked at: its own condition says what to do about it."""
    if check.outcome == BorderCheck.Outcome.STOPPED:
        return Check(cleared_on=check.cleared_on)
    looked = check.border_database_checked_on or check.at.date()
    return Check(looked, check.cleared_on, skipped=check.outcome == BorderCheck.Outcome.SKIPPED)

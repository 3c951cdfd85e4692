"""Dates that run out on the way, for the desk: what a carrier holds, and what the clock of documents says is missing."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics import clock, clock_words, dispatch, zones
from logistics.models import Passage, Seat
from relocation.desk.panels import Todo, day_items
from relocation.models import Account, Case
from relocation.safety import access

AHEAD = timedelta(weeks=8)
SHOWN = 40  # ways out of the country


def of_case(case: Case, ways: Sequence[Passage], account: Account) -> Iterator[Todo]:
    """Everything that runs out on these ways of one case, however far ahead; the ways bring their seats as `taken`."""
    for way in ways:
        way.case = case
        yield from _holds(seat for seat in _seats(way) if _is_held(seat))
    yield from _papers([way for way in ways if way.purpose == Passage.Purpose.DEPARTURE], account)


@day_items("dates")
def of_day(account: Account) -> Iterator[Todo]:
    """What runs out on any way of the account's cases, in a constant number of queries."""
    cases = access.permitted(account, "travel.write")
    held = Seat.objects.filter(case__in=cases, given_up_at=None, ticketed_at=None, held_until__gt=timezone.now())
    yield from _holds(held.select_related("leg", "case").order_by("held_until")[:SHOWN])
    soon = Seat.objects.filter(given_up_at=None, leg__departs_at__range=(timezone.now(), timezone.now() + AHEAD))
    ways = Passage.objects.filter(
        case__in=cases, purpose=Passage.Purpose.DEPARTURE, state__in=dispatch.LIVE, pk__in=soon.values("passage")
    )
    for compartment in clock.EYES:
        ways = ways.filter(case__in=access.permitted(account, f"{compartment}.read"))
    yield from _told(list(ways.select_related("case").order_by("at")[:SHOWN]))


def _seats(way: Passage) -> list[Seat]:
    return way.taken  # type: ignore[attr-defined,no-any-return]  # prefetched


def _is_held(seat: Seat) -> bool:
    return seat.ticketed_at is None and seat.held_until is not None and seat.held_until > timezone.now()


def _holds(seats: Iterable[Seat]) -> Iterator[Todo]:
    for seat in seats:
        until = zones.in_words(seat.held_until or timezone.now(), seat.leg.from_zone)
        sentence = _("The carrier holds the seat no longer: %(leg)s") % {"leg": seat.leg}
        url = reverse("passages:leg", args=[seat.case_id, seat.passage_id, seat.pk])
        yield Todo(seat.case, sentence, _("Until %(when)s.") % {"when": until}, _("Note the ticket"), url, seat.held_until)


def _papers(ways: list[Passage], account: Account) -> Iterator[Todo]:
    if ways and clock.may_read(account, ways[0].case_id):
        yield from _told(ways)


def _told(ways: list[Passage]) -> Iterator[Todo]:
    """One row for each thing that is missing; a row for a day that is over says that it is late."""
    findings = clock.read(ways)
    for way in ways:
        for one in clock_words.told(findings.get(way.pk, []), way):
            if not one.holds:
                yield Todo(way.case, one.sentence, _before(one.due), one.label, one.url, one.due, one.late)


def _before(due: datetime | None) -> str:
    return _("Offices take their time.") if due and due > timezone.now() else ""

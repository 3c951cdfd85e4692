"""What the roads show at the desk: the travel panel of a case, and what somebody has to do today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics import check_ins, dates, receiving, zones
from logistics.check_ins import Watch
from logistics.dispatch import LIVE
from logistics.models import Leg, Passage, Seat
from relocation.desk.panels import Panel, Todo, day_items, panel
from relocation.desk.templatetags.harbour import span
from relocation.models import Account, Case
from relocation.safety import access

SOON = timedelta(days=7)
TICKETED_MODES = (Leg.Mode.TRAIN, Leg.Mode.BUS, Leg.Mode.PLANE, Leg.Mode.SHIP)


@panel("travel")
def travel(case: Case, account: Account) -> Panel | None:
    """The live passages with their legs, and a check-in that is overdue; for a receiver the last leg alone."""
    if not access.may(account, "travel.read", case.pk):
        return _receives(case, account)
    seats = Seat.objects.filter(given_up_at=None).select_related("leg__escort")
    ways = Passage.objects.filter(case=case, state__in=LIVE).prefetch_related(Prefetch("seats", seats, to_attr="taken"))
    shown = list(ways)
    context = {
        "case": case,
        "ways": shown,
        "due": check_ins.next_due(case),
        "plans": access.may(account, "travel.write", case.pk),
    }
    watch = check_ins.watch(case)
    logs = watch is not None and access.may(account, "card.write", case.pk)
    alarm = _overdue(watch) if logs and watch and watch.overdue_by else None
    return Panel("logistics/_travel.html", context, alarm, tuple(dates.of_case(case, shown, account)))


def _receives(case: Case, account: Account) -> Panel | None:
    if not access.may(account, receiving.RECEIVE, case.pk):
        return None
    return Panel("logistics/_receives.html", {"case": case, "seats": list(receiving.own_seats(account, case))})


@day_items("roads")
def roads(account: Account) -> Iterator[Todo]:
    """Overdue check-ins first, then those due today, departures today, seats without a ticket; two queries in all."""
    watches = check_ins.watched(account)
    yield from (_overdue(watch) for watch in watches if watch.overdue_by)
    yield from (_due(watch) for watch in watches if not watch.overdue_by and _within_a_day(watch.due))
    seats = _seats_soon(account)
    yield from (_departs(seat) for seat in seats if _departs_today(seat.leg))
    yield from (_without_ticket(seat) for seat in seats if _needs_ticket(seat))


def _overdue(watch: Watch) -> Todo:
    sentence = _("Check-in overdue by %(span)s") % {"span": span(watch.overdue_by)}
    return _check_in(watch, sentence, late=True)


def _due(watch: Watch) -> Todo:
    return _check_in(watch, _("Check-in due"), late=False)


def _check_in(watch: Watch, sentence: str, *, late: bool) -> Todo:
    heard = (
        _("Last heard from: %(when)s.") % {"when": zones.in_words(watch.heard_at, "UTC")}
        if watch.heard_at
        else _("Not heard from yet.")
    )
    url = reverse("passages:check_in", args=[watch.case.pk])
    return Todo(watch.case, sentence, heard, _("Log a check-in"), url, watch.due, late, rings=late)


def _within_a_day(due: datetime | None) -> bool:
    return due is not None and due <= timezone.now() + timedelta(hours=24)


def _seats_soon(account: Account) -> list[Seat]:
    """Seats that are not given up, on legs from now until a week from now, of cases whose ways this account plans."""
    now = timezone.now()
    ahead = Seat.objects.filter(
        leg__departs_at__gt=now,
        leg__departs_at__lte=now + SOON,
        given_up_at=None,
        progress=Seat.Progress.WAITING,
        passage__state__in=LIVE,
    )
    return list(ahead.filter(case__in=access.permitted(account, "travel.write")).select_related("case", "passage", "leg__escort"))


def _departs_today(leg: Leg) -> bool:
    """Today where the leg begins."""
    return leg.departs_local.date() == timezone.now().astimezone(leg.departs_local.tzinfo).date()


def _departs(seat: Seat) -> Todo:
    when = f"{seat.leg.departs_local:%H:%M} {zones.offset(seat.leg.departs_local)}"
    sentence = _("Departs today at %(when)s: %(leg)s") % {"when": when, "leg": seat.leg}
    escort = _("Escort: %(name)s.") % {"name": seat.leg.escort} if seat.leg.escort else _("No escort.")
    return _on_passage(seat, sentence, escort, _("Open the passage"))


def _needs_ticket(seat: Seat) -> bool:
    """Leaving the country every leg has its ticket; before that, what a carrier sells."""
    bought = seat.passage.purpose == Passage.Purpose.DEPARTURE or seat.leg.mode in TICKETED_MODES
    return bought and seat.ticketed_at is None


def _without_ticket(seat: Seat) -> Todo:
    when = zones.in_words(seat.leg.departs_at, seat.leg.from_zone)
    return _on_passage(
        seat,
        _("No ticket yet: %(leg)s") % {"leg": seat.leg},
        _("Departs %(when)s.") % {"when": when},
        _("Note the ticket"),
    )


def _on_passage(seat: Seat, sentence: str, detail: str, label: str) -> Todo:
    url = reverse("passages:passage", args=[seat.case_id, seat.passage_id])
    return Todo(seat.case, sentence, detail, label, url, seat.leg.departs_at)

"""What the roads put into a calendar feed: check-ins that are due, and the own legs, without a place."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from logistics import check_ins
from logistics.dispatch import LIVE
from logistics.escort import own_seats
from logistics.models import Seat
from relocation.desk.feed_events import Event, feed_events
from relocation.models import Account, Part
from relocation.safety import access

BACK = timedelta(days=7)


@feed_events("roads")
def events(account: Account) -> Iterator[Event]:
    """Of an escort the own legs; of the desk the legs and check-ins of the cases whose ways the account plans."""
    since = timezone.now() - BACK
    if account.part == Part.ROAD:
        seats = own_seats(account).filter(leg__arrives_at__gt=since)
    else:
        planned = Seat.objects.filter(given_up_at=None, passage__state__in=LIVE, leg__arrives_at__gt=since)
        seats = planned.filter(case__in=access.permitted(account, "travel.write")).select_related("case", "leg")
        yield from (Event("call", watch.case.alias, watch.plan.pk, watch.due) for watch in check_ins.watched(account))
    for seat in seats.filter(leg__cancelled_at=None):
        yield Event("way", seat.case.alias, seat.pk, seat.leg.departs_at, seat.leg.arrives_at)

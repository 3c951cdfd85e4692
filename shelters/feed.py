"""What the houses put into a calendar feed: who stays when, by alias, without a house."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from relocation.desk.feed_events import Event, feed_events
from relocation.models import Account, Part
from relocation.safety import access
from shelters.models import Stay

BACK = timedelta(days=7)
TOLD = (Stay.State.HELD, Stay.State.CONFIRMED, Stay.State.ARRIVED)


@feed_events("houses")
def events(account: Account) -> Iterator[Event]:
    """Of a host the guests that they were told of; of the desk the stays of the cases that the account places. Whole days."""
    stays = Stay.objects.filter(state__in=TOLD, nights__endswith__gt=timezone.localdate() - BACK).select_related("case")
    if account.part == Part.HOUSE:
        stays = stays.hosted_by(account)
    else:
        stays = stays.visible_to(account).filter(case__in=access.permitted(account, "place"))
    for stay in stays:
        if not stay.ran_out:
            yield Event("stay", stay.case.alias, stay.pk, stay.nights.lower, stay.nights.upper)

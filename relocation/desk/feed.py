"""A calendar feed in iCalendar (RFC 5545): what somebody has to do, by alias, in words that say nothing to others."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe
from icalendar import Calendar
from icalendar import Event as Entry

from relocation.desk.account import everybody
from relocation.desk.feed_events import WORDS, Event, offered
from relocation.journey import feeds
from relocation.journey.deadlines import WATCHED
from relocation.models import Account, Alarm, Deadline
from relocation.safety import access, throttle
from relocation.safety.actor import acting_as
from relocation.safety.confirm import confirmed
from relocation.safety.gate import Request, nothing_here, public
from relocation.safety.looks import seen_before

COUNTED = "feed"  # what wrong secrets are counted under, by the address they come from
BACK, AHEAD = timedelta(days=7), timedelta(days=180)
MOST = 500  # deadlines
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@public
@require_safe
@sensitive_variables()
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The feed of whoever the secret belongs to; whatever else is asked gets the page of what is not there."""
    tried = throttle.one_try(request, COUNTED)
    if throttle.is_locked(tried, COUNTED):
        return nothing_here(request)
    if (owner := feeds.owner_of(secret)) is None:
        throttle.failed(tried, COUNTED)
        return nothing_here(request)
    return seen_before(HttpResponse(_of(owner), content_type="text/calendar; charset=utf-8", headers=HEADERS))


def _of(owner: UUID) -> bytes:
    """The calendar, in the owner's language, of what they may know at this moment."""
    with acting_as(owner), transaction.atomic():
        account = Account.objects.get(pk=owner)
        feeds.note(account)
        with translation.override(account.language):
            return written(events(account))


def events(account: Account) -> list[Event]:
    """Deadlines of the account's cases, and what the upper rooms say."""
    now = timezone.now()
    dues = Deadline.objects.filter(case__in=access.permitted(account, "card.write"), done_at=None)
    dues = dues.filter(due_at__gte=now - BACK, due_at__lte=now + AHEAD).exclude(kind__in=WATCHED)
    dues = dues.exclude(what=Alarm.Kind.DURESS).select_related("case").order_by("due_at")
    return [Event("due", due.case.alias, due.pk, due.due_at) for due in dues[:MOST]] + offered(account)


def written(found: list[Event]) -> bytes:
    """The calendar as it is sent: lines of 75 octets at most, each ended by CR LF; no METHOD, since it is only read."""
    calendar, now = Calendar(), timezone.now()
    for name, value in (("prodid", "-//harbour//calendar//EN"), ("version", "2.0"), ("calscale", "GREGORIAN")):
        calendar.add(name, value)
    calendar.add("x-wr-calname", _("Appointments"))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for event in found:
        calendar.add_component(_entry(event, now))
    return bytes(calendar.to_ical())


def _uid(event: Event) -> str:
    """The same at each reading, and nothing by which the row could be found."""
    return salted_hmac("harbour.feed", f"{event.kind}|{event.about}", algorithm="sha256").hexdigest()[:32]


def _in_utc(when: datetime | date) -> datetime | date:
    """A moment in UTC, so that no calendar needs our time zones; a whole day as it is."""
    return when.astimezone(UTC) if isinstance(when, datetime) else when


def _entry(event: Event, now: datetime) -> Entry:
    """One event: its id is the same at each reading, so that a calendar moves it instead of adding another."""
    entry = Entry()
    entry.add("uid", f"{_uid(event)}@calendar")
    entry.add("dtstamp", now)
    entry.add("dtstart", _in_utc(event.start))
    if event.end is not None:
        entry.add("dtend", _in_utc(event.end))
    entry.add("summary", f"{WORDS[event.kind]}: {event.alias}")
    entry.add("class", "PRIVATE")
    return entry


@everybody
@confirmed()
@require_POST
def make(request: Request) -> HttpResponse:
    """Make a new address, which is shown once; the one before is dead."""
    address = request.build_absolute_uri(f"/calendar/{feeds.renew(by=request.user)}.ics")
    return seen_before(render(request, "entrance/feed.html", {"address": address}))


@everybody
@require_POST
def revoke(request: Request) -> HttpResponse:
    """End the feed."""
    if feeds.revoke(by=request.user):
        messages.success(request, _("The calendar address opens nothing any more."))
    return redirect("account")


urlpatterns: list[URLPattern] = [
    path("calendar/<str:secret>.ics", feed, name="feed"),
    path("account/calendar/", make, name="make-feed"),
    path("account/calendar/revoke/", revoke, name="revoke-feed"),
]

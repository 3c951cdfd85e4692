"""Arrival windows in words."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.desk.templatetags.harbour import plain_day
from shelters.models import Stay


def window(stay: Stay) -> str:
    """When somebody arrives, in the time of the house: "Today, 19:30 to 20:30"."""
    zone = ZoneInfo(stay.house.time_zone)
    start, end = stay.expected_from.astimezone(zone), stay.expected_until.astimezone(zone)
    told = {"day": _day(start, zone), "from": f"{start:%H:%M}", "until": f"{end:%H:%M}"}
    if start.date() == end.date():
        return _("%(day)s, %(from)s to %(until)s") % told
    return _("%(day)s, %(from)s to %(last)s, %(until)s") % (told | {"last": _day(end, zone)})


def _day(moment: datetime, zone: ZoneInfo) -> str:
    today: date = timezone.now().astimezone(zone).date()
    near = {today: _("Today"), today + timedelta(days=1): _("Tomorrow")}
    return near.get(moment.date()) or plain_day(moment.date())

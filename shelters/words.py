"""Languages and arrival windows in words."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from relocation.desk.templatetags.harbour import plain_day
from shelters.models import Stay

# Languages of the people who are brought out that Django has no name for (BCP 47).
NAMES = {
    "av": _l("Avar"), "ce": _l("Chechen"), "dar": _l("Dargwa"), "inh": _l("Ingush"),
    "kbd": _l("Kabardian"), "kum": _l("Kumyk"), "lez": _l("Lezgian"), "os": _l("Ossetian"),
}  # fmt: skip


def spoken(languages: Iterable[str]) -> list[str]:
    """Names for codes such as "ru"; whatever is no code that we know stays as it was written."""
    return [_name(language) for language in languages]


def _name(language: str) -> str:
    code = language.strip().lower()
    if code in NAMES:
        return str(NAMES[code])
    try:
        return str(_(get_language_info(code)["name"]))
    except KeyError:
        return language


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

"""What troubles a stay that stands: its house closes on its nights, or something was seen near it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.desk.panels import Todo
from shelters.models import Closure, Sighting, Stay


def troubled(stays: Iterable[Stay]) -> Iterator[Todo]:
    """What a lead should do about these stays, in two queries. A stay needs its case, house and bed."""
    stays = list(stays)
    houses = {stay.house_id for stay in stays}
    closures: dict[UUID, list[Closure]] = defaultdict(list)
    for closure in Closure.objects.standing().filter(house__in=houses, nights__endswith__gt=timezone.localdate()):
        closures[closure.house_id].append(closure)
    seen = {sighting.house_id: sighting for sighting in Sighting.objects.filter(house__in=houses, settled_at=None)}
    for stay in stays:
        if any(_is_on(closure, stay) for closure in closures[stay.house_id]):
            yield _closed(stay)
        if stay.house_id in seen:
            yield _seen(stay, seen[stay.house_id])


def _is_on(closure: Closure, stay: Stay) -> bool:
    nights = closure.nights
    return closure.shuts(stay.bed) and nights.lower < stay.nights.upper and stay.nights.lower < nights.upper


def _closed(stay: Stay) -> Todo:
    sentence = _("House %(house)s closes on nights of this stay. Move them in time.") % {"house": stay.house}
    return Todo(stay.case, sentence, label=_("Open the stay"), url=reverse("stays:stay", args=(stay.pk,)), late=True)


def _seen(stay: Stay, sighting: Sighting) -> Todo:
    told = {"house": stay.house, "what": sighting.get_what_display()}
    words = _("Seen near house %(house)s: %(what)s. Look into it.")
    if sighting.what not in Sighting.SEEN:
        words = _("House %(house)s: %(what)s. Look into it.")
    sentence = words % told
    return Todo(stay.case, sentence, label=_("Open the house"), url=reverse("stays:house", args=(stay.house_id,)), late=True)

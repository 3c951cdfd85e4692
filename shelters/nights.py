"""Which nights of which beds are taken, closed or free; never by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from relocation.safety.questions import answers, rows
from shelters.models import Bed, Closure, House

DAY = timedelta(days=1)
FURTHEST = timedelta(days=180)  # how far ahead somebody looks

BedNights = set[tuple[UUID, date]]  # (bed id, night)


@dataclass(frozen=True)
class Nights:
    """Which nights of which beds are taken or closed, and which night is the next one."""

    taken: BedNights
    closed: BedNights
    today: date

    def is_open(self, bed: Bed, night: date) -> bool:
        return bed.house.takes_people and (bed.pk, night) not in self.closed

    def is_free(self, bed: Bed, night: date) -> bool:
        return self.is_open(bed, night) and (bed.pk, night) not in self.taken


def look_at(beds: Sequence[Bed], first: date, until: date) -> Nights:
    """Taken and closed nights of these beds from `first` up to, not including, `until`."""
    return Nights(taken_nights(first, until), closed_nights(beds, first, until), timezone.localdate())


def taken_nights(first: date, until: date) -> BedNights:
    """(bed, night) for every night that is taken from `first` up to, not including, `until`; without saying by whom."""
    sql = "SELECT t.taken_bed, t.night FROM shelters_house h, harbour_taken_nights(h.id, %s, %s) t"
    return {(bed, night) for bed, night in rows(sql, first, until)}


def closed_nights(beds: Sequence[Bed], first: date, until: date) -> BedNights:
    """(bed, night) for every night on which the bed, its room or its house is closed."""
    closures: dict[UUID, list[Closure]] = {}
    for closure in Closure.objects.standing().between(first, until):
        closures.setdefault(closure.house_id, []).append(closure)
    found: BedNights = set()
    for bed in beds:
        for closure in closures.get(bed.house_id, ()):
            if closure.shuts(bed):
                begin, end = max(first, closure.nights.lower), min(until, closure.nights.upper or until)
                found |= {(bed.pk, begin + n * DAY) for n in range((end - begin).days)}
    return found


def free_beds(first: date, until: date) -> list[Bed]:
    """Beds of open houses that are open and free for every night from `first` up to, not including, `until`."""
    open_ones = Bed.objects.filter(house__is_open=True, house__compromised_at=None).select_related("room", "house")
    beds = list(open_ones.order_by("house__code", "room__name", "name"))
    shut = {bed for bed, _night in taken_nights(first, until) | closed_nights(beds, first, until)}
    return [bed for bed in beds if bed.pk not in shut]


def beds_in_use(house: House) -> set[UUID]:
    """The beds of one house that somebody has tonight or tomorrow night."""
    today = timezone.localdate()
    return set(answers("SELECT taken_bed FROM harbour_taken_nights(%s, %s, %s)", house.pk, today, today + 2 * DAY))

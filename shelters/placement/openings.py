"""What the houses have to offer on some nights: beds that are free on all of them, and whether anybody may be sent there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from shelters.fitting import vetted
from shelters.models import Bed, House
from shelters.nights import look_at


@dataclass(frozen=True)
class Opening:
    """One house and its free beds, rooms together."""

    house: House
    beds: tuple[Bed, ...]
    vetted: bool

    @property
    def largest_room(self) -> int:
        """The most beds that are free in one room."""
        return max(Counter(bed.room_id for bed in self.beds).values(), default=0)

    def choose(self, count: int, wanted: UUID | None = None) -> list[Bed]:
        """So many beds: in one room where that is possible, in the smallest that is large enough; `wanted` comes first."""
        rooms = [list(beds) for _room, beds in groupby(self.beds, key=lambda bed: bed.room_id)]
        rooms.sort(key=lambda beds: (all(bed.pk != wanted for bed in beds), len(beds) < count, len(beds)))
        beds = [bed for beds in rooms for bed in sorted(beds, key=lambda bed: bed.pk != wanted)]
        return beds[:count]


def openings(first: date, until: date) -> list[Opening]:
    """Every house, with the beds that are free from `first` up to, not including, `until`."""
    known = Bed.objects.select_related("room", "house__organisation")
    beds = list(known.order_by("house__code", "room__name", "room_id", "name"))
    found, days = look_at(beds, first, until), [first + timedelta(days=n) for n in range((until - first).days)]
    free = {bed.pk for bed in beds if all(found.is_free(bed, day) for day in days)}
    hosted = set(vetted().values_list("house", flat=True))
    return [Opening(own[0].house, tuple(bed for bed in own if bed.pk in free), house in hosted) for house, own in _by_house(beds)]


def _by_house(beds: Iterable[Bed]) -> list[tuple[UUID, list[Bed]]]:
    return [(house, list(own)) for house, own in groupby(beds, key=lambda bed: bed.house_id)]

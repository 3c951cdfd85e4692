"""Everything that a desk knows of one of its houses, and what is due there; what is sealed is opened on its own page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from relocation.models import Account
from relocation.models.languages import spoken
from relocation.safety import vault
from shelters import closing
from shelters.models import Bed, Closure, FreeBeds, House, Inspection, Keeper, Sighting, Vetting

SOON = timedelta(days=14)
MOST = 30  # rows of one kind


@dataclass(frozen=True)
class Host:
    """One host, and the newest vetting; `row` is what says that they keep the house."""

    row: int
    account: Account
    vetting: Vetting | None

    @property
    def vouched(self) -> bool:
        return self.vetting is not None and self.vetting.stands

    @property
    def due(self) -> bool:
        """It must be renewed within two weeks, or is missing."""
        return self.vetting is None or not self.vouched or self.vetting.renew_by <= timezone.localdate() + SOON


@dataclass(frozen=True)
class Known:
    """One house as its own desk sees it."""

    house: House

    @cached_property
    def beds(self) -> list[Bed]:
        return list(self.house.beds.select_related("room"))

    @cached_property
    def closures(self) -> list[Closure]:
        return list(closing.ahead(self.house, timezone.localdate()))

    @cached_property
    def inspections(self) -> list[Inspection]:
        return list(self.house.inspections.select_related("by")[:MOST])

    @cached_property
    def sightings(self) -> list[Sighting]:
        return list(self.house.sightings.select_related("by", "settled_by")[:MOST])

    @cached_property
    def hosts(self) -> list[Host]:
        newest: dict[UUID, Vetting] = {}
        for vetting in self.house.vettings.filter(withdrawn_at=None).select_related("by").order_by("renew_by"):
            newest[vetting.account_id] = vetting
        keepers = Keeper.objects.filter(house=self.house).select_related("account").order_by("account__name")
        return [Host(keeper.pk, keeper.account, newest.get(keeper.account_id)) for keeper in keepers]

    @cached_property
    def answer(self) -> FreeBeds | None:
        return self.house.answers.filter(undone_at=None).first()

    @property
    def languages(self) -> list[str]:
        return spoken(self.house.languages)

    @property
    def next_look(self) -> date | None:
        """When it is to be looked at again, at the latest."""
        return self.inspections[0].next_due if self.inspections else None

    @property
    def open_sightings(self) -> int:
        return sum(sighting.settled_at is None for sighting in self.sightings)

    @property
    def due(self) -> list[str]:
        """What somebody should do about this house, in sentences."""
        return list(self._due())

    def _due(self) -> Iterator[str]:
        if not self.beds:
            yield _("It has no beds yet.")
        if not any(host.vouched for host in self.hosts):
            yield _("Nobody has vouched for a host, or it must be renewed: the house receives nobody.")
        elif any(host.due for host in self.hosts):
            yield _("Somebody should vouch for a host again soon.")
        if self.next_look is None or self.next_look <= timezone.localdate():
            yield _("Somebody should look at the house.")
        if any(one.what == Sighting.What.ALARM and one.settled_at is None for one in self.sightings):
            yield _("An alarm was raised for it, and nobody has looked into it yet.")
        elif self.open_sightings:
            yield _("Something was seen near it, and nobody has looked into it yet.")


def known_of(house: House) -> Known:
    return Known(house)


def of_ours(account: Account) -> QuerySet[House]:
    """The houses of somebody's own organisation."""
    return House.objects.filter(organisation=account.organisation_id).select_related("organisation")


def opened(house: House, what: str, *, by: Account) -> list[tuple[Any, Any, str]]:
    """What is sealed of one kind: the row, the field's name, its text. Raises `Denied`, or `Http404` for another kind."""
    kinds: dict[str, tuple[QuerySet[Any] | list[House], tuple[str, ...]]] = {
        "door": ([house], ("meeting_point", "door_protocol")),
        "sightings": (house.sightings.all()[:MOST], ("words", "vehicle", "plate")),
        "looks": (house.inspections.all()[:MOST], ("finding",)),
        "hosts": (house.vettings.all()[:MOST], ("note",)),
        "closures": (house.closures.all()[:MOST], ("note",)),
    }
    if what not in kinds:
        raise Http404
    rows, names = kinds[what]
    return [line for row in rows for line in _lines(house, row, names, by)]


def _lines(house: House, row: Any, names: tuple[str, ...], by: Account) -> Iterator[tuple[Any, Any, str]]:
    if not any(getattr(row, name) is not None for name in names):
        return
    told = vault.read_of_place(row, *names, by=by, known_to=lambda _house: closing.works_for(by, house), purpose="house")
    yield from ((row, row._meta.get_field(name).verbose_name, told[name]) for name in names if told[name])

"""Holding beds for people who travel together: all of them in one house, or nobody; each through the door of the houses."""

from collections.abc import Sequence
from datetime import date, time
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from relocation.journey import household
from relocation.models import Account, Case
from relocation.safety import access
from shelters import hosting
from shelters.models import House, Stay
from shelters.placement.forms import window
from shelters.placement.openings import openings

Nights = tuple[date, date]


def together(case: Case, nights: Nights, by: Account) -> list[Case]:
    """The person, and whoever of the household `by` may place too and has no bed on these nights but in a burned house."""
    others = household.members(case, by).filter(pk__in=access.permitted(by, "place").values("pk"))
    placed = Stay.objects.standing().in_safe_houses().between(*nights).values("case")
    return [case, *others.exclude(pk__in=placed).order_by("alias")]


def hold_together(
    people: Sequence[Case], house: House, nights: Nights, arrives: tuple[time, time], *, by: Account, wanted: UUID | None = None
) -> list[Stay]:
    """Hold a bed for each, `wanted` first, for 24 hours. Raises what the door raises of any of them, and then holds none."""
    with transaction.atomic():
        House.objects.select_for_update().get(pk=house.pk)
        found = next((one for one in openings(*nights) if one.house.pk == house.pk), None)
        beds = found.choose(len(people), wanted) if found else []
        if len(beds) < len(people):
            sentence = _("There are no longer enough free beds in this house on these nights.")
            raise hosting.BedTaken(people[0].pk, "stay.hold", by.pk, sentence)
        told = window(house, nights[0], arrives)
        return [hosting.hold(bed, case, nights, window=told, by=by) for bed, case in zip(beds, people, strict=True)]


def without_a_bed(cases: Sequence[Case], nights: Nights) -> list[Case]:
    """Those who have no bed but in a burned house on these nights, as far as the acting account may know."""
    stays = Stay.objects.filter(case__in=cases).standing().in_safe_houses().between(*nights)
    placed = set(stays.values_list("case_id", flat=True))
    return [case for case in cases if case.pk not in placed]

"""Check-ins for a way: more often than otherwise, from the first leg's departure until the last has arrived."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from logistics.models import Passage, Seat
from relocation.journey import recording
from relocation.journey.codeword import plan_of
from relocation.models import Account, Case, CheckInPlan
from relocation.safety.refusal import Refusal

EVERY = 4  # hours


class NotWatched(Refusal):
    """There is nothing yet that could be watched over; the sentence says what is missing."""

    kind = "not_watched"


class WayForm(forms.Form):
    """How often somebody is heard from on the way."""

    every_hours = forms.IntegerField(label=gettext_lazy("every how many hours"), min_value=1, max_value=48, initial=EVERY)
    grace_minutes = forms.IntegerField(label=gettext_lazy("minutes of grace"), min_value=0, max_value=600, initial=30)
    step_minutes = forms.IntegerField(
        label=gettext_lazy("minutes until the next are told"), min_value=1, max_value=600, initial=15
    )


def may_watch(account: Account, case: Case) -> bool:
    """Whether this account plans check-ins."""
    return recording.may_write(account, CheckInPlan, case)


def of_way(way: Passage) -> CheckInPlan | None:
    """The plan for a passage: the newest."""
    return CheckInPlan.objects.filter(case=way.case_id, about=way.pk).last()


def watch_way(way: Passage, told: dict[str, Any], *, by: Account) -> CheckInPlan:
    """Plan check-ins for a passage; the person's own words count there too. Raises `Denied`, `NotWatched`."""
    legs = Seat.objects.filter(passage=way, given_up_at=None).order_by("leg__departs_at")
    span = legs.aggregate(first=Min("leg__departs_at"), last=Max("leg__arrives_at"))
    first = legs.select_related("leg").first()
    if first is None or plan_of(way.case) is None:
        words = _("Plan check-ins with the person first: the two words are agreed there.")
        raise NotWatched(way.case_id, "plan", by.pk, words if first else _("Add a leg first."))
    ends = span["last"] + timedelta(hours=told["every_hours"])
    plan = CheckInPlan(case=way.case, about=way.pk, starts_at=span["first"], ends_at=ends, zone=first.leg.from_zone, **told)
    return recording.write(plan, by=by)

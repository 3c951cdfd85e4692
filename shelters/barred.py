"""Who bars a host, a house or its organisation while a bed there waits for them is moved: the lead finds the task."""

from uuid import UUID

from django.utils import timezone

from relocation.journey import bars, kin
from relocation.journey.burned import MOVE, MOVE_WITHIN
from relocation.models import Account, Case, Deadline
from relocation.models.outbox import put
from relocation.models.pursuit import CONFLICTS
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.questions import answers
from shelters.company import hosts_and_places
from shelters.models import House


@bars.when_barred
def move_on(case: Case, by: Account) -> None:
    """Leave the lead the one task of moving, where a house on the person's way does not suit them any more."""
    houses = House.objects.filter(pk__in=houses_of(case.pk)).select_related("organisation")
    if access.may(by, "case.open", case.pk) and not all(_suits(house, case.pk) for house in houses):
        _leave_task(case, by)


def _suits(house: House, case_id: UUID) -> bool:
    hosts, places = hosts_and_places(house)
    return kin.may_come(case_id, hosts, places, kin=False)


def houses_of(case_id: UUID) -> list[UUID]:
    """Where the person sleeps or is expected, as the sweep that compares names may know it."""
    with acting_as(CONFLICTS):
        return answers("SELECT harbour_houses_of(%s)", case_id)


def _leave_task(case: Case, by: Account) -> None:
    if Deadline.objects.filter(case=case, kind=Deadline.Kind.MOVE, done_at=None).exists():
        return
    task = Deadline(case=case, by=by, kind=Deadline.Kind.MOVE, what=MOVE, due_at=timezone.now() + MOVE_WITHIN)
    task.save(force_insert=True)
    put("tell_lead", by=by, key=f"move:{task.pk}", case=case.pk)

"""Looking at a place alone: after breaking the glass, and while somebody is held, lost or known to the wrong people. Loud."""

from functools import partial
from uuid import UUID, uuid4

from django.db import transaction

from relocation.journey import on_call
from relocation.journey.silence import shown_standing
from relocation.models import Account, Alarm, Case, Standing, Whereabouts
from relocation.models.outbox import put
from relocation.safety import access, ledger, vault
from relocation.safety.policy import Compartment, Role

IN_DANGER = frozenset({Standing.COMPROMISED, Standing.DETAINED, Standing.LOST_CONTACT})


def may_look_alone(case: Case, by: Account) -> bool:
    """Whether `by` need not wait for a second person: the people on call and the lawyer, while an alarm is open."""
    if access.may(by, f"{Compartment.LOCATION}.reveal", case.pk):
        return True
    if shown_standing(case, by) not in IN_DANGER or not _alarms(case, by):
        return False
    mine = set(access.grants(by, "case.open").filter(content_object_id=case.pk).values_list("permission__codename", flat=True))
    return Role.LAWYER in mine or (Role.COORDINATOR in mine and by in [shift.account for shift in on_call.shifts()])


def _alarms(case: Case, by: Account) -> bool:
    return Alarm.objects.filter(case=case, closed_at=None).exclude(kind=Alarm.Kind.DURESS, by=by).exists()


def look_alone(case: Case, place: Whereabouts, *, by: Account, reason: str) -> str:
    """The place, for a reason that is kept; everybody on the case is told. Raises `Denied`."""
    with transaction.atomic():
        told = vault.reveal_alone(place, "place", by=by, reason=reason, alone=partial(_is_alone, case, by))
        ledger.record("incident.looked", case.pk, by=by, about=place.pk, reason=reason)
        put("tell_case", by=by, key=f"{place.pk}:{uuid4()}", about=by.pk, case=case.pk)
        return told


def _is_alone(case: Case, by: Account, case_id: UUID) -> bool:
    return case.pk == case_id and may_look_alone(case, by)

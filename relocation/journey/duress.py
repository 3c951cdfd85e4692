"""The duress word outside of a step: the case is compromised in silence, and nothing on the screen tells."""

from uuid import UUID

from django.db import transaction

from relocation.journey.alarms import raise_alarm
from relocation.journey.moving import NOT_YET_COMPROMISED
from relocation.journey.steps import Journey
from relocation.models import Account, Alarm
from relocation.safety import access
from relocation.safety.refusal import Denied


def duress_given(case_id: UUID, *, by: Account) -> Alarm:
    """Raise the alarm, and count the case as compromised where it is not worse already. Raises `Denied`.

    Version and dates stay: whoever has a page of the case open must not learn from it that something happened.
    """
    with transaction.atomic():
        journey = Journey._base_manager.select_for_update(no_key=True).filter(pk=case_id).first()
        if journey is None:
            raise Denied(case_id, "duress", by.pk)
        access.require(by, "card.write", case_id)
        falls = journey.standing in NOT_YET_COMPROMISED
        if falls:
            journey.fall_silent()
            journey.save(update_fields=["standing"])
        return raise_alarm(journey, Alarm.Kind.DURESS, by=by, moved=falls)

"""The door of break-glass: immediate, loud, for half an hour, and looked at by somebody else within a day."""

from uuid import UUID, uuid4

from django.db import transaction

from relocation.models import Account
from relocation.safety import access, ledger
from relocation.safety.policy import Role
from relocation.safety.questions import answer
from relocation.safety.refusal import Refusal


def break_glass(called: str, *, by: Account, reason: str) -> UUID | None:
    """Open the case of this code or alias. None for what is not opened, and why is never said. ValueError without a reason.

    A refusal is written here, since it is an answer and rolls nothing back.
    """
    if not reason.strip():
        raise ValueError("Say why.")
    row, grant = uuid4(), uuid4()
    try:
        with transaction.atomic():
            case_id: UUID | None = answer("SELECT harbour_break(%s, %s, %s)", called.strip(), row, grant)
            if case_id is not None:
                access.judged(by, Role.GLASS, case_id, by)
                ledger.record("glass.broken", case_id, by=by, about=grant, reason=reason)
            return case_id
    except Refusal as refused:  # somebody close to a pursuer: nothing of it stays, and it looks like a wrong name
        ledger.record("glass.refused", refused.case_id, by=by, about=by.pk)
        return None

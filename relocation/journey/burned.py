"""What a burned house or referral chain does to one case: it is compromised or only marked, and somebody must see to it."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy

from relocation.journey import on_call
from relocation.journey.advance import advance
from relocation.journey.moving import NOT_YET_COMPROMISED
from relocation.models import Account, Case, Deadline, Stage, system_account
from relocation.safety import access, ledger
from relocation.safety.access import CaseGrant
from relocation.safety.questions import answer
from relocation.safety.refusal import Denied, Refusal
from relocation.safety.sweeping import SWEEP

MOVE_WITHIN = timedelta(hours=6)  # for whoever sleeps there, or is on the way there
LOOK_WITHIN = timedelta(hours=24)
MOVE, LOOK = "move_house", "burned"  # what a deadline is about
STEP = "step.compromise"
OVER = (Stage.CLOSED, Stage.DECLINED)
WHY = {
    "same": gettext_lazy("You said this yourself: somebody else must agree."),
    "device": gettext_lazy("This was said on the same device. Agree on a device of your own."),
}


class NotSafe(Refusal):
    """A burned house or chain is not trusted again yet, and why."""

    kind = "not_safe"


def sweep() -> Account:
    """The system account that a burned house or chain is swept as."""
    return Account.objects.get(pk=system_account(SWEEP))


def touch(case_id: UUID, about: UUID, *, by: Account, reason: str, moves: bool = False, compromises: bool = True) -> bool:
    """Mark a case that a burned house or chain (`about`) touches; returns whether it is compromised by it.

    Acts as the sweep, which was let in by the database. Whoever is detained, withdrawn, already compromised or locked is marked
    only: their standing stays. `moves` opens the one task of moving, anything else the task of looking again.
    """
    ledger.record("case.marked", case_id, by=by, about=about, reason=reason)
    _leave_task(case_id, about, moves, by)
    case = access.permitted(by, STEP).select_for_update(no_key=True).filter(pk=case_id).first()
    if case is None:  # locked: whoever opens it again finds the task
        return False
    if compromises and case.standing in NOT_YET_COMPROMISED and case.stage not in OVER:
        advance(case.pk, "compromise", by=by, version=case.version, reason=reason)
        return True
    if moves:
        _let_on_call_in(case, by)
    return False


def leave(about: UUID, *, by: Account) -> None:
    """The sweep is done: it opens no case any more."""
    CaseGrant.objects.filter(user=by, scope=about).update(expires_at=Now())


def say_safe(function: str, about: UUID, place: UUID, kind: str, *, by: Account, reason: str, device: str) -> bool:
    """Say that what burned (`about`) is safe after all, or agree as the second person; true once two have said so.

    `function` is the database's; `place` is whose ledger says so, under codes of `kind`. Raises `Denied`, `NotSafe`.
    """
    said = str(answer(f"SELECT {function}(%s, %s)", about, hashlib.sha256(device.encode()).digest() if device else b""))
    if not said:
        raise Denied(place, f"{kind}.safe", by.pk)
    if said in WHY:
        raise NotSafe(place, f"{kind}.safe", by.pk, str(WHY[said]))
    ledger.record(f"{kind}.safe_again" if said == "undone" else f"{kind}.safe_asked", place, by=by, about=about, reason=reason)
    return said == "undone"


def _leave_task(case_id: UUID, about: UUID, moves: bool, by: Account) -> None:
    """One open move at a time, whatever burned first; looking again is asked for each time."""
    kind, what, within = (Deadline.Kind.MOVE, MOVE, MOVE_WITHIN) if moves else (Deadline.Kind.REVIEW, LOOK, LOOK_WITHIN)
    if moves and Deadline.objects.filter(case_id=case_id, kind=kind, done_at=None).exists():
        return
    due = timezone.now() + within
    Deadline(case_id=case_id, by=by, kind=kind, what=what, about=about, due_at=due).save(force_insert=True)


def _let_on_call_in(case: Case, by: Account) -> None:
    """A case whose standing stays raises no alarm: the people on call come in all the same, since somebody must be moved."""
    on_call.let_in(case, by=by, reason="burned house")

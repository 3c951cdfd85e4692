"""Closing what was left open: an emergency's review, an alarm, a condition that was set aside."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Hidden, Unmet, judge_for_eyes, name_of
from relocation.journey.looking_after import looked_after
from relocation.journey.step import STEPS, Step
from relocation.models import Account, Alarm, Case, Deadline
from relocation.safety import access, ledger
from relocation.safety.refusal import Denied, Refusal

GLASS = "glass"  # what a review is about when a case was opened in an emergency
WATCHED = (Deadline.Kind.REVIEW, Deadline.Kind.ALARM)


class StillOpen(Refusal):
    """It cannot be called done yet, and why."""

    kind = "still_open"


def close(deadline_id: UUID, *, by: Account, reason: str = "", verdict: str = "") -> Deadline:
    """Call a deadline done. Raises `Denied`, or `StillOpen` where something is missing or somebody else must look."""
    with transaction.atomic():
        deadline = Deadline.objects.select_for_update().filter(pk=deadline_id, done_at=None).first()
        if deadline is None:
            raise Denied(deadline_id, "deadline", by.pk)
        access.require(by, "approve" if deadline.kind in WATCHED else "card.write", deadline.case_id)
        if obstacle := in_the_way(deadline, by, reason):
            raise StillOpen(deadline.case_id, "deadline", by.pk, obstacle)
        deadline.done_at, deadline.done_by = timezone.now(), by
        deadline.save(update_fields=["done_at", "done_by"])
        if deadline.kind == Deadline.Kind.ALARM:
            Alarm.objects.filter(case_id=deadline.case_id, kind=deadline.what, closed_at=None).update(
                closed_at=deadline.done_at, closed_by=by
            )
        if verdict:
            ledger.record("glass.reviewed", deadline.case_id, by=by, about=deadline.by_id, detail=verdict, reason=reason)
        ledger.record(
            "deadline.done",
            deadline.case_id,
            by=by,
            about=deadline.pk,
            detail=f"{deadline.kind} {deadline.what}",
            reason=reason,
        )
        return deadline


def in_the_way(deadline: Deadline, by: Account, reason: str = "") -> str:
    """Why `by` cannot call it done; empty when they can."""
    if deadline.kind == Deadline.Kind.RETENTION:
        return _("This date closes by itself.")
    if deadline.kind == Deadline.Kind.SAFETY_CHECK and not looked_after(deadline.case, int(deadline.what)):
        return _("Ask the person how they are, and record it: an answer, or three attempts over two channels.")
    if deadline.kind == Deadline.Kind.REVIEW and deadline.by_id == by.pk:
        return _("Somebody other than whoever took the step must look at it.")
    if (deadline.what == GLASS or deadline.kind == Deadline.Kind.SECOND_LOOK) and not reason.strip():
        return _("Say what you found.")
    if deadline.kind == Deadline.Kind.MOVE and not reason.strip():
        return _("Say how the person is safe now. A move to another house closes this by itself.")
    if (
        deadline.kind == Deadline.Kind.OPEN_CONDITION
        and not reason.strip()
        and (unmet := still_missing(deadline.case, deadline.what, by))
    ):
        return _("%(missing)s Mend it, or say what was done instead.") % {"missing": unmet.sentence}
    return ""


def still_missing(case: Case, condition: str, by: Account) -> Unmet | None:
    """What is missing of a condition that an emergency set aside; None once it holds, or for a name nobody knows.

    Whoever is kept from the rows that decide it is told so, as of something missing.
    """
    step = next((step for step in STEPS.values() if condition in map(name_of, step.needs)), None)
    return _judged(case, step, condition, by) if step and step.application is None else None


def _judged(case: Case, step: Step, condition: str, by: Account) -> Unmet | None:
    needs = [need for need in step.needs if name_of(need) == condition]
    outcome = judge_for_eyes(needs, Attempt(case, step, by))[0].outcome
    if isinstance(outcome, Hidden):
        return Unmet(outcome.sentence, since=case.stage_since)
    return outcome if isinstance(outcome, Unmet) else None

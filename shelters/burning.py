"""The door of burned houses: one action, one transaction; and its undoing, which takes two people."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import burned
from relocation.journey.after import after
from relocation.journey.attempt import Attempt
from relocation.models import Account, Deadline
from relocation.safety import ledger
from relocation.safety.actor import acting_as
from relocation.safety.questions import answer, answers, one_at_a_time, rows
from relocation.safety.refusal import Denied
from shelters.models import House
from shelters.models.burn import Burn, Touched

# After any of these the person sleeps somewhere else.
MOVES_ON = (
    "move_house",
    "shelter",
    "abort",
    "depart",
    "pause_abroad",
    "turn_back",
    "extract_again",
    "return_home",
    "settle_here",
)


NotSafe = burned.NotSafe
PRESSED = 13  # a lock of its own, since whoever places somebody locks house and stay in an order of theirs


def may_burn(house_id: UUID) -> bool:
    """Whether the acting account is on call, or coordinates for the organisation whose house it is."""
    return bool(answer("SELECT harbour_may_burn(%s)", house_id))


def standing(house_id: UUID) -> Burn | None:
    """That the house is burned, as far as the acting account may know more than that."""
    return Burn.objects.filter(house_id=house_id, undone_at=None).select_related("by", "asked_by", "house").first()


def burn(house_id: UUID, *, by: Account, reason: str) -> Burn:
    """The house is known to the wrong people. Whoever presses second finds it done. Raises `Denied`; ValueError without reason.

    The database closes the house, says whom it touches and who knew, and ends what hosts and escorts knew (`burn_rules`);
    the sweep then compromises or marks each case and leaves its task.
    """
    if not reason.strip():
        raise ValueError("Say why.")
    with transaction.atomic():
        one_at_a_time(house_id, PRESSED)
        house = House.objects.filter(pk=house_id).first()
        if house is None or not may_burn(house_id):
            raise Denied(house_id, "house.burn", by.pk)
        if found := standing(house_id):
            return found
        row = Burn(house=house, by=by, reason=reason)
        row.save(force_insert=True)
        ledger.record("house.burned", house_id, by=by, about=row.pk, reason=reason)
        _sweep(row)
        return row


def _sweep(row: Burn) -> None:
    """Every case that the house touches, through the door of the journey, as the account that is named for it."""
    by = burned.sweep()
    with acting_as(by.pk):
        cases = answers("SELECT harbour_enter_burned(%s)", row.pk)
        touched = {one.case_id: one for one in Touched.objects.filter(burn=row, case__in=cases)}
        for case_id in cases:
            there = touched[case_id].was != Touched.Was.PAST
            burned.touch(case_id, row.pk, by=by, reason=_words(there), moves=there, compromises=there)
        burned.leave(row.pk, by=by)


def _words(there: bool) -> str:
    if there:
        return _("The house where the person stays, or was to stay, is known to the wrong people.")
    return _("A house where the person stayed before is known to the wrong people.")


def safe_again(row: Burn, *, by: Account, reason: str, device: str) -> bool:
    """Say that the house is safe after all, or agree to it as the second person within 72 hours, on a device of one's own.

    Cases stay compromised and tasks open: each is settled by whoever answers for it. Raises `Denied`, `NotSafe`, ValueError.
    """
    if not reason.strip():
        raise ValueError("Say why.")
    with transaction.atomic():
        one_at_a_time(row.house_id, PRESSED)
        return burned.say_safe("harbour_unburn", row.pk, row.house_id, "house", by=by, reason=reason, device=device)


@after(*MOVES_ON)
def moved_on(attempt: Attempt, was: str) -> None:
    """Whoever sleeps somewhere else now has been moved."""
    open_ones = Deadline.objects.filter(case_id=attempt.case.pk, kind=Deadline.Kind.MOVE, done_at=None)
    for due in open_ones:
        due.done_at, due.done_by = timezone.now(), attempt.by
        due.save(update_fields=["done_at", "done_by"])
        ledger.record("deadline.done", attempt.case.pk, by=attempt.by, about=due.pk, detail=f"{due.kind} {due.what}")


def counted(burn_id: UUID) -> list[tuple[str, int, int]]:
    """How many people a burned house touches and how many of them still must be moved, by what they were to it."""
    told = rows("SELECT was, people, left_there FROM harbour_burned_counted(%s)", burn_id)
    return [(str(was), int(people), int(left)) for was, people, left in told]

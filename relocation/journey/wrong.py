"""Something is wrong: said in own words by whoever is near the person, for one stay, leg or dossier."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from relocation.journey import alarms
from relocation.journey.advance import advance
from relocation.journey.alarms import raise_alarm
from relocation.journey.recording import held as locked
from relocation.journey.refusals import Blocked
from relocation.models import Account, Alarm
from relocation.safety import access
from relocation.safety.refusal import Stale

LONGEST = 400  # letters that a page takes
ADDED = gettext_lazy("Added to the alarm that you raised. The people on call have been told.")
WELL = gettext_lazy("Noted. The people on call make sure of it before they close the alarm, and may call you.")


@dataclass(frozen=True)
class Near:
    """By what somebody is near the person: the capability of a scoped role, and the stay, leg or dossier."""

    capability: str
    case_id: UUID
    scope: UUID


def said_words(posted: Mapping[str, str], who: str) -> str:
    """What a page was told; an alarm needs no words."""
    return posted.get("words", "").strip()[:LONGEST] or f"raised by the {who}, without words"


def something_is_wrong(near: Near, words: str, *, by: Account, held: bool = False) -> bool:
    """Tell the people on call; the case counts as compromised, or as detained where the person is `held`.

    An alarm is never too late and never refused for what somebody else changed. False where `by` raised it minutes ago: the
    words are added then, and nobody is woken twice. Raises `Denied` for whoever is not near.
    """
    kind = Alarm.Kind.DETAINED if held else Alarm.Kind.RAISED
    with transaction.atomic():
        locked(near.case_id)
        access.require(by, near.capability, near.case_id, scope=near.scope)
        if alarms.added(near.case_id, kind, by=by, reason=words):
            return False
        try:
            _take("detain" if held else "compromise", near, words, by)
        except (Blocked, Stale):
            case = access.permitted(by, near.capability).get(pk=near.case_id)
            raise_alarm(case, kind, by=by, reason=words)
        return True


def all_is_well(near: Near, *, by: Account) -> None:
    """Whoever raised the alarm takes it back; it stays open until somebody made sure. Raises `Denied`."""
    with transaction.atomic():
        locked(near.case_id)
        access.require(by, near.capability, near.case_id, scope=near.scope)
        alarms.take_back(near.case_id, by=by)


def _take(step: str, near: Near, words: str, by: Account) -> None:
    """Take the step on the case as it is; whoever changes it in the same moment is waited for, and it is tried once more."""
    for last in (False, True):
        version = access.permitted(by, near.capability).values_list("version", flat=True).get(pk=near.case_id)
        try:
            advance(near.case_id, step, by=by, version=version, reason=words)
            return
        except Stale:
            if last:
                raise

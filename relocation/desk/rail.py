"""The journey as a rail: which phases lie behind, where the case is, and what comes later."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.desk.onward import ENDED, Onward
from relocation.desk.silence import shut
from relocation.journey.stages import PHASES, Phase
from relocation.models import Account, Case, LedgerEntry, Stage


@dataclass(frozen=True)
class Stop:
    """One phase on the rail. Its mark is a character, since pictures may be switched off."""

    label: Any
    state: str
    mark: str
    hidden: Any
    small: Any = ""
    entered: datetime | None = None


def rail(case: Case, onward: Onward | None, by: Account) -> list[Stop]:
    """The seven phases as they stand now."""
    here = next(n for n, phase in enumerate(PHASES) if case.stage in phase.stages)
    entered, now = dict(_entered(case)), _here_for(case, by)
    return [_stop(n, phase, here, now, onward, entered.get(n)) for n, phase in enumerate(PHASES)]


def _entered(case: Case) -> Iterator[tuple[int, datetime]]:
    """When each phase was entered last, from the case's own history."""
    moves = LedgerEntry.objects.filter(case_id=case.pk).exclude(stage="").order_by("seq").values_list("stage", "at")
    before = None
    for stage, at in moves:
        phase = next((n for n, phase in enumerate(PHASES) if stage in phase.stages), None)
        if phase is not None and phase != before:
            yield phase, at
        before = phase


def _stop(n: int, phase: Phase, here: int, now: str, onward: Onward | None, entered: datetime | None) -> Stop:
    if n < here:
        return Stop(phase.label, "done", "✓", _("Done"), "" if entered else _("Not needed"), entered)
    if n == here:
        return Stop(phase.label, "now", str(n + 1), _("Current phase"), now)
    if n == here + 1 and onward and onward.needs and onward.leads_into(phase.stages):
        return Stop(phase.label, "stop", "!", _("Next, blocked"), onward.counted)
    return Stop(phase.label, "later", str(n + 1), _("Later"), _("Still to come"))


def _here_for(case: Case, by: Account) -> str:
    ended = Stage(case.stage) if case.stage in ENDED else None
    if said := ended or shut(case, by):
        return str(said.label)
    days = (timezone.now() - case.stage_since).days
    if days < 1:
        return _("Since today")
    return ngettext("Here for %(n)d day", "Here for %(n)d days", days) % {"n": days}

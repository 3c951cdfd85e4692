"""The next step as the case page shows it: what is in the way, who can mend it, and the one button that goes on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.desk.circle import Circle
from relocation.desk.history import condition
from relocation.desk.silence import shut
from relocation.journey import outlook
from relocation.journey.conditions import Hidden, Met, Unmet
from relocation.journey.stages import STEPS
from relocation.journey.step import Step
from relocation.models import Case, Stage, Standing

SECOND = "second_person"
ENDED = (Stage.DECLINED, Stage.CLOSED)
# The step that opens the way again.
BACK = {
    Standing.ON_HOLD: "resume",
    Standing.LOST_CONTACT: "find_again",
    Standing.COMPROMISED: "make_safe",
    Standing.DETAINED: "set_free",
    Standing.WITHDRAWN: "come_back",
    Standing.DECEASED: "correct_death",
}


@dataclass(frozen=True)
class Button:
    """Where a click leads."""

    label: Any
    url: str


@dataclass(frozen=True)
class Need:
    """One thing in the way, in words."""

    sentence: Any
    who: str = ""
    since: datetime | None = None
    due: datetime | None = None
    button: Button | None = None


@dataclass(frozen=True)
class Onward:
    """One step, judged, in the words of a page."""

    case: Case
    step: Step
    needs: list[Need]
    met: list[Met]
    primary: Button | None
    who: str
    hidden: list[str] = field(default_factory=list)

    @property
    def first(self) -> Need | None:
        """The one need whose button is the page's primary one."""
        return next((need for need in self.needs if need.button and need.button == self.primary), None)

    @property
    def total(self) -> int:
        return len(self.needs) + len(self.met) + len(self.hidden)

    @property
    def pips(self) -> list[str]:
        return ["y"] * len(self.met) + ["n"] * (len(self.needs) + len(self.hidden))

    @property
    def title(self) -> str:
        """The step, and how much is in its way."""
        if not self.needs:
            return str(self.step.label)
        words = ngettext("%(step)s: one thing is in the way", "%(step)s: %(n)d things are in the way", len(self.needs))
        return words % {"step": self.step.label, "n": len(self.needs)}

    @property
    def counted(self) -> str:
        return _("Blocked by %(n)d of %(total)d") % {"n": len(self.needs), "total": self.total}

    def leads_into(self, stages: tuple[Stage, ...]) -> bool:
        return bool({*self.step.targets} & {*stages})


def onward(case: Case, circle: Circle) -> Onward | None:
    """The step that leads on; None where the journey has ended."""
    return None if case.stage in ENDED else shown(case, outlook.onward(case, circle.account), circle)


def shown(case: Case, look: outlook.Outlook, circle: Circle) -> Onward:
    """An outlook in the words of a page."""
    unmet = [(j.name, j.outcome) for j in look.judged if isinstance(j.outcome, Unmet)]
    ready = all(name == SECOND for name, _outcome in unmet)
    needs = [need(case, look.step, name, outcome, circle, ready=ready) for name, outcome in unmet]
    if shut := standing_need(case, look.step, circle):
        needs.insert(0, shut)
    who = "" if look.mine else circle.ask(sorted(look.step.by))
    hidden = [f"{condition(j.name)}: {j.outcome.sentence}" for j in look.judged if isinstance(j.outcome, Hidden)]
    return Onward(case, look.step, needs, look.met, _primary(case, look, needs), who, hidden)


def need(case: Case, step: Step, name: str, unmet: Unmet, circle: Circle, *, ready: bool) -> Need:
    """One unmet condition: a button for whoever can mend it, a name for everybody else."""
    if name == SECOND:
        return _second(case, step, unmet, circle, ready)
    mine = bool(circle.mine & set(unmet.by)) or not unmet.by
    button = Button(unmet.mend.label, unmet.mend.url) if unmet.mend and mine else None
    return Need(unmet.sentence, "" if mine else circle.ask(unmet.by), unmet.since, unmet.due, button)


def _second(case: Case, step: Step, unmet: Unmet, circle: Circle, ready: bool) -> Need:
    names = circle.names(unmet.by)
    who = _("%(names)s can agree.") % {"names": ", ".join(names)} if names else ""
    label = _("Open the question") if unmet.since else _("Ask a second person")
    return Need(unmet.sentence, who, unmet.since, None, Button(label, step_url(case, step)) if ready else None)


def standing_need(case: Case, step: Step, circle: Circle) -> Need | None:
    """What to do where the way is not open."""
    closed = None if step.any_standing else shut(case, circle.account)
    if closed is None:
        return None
    back = STEPS[BACK[closed]]
    sentence = _("The way is not open: %(standing)s.") % {"standing": closed.label}
    mine = circle.may(back.capability)
    button = Button(back.label, step_url(case, back)) if mine else None
    return Need(sentence, "" if mine else circle.ask(sorted(back.by)), case.standing_since, None, button)


def _primary(case: Case, look: outlook.Outlook, needs: list[Need]) -> Button | None:
    """What unblocks, where something blocks; else the step itself, for whoever may take it."""
    if mends := [need.button for need in needs if need.button]:
        return mends[0]
    if not look.mine or (needs and look.step.facts is None):
        return None
    return Button(look.step.label, step_url(case, look.step))


def step_url(case: Case, step: Step) -> str:
    return reverse("desk:step", args=[case.pk, step.name])

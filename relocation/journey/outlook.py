"""What could be done next with a case, and what is in the way: the same conditions as `advance`, asked without moving."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from relocation.journey import approvals
from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Hidden, Judgement, Link, Met, Unmet, hidden, judge_for_eyes, may_look_into
from relocation.journey.silence import shown_standing
from relocation.journey.stages import ONWARD, STEPS
from relocation.journey.step import Step
from relocation.models import Account, Application, Case, Stage, Standing
from relocation.safety import access
from relocation.safety.policy import Compartment


@dataclass(frozen=True)
class Outlook:
    """One step as it stands now for one account."""

    step: Step
    judged: list[Judgement]
    mine: bool

    @property
    def unmet(self) -> list[Unmet]:
        return [j.outcome for j in self.judged if isinstance(j.outcome, Unmet)]

    @property
    def met(self) -> list[Met]:
        return [j.outcome for j in self.judged if isinstance(j.outcome, Met)]

    @property
    def hidden(self) -> list[Hidden]:
        return [j.outcome for j in self.judged if isinstance(j.outcome, Hidden)]

    @property
    def is_open(self) -> bool:
        return not self.unmet and not self.hidden


def onward(case: Case, by: Account) -> Outlook:
    """The step that leads on from where the case is."""
    return look(case, STEPS[ONWARD[Stage(case.stage)]], by)


def look(case: Case, step: Step, by: Account, facts: Any = None) -> Outlook:
    """Judge a step, usually without facts; what facts decide is judged when they are told."""
    application = None
    if step.application:
        application = Application.objects.filter(case=case, state=step.application).first()
    attempt = Attempt(case, step, by, facts, application)
    mine = access.may(by, step.capability, case.pk)
    if step.application and application is None:
        return Outlook(step, [Judgement("application", _no_application(attempt))], mine)
    judged = judge_for_eyes(step.needs, attempt)
    if step.second and mine:
        told = step.facts is None or facts is not None
        judged.append(Judgement("second_person", approvals.seen(attempt, judged) if told else approvals.word(attempt)))
    return Outlook(step, judged, mine)


def _no_application(attempt: Attempt) -> Unmet | Hidden:
    if not may_look_into(Compartment.POST, attempt):
        return hidden()
    assert attempt.step.application is not None
    sentence = _("No application is %(state)s.") % {"state": attempt.step.application.label}
    link = Link(_("Open the applications"), "desk:record", (attempt.case.pk, "application"))
    return Unmet(sentence, link, since=attempt.case.stage_since)


def others(case: Case, by: Account) -> list[Step]:
    """Every other step that leads on from here and that this account may take."""
    standing = shown_standing(case, by)
    return [
        step
        for step in STEPS.values()
        if step.name != ONWARD[Stage(case.stage)] and _leads_on(case, step, standing) and access.may(by, step.capability, case.pk)
    ]


def _leads_on(case: Case, step: Step, standing: Standing) -> bool:
    here = standing if step.column == "standing" else case.stage
    if here not in (*step.sources, *step.emergency_from):
        return False
    return step.any_standing or standing == Standing.ACTIVE

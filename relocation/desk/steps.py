"""The page of one step: what is true, what will happen, who agrees; and the hand-over to the journey's door."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from relocation.desk.circle import circle
from relocation.desk.forms import AgreedForm, EmergencyForm, StepForm
from relocation.desk.onward import SECOND, shown
from relocation.desk.reminding import RemindForm
from relocation.journey import approvals, on_call, outlook
from relocation.journey.advance import advance, ask_second
from relocation.journey.facts import secrets_of
from relocation.journey.reminding import reminders
from relocation.journey.silence import shown_standing
from relocation.journey.step import STEPS, Step
from relocation.models import Case, Stage, Standing
from relocation.safety.access import CAPABILITIES
from relocation.safety.device import device
from relocation.safety.gate import Request, case_page
from relocation.safety.policy import Role

APPROVERS = CAPABILITIES["approve"]
FEW = 3  # more stages than this are not worth reading out


@case_page("case.open")
def step(request: Request, case: Case, step: str) -> HttpResponse:
    """Show a step, or take it: plainly, as agreed, in an emergency, or by asking a second person first."""
    if step not in STEPS:
        raise Http404
    taking = Taking(request, case, STEPS[step])
    if request.method == "POST" and taking.submitted.is_valid():
        return taking.go()
    return render(request, "desk/step.html", taking.page())


class Taking:
    """One account's attempt at one step, as it stands on the page."""

    def __init__(self, request: Request, case: Case, step: Step) -> None:
        self.request, self.case, self.step, self.by = request, case, step, request.user
        self.asked = approvals.asked(case, step.capability, asker=self.by) if step.second else None
        self.given = self.asked if self.asked and self.asked.given else None
        self.secret = bool(step.facts and secrets_of(step.facts))
        self.look = outlook.look(case, step, self.by, facts=self._agreed_facts())
        self.form = self._form(StepForm, "take")
        self.emergency = self._form(EmergencyForm, "emergency") if self.look.mine and self._can_be_emergency() else None
        self.agreed = self._form(AgreedForm, "agreed") if self.given else None

    def _form(self, kind: type[StepForm], name: str) -> StepForm:
        chosen = self.request.method == "POST" and self.request.POST.get("do", "take") == name
        return kind(self.request.POST if chosen else None, case=self.case, step=self.step, auto_id=f"{name}-%s")

    def _can_be_emergency(self) -> bool:
        sources = (*self.step.sources, *self.step.emergency_from)
        over = self.case.standing in (Standing.WITHDRAWN, Standing.DECEASED)
        return self.step.can_be_emergency and getattr(self.case, self.step.column) in sources and not over

    def _agreed_facts(self) -> Any:
        """What was agreed to, where all of it was kept."""
        if not self.given or self.secret or self.step.facts is None:
            return None
        return approvals.facts_of(self.given, self.step.facts, {}, by=self.by)

    @property
    def submitted(self) -> StepForm:
        forms = {form.action: form for form in (self.form, self.emergency, self.agreed) if form}
        return forms.get(self.request.POST.get("do", "take"), self.form)

    @property
    def is_agreed(self) -> bool:
        """Whether a second person's word stands, as far as can be said before secrets are told again."""
        judged = [j for j in self.look.judged if j.name == SECOND]
        return all(j.met for j in judged) if judged else self.given is not None

    @property
    def asks(self) -> bool:
        """Whether the plain form asks a second person; what one agreed to is taken by a form of its own."""
        return self.step.second

    def go(self) -> HttpResponse:
        """Hand over to the door; what it refuses becomes a page at the edge."""
        form = self.submitted
        if form is self.form and self.asks:
            return self._ask(form)
        moved = advance(self.case, self.step.name, by=self.by, **self._told(form))
        messages.success(self.request, moved.sentence)
        return redirect("desk:case", self.case.pk)

    def _told(self, form: StepForm) -> dict[str, Any]:
        told = {name: form.cleaned_data[name] for name in ("version", "reason", "emergency") if name in form.cleaned_data}
        if form is not self.agreed:
            return told | {"facts": form.facts}
        assert self.given is not None
        facts = approvals.facts_of(self.given, self.step.facts, form.told, by=self.by) if self.step.facts else None
        return told | {"reason": approvals.grounds_of(self.given, by=self.by), "facts": facts}

    def _ask(self, form: StepForm) -> HttpResponse:
        told = {"version": form.cleaned_data["version"], "reason": form.cleaned_data["reason"], "facts": form.facts}
        ask_second(self.case, self.step.name, by=self.by, session=device(self.request), **told)
        names = get_text_list(circle(self.case, self.by).names(APPROVERS), _("or"))
        messages.success(
            self.request,
            _("%(names)s can agree now. You are told when somebody has answered.") % {"names": names or _("The people on call")},
        )
        return redirect("desk:case", self.case.pk)

    def page(self) -> dict[str, Any]:
        """What the template shows."""
        around = circle(self.case, self.by)
        return self._second() | {
            "case": self.case,
            "step": self.step,
            "onward": shown(self.case, self.look, around),
            "form": self.form,
            "show_form": self._shows_form(),
            "emergency": self.emergency,
            "on_call": [str(shift.account) for shift in on_call.shifts()],
            "effect": effect(self.case, self.step, shown_standing(self.case, self.by)),
            "told": told_to(around.names([Role.LEAD])),
        }

    def _second(self) -> dict[str, Any]:
        waits = self.asked if self.asked and self.asked.given is None else None
        noted = {"remind": RemindForm(None, waits), "reminders": reminders(waits)} if waits else {}
        return noted | {"asked": self.asked, "asks": self.asks, "agreed": self.agreed, "is_agreed": self.is_agreed}

    def _shows_form(self) -> bool:
        """A form that cannot succeed is not shown; where facts may decide, it can."""
        hard = [j for j in self.look.judged if not j.met and j.name != SECOND]
        leads = leads_on(self.case, self.step, shown_standing(self.case, self.by))
        return self.look.mine and leads and (not hard or self.form.decides)


def leads_on(case: Case, step: Step, standing: Standing) -> bool:
    """Whether the step leads on from here at all, for whoever may take it; `standing` as they may see it."""
    here = standing if step.column == "standing" else case.stage
    return here in step.sources and (step.any_standing or standing == Standing.ACTIVE)


def effect(case: Case, step: Step, standing: Standing) -> str:
    """What the case will be afterwards; `standing` as the account may see it."""
    kind: Any = Stage if step.column == "stage" else Standing
    if not step.targets:
        return _("The journey stays where it is: %(stage)s.") % {"stage": Stage(case.stage).label}
    chosen = len(step.targets) > FEW
    labels = _("the stage that you choose") if chosen else get_text_list([str(kind(t).label) for t in step.targets], _("or"))
    if step.application:
        return _("The application moves on; the journey is then at the stage of the furthest application.")
    if step.column == "stage":
        return _("The journey goes from %(was)s to %(now)s.") % {"was": Stage(case.stage).label, "now": labels}
    return _("The case, now %(was)s, will be %(now)s.") % {"was": standing.label, "now": labels}


def told_to(leads: list[str]) -> str:
    """Who hears of it: leads by a mail that says nothing, everybody else in the history."""
    if not leads:
        return _("Whoever can open the case sees it in its history.")
    sentence = _("%(names)s: by a mail that says only that something waits. Whoever can open the case sees it in its history.")
    return sentence % {"names": get_text_list(leads, _("and"))}

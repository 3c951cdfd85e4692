"""A step for a whole wave: choose it, say what is the same for all, and read what became of everybody."""

from dataclasses import dataclass, field
from typing import Any, get_type_hints
from uuid import UUID, uuid4

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.circle import circle
from relocation.desk.forms import field_for, words
from relocation.desk.onward import Onward, shown
from relocation.desk.waves import departs
from relocation.journey import outlook, readiness, turns, waves
from relocation.journey.step import STEPS, Step
from relocation.models import Account, Case, Turn, Wave
from relocation.safety import looks
from relocation.safety.device import device
from relocation.safety.gate import Request, id_in, portal


class TogetherForm(forms.Form):
    """Who takes the step, what is the same for all of them, and why. The token makes pressing twice harmless."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    people = forms.MultipleChoiceField(label=gettext_lazy("For whom"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any, step: Step, cases: list[Case]) -> None:
        super().__init__(data, initial={"token": uuid4()}, auto_id="f-%s", use_required_attribute=False)
        self.step, self.cases = step, cases
        people: Any = self.fields["people"]
        people.choices = [(f"{case.pk}:{case.version}", f"{case.alias} · {case.get_stage_display()}") for case in cases]
        people.initial = [value for value, _label in people.choices]
        people.error_messages |= {
            "required": _("Tick at least one person."),
            "invalid_choice": _("Somebody’s case has changed since this page was opened. Look at it anew."),
        }
        for fact in turns.asked_once(step):
            self.fields[fact.name] = field_for(fact, get_type_hints(step.facts)[fact.name], cases[0], step)
        self.fields["reason"] = words(_("Why"), required=step.reason, help_text=_("Kept sealed in the history of each case."))

    @property
    def chosen(self) -> list[turns.Chosen]:
        """The people who were ticked, each with the version that was looked at."""
        pairs = (value.split(":") for value in self.cleaned_data["people"])
        return [turns.Chosen(UUID(pk), int(version)) for pk, version in pairs]

    @property
    def told(self) -> dict[str, Any]:
        """What is the same for all, by the facts' own names."""
        return {fact.name: self.cleaned_data[fact.name] for fact in turns.asked_once(self.step)}


@portal("desk")
def wave_steps(request: Request, wave_id: UUID) -> HttpResponse:
    """Show the steps that some of the wave could take next, and for how many."""
    wave, by = waves.find(wave_id, request.user), request.user
    sight = readiness.look(wave, waves.people(wave, by), by)
    ways = [(STEPS[name], len(turns.could_take(sight, STEPS[name]))) for name in turns.TOGETHER]
    context = {"wave": wave, "departs": departs(wave), "ways": [(step, n) for step, n in ways if n]}
    return render(request, "waves/steps.html", context)


@portal("desk")
def wave_step(request: Request, wave_id: UUID, step: str) -> HttpResponse:
    """Ask a step for those who are ticked; everybody passes their own gate."""
    if step not in turns.TOGETHER:
        raise Http404
    wave, by = waves.find(wave_id, request.user), request.user
    if asked := _asked_before(request, wave):
        return redirect("desk:wave_turns", wave.pk, asked)
    sight = readiness.look(wave, waves.people(wave, by), by)
    cases = turns.could_take(sight, STEPS[step])
    form = TogetherForm(request.POST or None, STEPS[step], cases) if cases and not wave.closed_at else None
    if request.method == "POST" and form is not None and form.is_valid():
        token, reason = form.cleaned_data["token"], form.cleaned_data["reason"]
        turns.ask(wave, step, form.chosen, form.told, token=token, reason=reason, by=by, device=device(request))
        return redirect("desk:wave_turns", wave.pk, token)
    return render(request, "waves/step.html", {"wave": wave, "step": STEPS[step], "form": form})


def _asked_before(request: Request, wave: Wave) -> UUID | None:
    """The step that this very form has asked for already."""
    token = id_in(request.POST.get("token", ""))
    return token and wave.steps.filter(pk=token, by=request.user).values_list("pk", flat=True).first()


@dataclass
class Result:
    """What became of everybody, by outcome; for the refused, what is in the way now."""

    done: list[Turn] = field(default_factory=list)
    asked: list[Turn] = field(default_factory=list)
    waits: list[Turn] = field(default_factory=list)
    refused: list[tuple[Turn, Onward | None, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.done) + len(self.asked) + len(self.waits) + len(self.refused)

    @property
    def judged(self) -> int:
        return self.total - len(self.waits)


@portal("desk")
def wave_turns(request: Request, wave_id: UUID, wavestep_id: UUID) -> HttpResponse:
    """Show how far a step for the wave is, and afterwards who took it, who is asked for, and what stopped the others."""
    wave = waves.find(wave_id, request.user)
    asked, found = turns.of_mine(wavestep_id, wave, request.user)
    result = _result(found, STEPS[asked.step], request.user)
    context = {"wave": wave, "asked": asked, "step": STEPS[asked.step], "result": result}
    if request.headers.get("HX-Request"):
        return render(request, "waves/_turns.html", context | {"polled": True})
    response = render(request, "waves/turns.html", context)
    looks.note(request, response, wave.pk)
    return response


def _result(found: list[Turn], step: Step, by: Account) -> Result:
    result = Result()
    waiting = any(turn.outcome == Turn.Outcome.WAITS for turn in found)
    for turn in found:
        if turn.outcome == Turn.Outcome.REFUSED:
            result.refused.append((turn, *_why(turn, step, by, waiting)))
        else:
            {"done": result.done, "asked": result.asked, "waits": result.waits}[turn.outcome].append(turn)
    return result


def _why(turn: Turn, step: Step, by: Account, waiting: bool) -> tuple[Onward | None, str]:
    """What is in the way now, with whoever can mend it; while others still wait, only that it was refused."""
    if waiting:
        return None, ""
    if not turn.unmet:
        return None, turns.sentence_of(turn)
    onward = shown(turn.case, outlook.look(turn.case, step, by), circle(turn.case, by))
    return onward, "" if onward.needs or onward.hidden else _("Nothing is in the way any more. Take the step again.")

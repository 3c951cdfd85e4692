"""A step for a whole wave: everybody takes it through their own gate, one after the other, each in a transaction of their own.

What was asked for is kept, sealed, and a waiting turn for each person, before the first is judged. So a worker that dies in the
middle leaves whole people only, and whoever comes next goes on with those who wait. Reading it is one entry of the asker's own
chain: a large wave is no reading of many cases.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from relocation.journey import approvals
from relocation.journey.advance import advance, ask_second
from relocation.journey.facts import CHANNELS, CHECKLISTS, kept, told_again
from relocation.journey.readiness import Sight
from relocation.journey.refusals import Blocked
from relocation.journey.silence import shown_standings
from relocation.journey.step import STEPS, Step
from relocation.journey.waves import find, people
from relocation.models import Account, Application, Case, Outbox, Standing, Turn, Wave, WaveStep
from relocation.models.outbox import done, put
from relocation.safety import ledger, vault
from relocation.safety.refusal import Denied, Refusal

# Steps that may be asked for everybody at once. What each person alone can tell (a codeword, a receipt of a post, how they
# were turned back) is told on their own page.
TOGETHER = ("verify", "accept", "extract", "shelter", "document", "apply", "lodge", "depart", "hold", "resume")
NONE = UUID(int=0)


@dataclass(frozen=True)
class Chosen:
    """One person for whom a step is asked, as their case was when somebody looked at it."""

    case_id: UUID
    version: int


def asked_once(step: Step) -> list[Any]:
    """What a step must be told that is the same for everybody; what is secret or a person's own is not asked."""
    told = fields(step.facts) if step.facts else ()
    own = (CHANNELS, CHECKLISTS, "applications")
    return [fact for fact in told if not fact.metadata["secret"] and fact.metadata["choices"] not in own]


def could_take(sight: Sight, step: Step) -> list[Case]:
    """Those of the wave from where the step leads on, and for whom the account takes it; no condition is judged yet."""
    shown = shown_standings(sight.by)
    return [case for case in sight.cases if _leads_on(case, step, shown) and sight.may(step.capability, case)]


def _leads_on(case: Case, step: Step, shown: Mapping[UUID, Standing]) -> bool:
    standing = shown.get(case.pk, Standing(case.standing))
    here = standing if step.column == "standing" else case.stage
    return here in step.sources and (step.any_standing or standing == Standing.ACTIVE)


def ask(
    wave: Wave,
    step: str,
    chosen: Iterable[Chosen],
    told: Mapping[str, Any],
    *,
    token: UUID,
    reason: str,
    by: Account,
    device: str,
) -> WaveStep:
    """Ask for a step for these people of the wave; asked again with the same `token` nothing is added.

    `told` is what `asked_once` asks for; `device` names the browser, for steps that a second person must agree to.
    Raises `Denied` for a step that is none of `TOGETHER`, and for a wave that `by` may not see.
    """
    if step not in TOGETHER:
        raise Denied(by.pk, f"wave.step.{step}", by.pk)
    with transaction.atomic():
        wave = find(wave.pk, by)
        words = {"reason": reason, "device": device, "facts": kept(_facts(STEPS[step], told, NONE))}
        asked, new = _asked(token, wave, step, by, json.dumps(words))
        if not new:
            return asked
        versions = {one.case_id: one.version for one in chosen}
        for case in people(wave, by):
            if case.pk in versions:
                Turn(case=case, by=by, wavestep=asked, version=versions[case.pk]).save(force_insert=True)
        ledger.record("wave.step", wave.pk, by=by, about=asked.pk, detail=step)
        put("wave_step", by=by, key=str(asked.pk), wavestep=asked.pk)
        return asked


def _asked(token: UUID, wave: Wave, step: str, by: Account, told: str) -> tuple[WaveStep, bool]:
    """The step of this token, and whether it is new. Raises `Denied` for a token of somebody else's."""
    if asked := WaveStep.objects.filter(pk=token, by=by).first():
        return asked, False
    asked = WaveStep(pk=token, wave=wave, organisation_id=wave.organisation_id, step=step, by=by, told=told)
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
            return asked, True
    except IntegrityError:
        raise Denied(by.pk, "wave.step", by.pk) from None


def _application(case_id: UUID, step: Step) -> UUID:
    """The one application that the step is about; of two, nobody but the lead chooses, on the case's own page."""
    found = list(Application.objects.filter(case=case_id, state=step.application).values_list("pk", flat=True)[:2])
    return found[0] if len(found) == 1 else NONE


def _facts(step: Step, told: Mapping[str, Any], application: UUID) -> Any:
    if step.facts is None:
        return None
    return step.facts(**told, **({"application": application} if step.application else {}))


@dataclass(frozen=True)
class Told:
    """What is the same for everybody, read once: the reason, the facts, and the browser that asked."""

    reason: str
    facts: str
    device: str


def read(asked: WaveStep) -> Told:
    """What was told when the step was asked for. Raises `Denied` for whoever did not ask."""
    with transaction.atomic():
        return Told(**json.loads(vault.read_kept(asked, "told", by=asked.by)["told"]))


def take_all(asked: WaveStep) -> None:
    """Let everybody who waits have their turn, and forget what was told. No turn is taken twice, whoever else is at it."""
    with transaction.atomic():
        waiting = list(_waiting(asked).values_list("pk", flat=True))
    told = read(asked) if waiting else None
    for turn in waiting:
        assert told is not None
        take(turn, told, by=asked.by)
    with transaction.atomic():
        WaveStep.objects.filter(pk=asked.pk).update(told=None)


def _waiting(asked: WaveStep) -> QuerySet[Turn]:
    return Turn.objects.filter(wavestep=asked, outcome=Turn.Outcome.WAITS).order_by("at", "pk")


def take(turn_id: UUID, told: Told, *, by: Account) -> None:
    """One person's turn: the step with its outcome, or a refusal with its reasons, and nothing of half of it."""
    with transaction.atomic():
        waits = Turn.objects.select_for_update(of=("self",)).filter(pk=turn_id, outcome=Turn.Outcome.WAITS)
        if (turn := waits.select_related("wavestep").first()) is None:
            return
        try:
            with transaction.atomic():
                turn.outcome = _through_the_gate(turn, told, by)
        except Refusal as refusal:
            _refused(turn, refusal)
        turn.save(update_fields=["outcome", "why", "unmet"])


def _through_the_gate(turn: Turn, told: Told, by: Account) -> str:
    """Take the step, asking a second person first where it needs one. Raises what `advance` raises."""
    step = STEPS[turn.wavestep.step]
    facts: Any = told_again(step.facts, told.facts, {}) if step.facts else None
    if step.application:
        facts = replace(facts, application=_application(turn.case_id, step))
    given: dict[str, Any] = {"by": by, "version": turn.version, "reason": told.reason, "facts": facts}
    if step.second:
        return _with_a_second_person(turn, step, given, told.device)
    advance(turn.case_id, step.name, **given)
    return Turn.Outcome.DONE


def _with_a_second_person(turn: Turn, step: Step, given: dict[str, Any], device: str) -> str:
    """Take the step as somebody agreed to it; where nobody was asked yet, or did not agree, ask anew."""
    by = given["by"]
    case = Case.objects.visible_to(by).filter(pk=turn.case_id).first()
    if case is None:
        raise Denied(turn.case_id, step.capability, by.pk)
    asked = approvals.asked(case, step.capability, asker=by)
    if asked is None or asked.given is False:
        ask_second(case, step.name, session=device, **given)
    if asked is None or not asked.given:
        return Turn.Outcome.ASKED
    facts = approvals.facts_of(asked, step.facts, {}, by=by) if step.facts else None
    advance(case, step.name, **given | {"reason": approvals.grounds_of(asked, by=by), "facts": facts})
    return Turn.Outcome.DONE


def _refused(turn: Turn, refusal: Refusal) -> None:
    """The refusal is an entry of the ledger as it is everywhere, and its codes are kept for whoever asked."""
    ledger.record(refusal.entry, refusal.case_id, by=refusal.by, detail=refusal.detail)
    turn.outcome, turn.why = Turn.Outcome.REFUSED, refusal.kind[:20]
    turn.unmet = [judgement.name[:40] for judgement in refusal.unmet] if isinstance(refusal, Blocked) else []


def of_mine(token: UUID, wave: Wave, by: Account) -> tuple[WaveStep, list[Turn]]:
    """A step that `by` asked for in this wave, with everybody's turn whom they may still open. Raises `Denied`."""
    asked = WaveStep.objects.filter(pk=token, wave=wave, by=by).first()
    if asked is None:
        raise Denied(by.pk, "wave.step", by.pk)
    mine = Turn.objects.filter(wavestep=asked, case__in=Case.objects.visible_to(by)).select_related("case")
    return asked, list(mine.order_by("case__alias"))


def sentence_of(turn: Turn) -> str:
    """Why a turn was refused, where no condition says it."""
    words = {
        "stale": _("Somebody else changed the case in the meantime. Look at it, and try again."),
        "denied": _("The step is not yours to take any more."),
        "not_answered": _("A second person could not be asked from this browser. Sign in again, and ask once more."),
    }
    return words.get(turn.why, _("It was not possible just now. Try again on the page of the case."))


def work(row: Outbox) -> None:
    """The job of one step: everybody's turn, then the end of the job."""
    with transaction.atomic():
        asked = WaveStep.objects.select_related("by").filter(pk=row.ids["wavestep"], by=row.originator).first()
    if asked is not None:
        take_all(asked)
    with transaction.atomic():
        done(row)

"""The door: the only place that moves a case. One transaction: lock, load, permit, judge, move, record, notify."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from relocation.journey import approvals, silence
from relocation.journey.after import follow
from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Judgement, Unmet, judge
from relocation.journey.facts import in_words
from relocation.journey.refusals import Blocked
from relocation.journey.stages import STEPS, Journey
from relocation.journey.step import Step
from relocation.models import Account, Alarm, Application, Approval, Case, Deadline, LedgerEntry, Stage, Standing
from relocation.models.outbox import put
from relocation.safety import access, ledger
from relocation.safety.refusal import Busy, Denied, Stale

REVIEW_WITHIN = timedelta(hours=24)
PATIENCE = "15s"  # how long one waits for a case that somebody else holds
# What may be said of a case that fell silent: it makes nothing more open than it is.
STILL_SAID = ("compromise", "detain", "lose_contact", "record_death")
SAVED = ("stage", "standing", "stage_since", "standing_since", "version", "retain_until")


@dataclass(frozen=True)
class Moved:
    """What a step did, and the sentence that says so."""

    case: Case
    step: Step
    was: str
    now: str
    sentence: str


def advance(
    case: Case | UUID, step: str, *, by: Account, version: int, reason: str = "", emergency: str = "", facts: Any = None
) -> Moved:
    """Take a step. Raises `Denied` (no such case, or not yours), `Stale` (somebody moved it first, or holds it), `Blocked`."""
    case_id = case if isinstance(case, UUID) else case.pk
    with transaction.atomic():
        attempt = begin(case_id, step, by=by, version=version, reason=reason, emergency=emergency, facts=facts)
        if _held_back(attempt):
            raise Busy(case_id, f"step.{step}", by.pk)
        judged = judge(attempt.step.needs, attempt)
        _let_through(attempt, judged)
        return _move(attempt, judged, reason)


def ask_second(
    case: Case, step: str, *, by: Account, version: int, reason: str = "", facts: Any = None, session: str = ""
) -> Approval:
    """Ask for a second person's word on a step that is possible otherwise. Raises as `advance` does; nothing moves."""
    with transaction.atomic():
        attempt = begin(case.pk, step, by=by, version=version, reason=reason, facts=facts)
        judged = judge(attempt.step.needs, attempt)
        if unmet := [j for j in judged if not j.met]:
            raise Blocked(attempt, unmet)
        return approvals.ask(attempt, judged, reason=reason, session=session)


def begin(
    case_id: UUID, step: str, *, by: Account, version: int, reason: str = "", emergency: str = "", facts: Any = None
) -> Attempt:
    """Lock the case, load it afresh, ask access after the lock, and see whether the step leads on from here."""
    journey = _locked(case_id, step, by)
    if journey is None or step not in STEPS or not access.may(by, STEPS[step].capability, case_id):
        raise Denied(case_id, f"step.{step}", by.pk)
    if journey.version != version:
        raise Stale(case_id, f"step.{step}", by.pk, _last_change(journey, by))
    application = _application(journey, STEPS[step], facts)
    attempt = Attempt(journey, STEPS[step], by, facts, application, emergency.strip(), reason)
    if obstacle := _obstacle(attempt, silence.shown_standing(journey, by)):
        raise Blocked(attempt, [Judgement("possible", Unmet(obstacle, by=()))])
    return attempt


def _locked(case_id: UUID, step: str, by: Account) -> Journey | None:
    """The case, locked. Raises `Busy` where somebody else holds it for longer than one waits."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            journey = Journey._base_manager.select_for_update(no_key=True).filter(pk=case_id).first()
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
            return journey
    except OperationalError as error:
        if "lock timeout" not in str(error):
            raise
        raise Busy(case_id, f"step.{step}", by.pk) from None


def _last_change(case: Case, by: Account) -> str:
    """Who took which step last, for whoever comes too late."""
    steps = LedgerEntry.objects.filter(case_id=case.pk, what__startswith="step.").exclude(silence.unsaid(case, by))
    last = steps.order_by("seq").last()
    if last is None:
        return ""
    who, name = Account.objects.filter(pk__in=[last.actor_id]).first(), last.what.removeprefix("step.")
    label = STEPS[name].label if name in STEPS else name
    moment = date_format(timezone.localtime(last.at), "DATETIME_FORMAT")
    return _("%(name)s took the step “%(step)s” on %(moment)s.") % {"name": who, "step": label, "moment": moment}


def _application(case: Case, step: Step, facts: Any) -> Application | None:
    """The application that the facts name, in the state that the step needs; locked."""
    if step.application is None or facts is None:
        return None
    wanted = Application.objects.select_for_update().filter(case=case, pk=facts.application, state=step.application)
    return wanted.first()


def _obstacle(attempt: Attempt, standing: Standing) -> str:
    """Why the step does not lead on from here at all, with the standing as it is shown; empty when it does."""
    case, step = attempt.case, attempt.step
    sources = (*step.sources, *(step.emergency_from if attempt.emergency else ()))
    if (standing if step.column == "standing" else case.stage) not in sources:
        return _("This step does not lead on from here.")
    if attempt.emergency and not step.can_be_emergency:
        return _("This step cannot be taken as an emergency.")
    if not _way_is_open(attempt, standing):
        return _("The way is not open: %(standing)s.") % {"standing": standing.label}
    if step.facts is not None and attempt.facts is None:
        return _("This step must be told more.")
    if step.application is not None and attempt.application is None:
        return _("Choose an application that is %(state)s.") % {"state": step.application.label}
    if step.reason and not attempt.reason.strip():
        return _("Say why.")
    return ""


def _held_back(attempt: Attempt) -> bool:
    """After a duress word, in silence: what would need an open way waits, and so does what changes it but to something worse.

    See docs/decisions/0011: whoever was given the word is refused as anybody is whose colleague holds the case.
    """
    case, step = attempt.case, attempt.step
    if silence.shown_standing(case, attempt.by) == case.standing:
        return False
    if step.column == "standing":
        return step.name not in STILL_SAID
    return not _way_is_open(attempt, Standing(case.standing))


def _way_is_open(attempt: Attempt, standing: Standing) -> bool:
    """Whether a standing lets this step be taken. Who withdrew or died is not moved on, not even in an emergency."""
    step = attempt.step
    if standing == Standing.ACTIVE:
        return True
    if standing in (Standing.WITHDRAWN, Standing.DECEASED):
        return not attempt.emergency and (step.column == "standing" or step.name == "close")
    return step.any_standing or bool(attempt.emergency)


def _let_through(attempt: Attempt, judged: list[Judgement]) -> None:
    """Raise `Blocked` unless every condition holds and a second person agreed; in an emergency only a few conditions count."""
    if attempt.emergency:
        always = judge(attempt.step.emergency_needs, attempt)
        if unmet := [j for j in always if not j.met]:
            raise Blocked(attempt, unmet)
        return
    if unmet := [j for j in judged if not j.met]:
        raise Blocked(attempt, unmet)
    if attempt.step.second and (missing := approvals.use(attempt, judged)):
        raise Blocked(attempt, [Judgement("second_person", missing)])


def _move(attempt: Attempt, judged: list[Judgement], reason: str) -> Moved:
    """Run the transition, save, record, notify."""
    journey, step, by = attempt.case, attempt.step, attempt.by
    assert isinstance(journey, Journey)
    stage, standing = journey.stage, journey.standing
    journey.attempt = attempt
    _run(journey, step)
    if attempt.emergency:
        _leave_open(journey, judged)
    now = timezone.now()
    journey.stage_since = now if journey.stage != stage else journey.stage_since
    # A case that falls silent on its way keeps its date: whoever typed the word sees it.
    journey.standing_since = now if step.column == "standing" and journey.standing != standing else journey.standing_since
    journey.version += 1
    journey.save(update_fields=SAVED)
    follow(attempt, was=stage if step.column == "stage" else standing)
    ledger.record(
        f"step.{step.name}",
        journey.pk,
        by=by,
        stage=journey.stage,
        standing=journey.standing,
        detail="emergency" if attempt.emergency else "",
        reason="\n".join(filter(None, [reason, attempt.emergency, in_words(attempt.facts)])),
    )
    put("moved", by=by, key=f"{journey.pk}:{journey.version}", case=journey.pk)
    was, is_now = (
        (stage, journey.stage)
        if step.column == "stage"
        else (standing, Standing.ACTIVE if step.name == "find_again" else journey.standing)
    )
    return Moved(journey, step, was, is_now, _sentence(step, is_now))


def _run(journey: Journey, step: Step) -> None:
    """The transition; saying aloud what is known in silence already changes no standing, and alarms all the same."""
    if step.name == "compromise" and journey.standing == Standing.COMPROMISED:
        journey.alarm(Alarm.Kind.RAISED)
        return
    getattr(journey, step.name)(*([journey.attempt.facts] if step.facts else []))


def _sentence(step: Step, now: str) -> str:
    """What the page says; after a duress word it says what it says after the codeword."""
    if step.column == "stage":
        return _("%(step)s: done. The journey is now at: %(stage)s.") % {"step": step.label, "stage": Stage(now).label}
    return _("%(step)s: done. The case is now: %(standing)s.") % {"step": step.label, "standing": Standing(now).label}


def _leave_open(journey: Journey, judged: list[Judgement]) -> None:
    """An emergency waits for nobody: what was not met is done afterwards, and a coordinator reviews within 24 hours."""
    due = timezone.now() + REVIEW_WITHIN
    for judgement in judged:
        if not judgement.met:
            journey.due(Deadline.Kind.OPEN_CONDITION, due, judgement.name)
    journey.due(Deadline.Kind.REVIEW, due, journey.attempt.step.name)
    journey.alarm(Alarm.Kind.EMERGENCY)

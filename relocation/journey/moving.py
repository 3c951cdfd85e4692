"""What a step does besides moving: the few verbs that transitions are written with."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django_fsm import transition

from relocation.journey import recording
from relocation.journey.alarms import raise_alarm
from relocation.journey.attempt import Attempt
from relocation.journey.conditions import judge
from relocation.journey.conditions.way import under_duress
from relocation.journey.facts import Entered
from relocation.journey.step import STAGE_OF, STEPS
from relocation.models import Alarm, ApplicationState, Case, Checklist, Claim, Deadline, Stage, Standing, Whereabouts
from relocation.safety import ledger
from relocation.safety.questions import answer, answers
from relocation.safety.retention import KINDS, LAST

RETENTION = timedelta(days=KINDS[LAST].days)
LEFT_OPEN_FOR = timedelta(hours=24)
NOT_YET_COMPROMISED = (Standing.ACTIVE, Standing.ON_HOLD, Standing.LOST_CONTACT)


class Moving(Case):
    """A case in the middle of a step: `attempt` says who takes it, with which facts."""

    attempt: Attempt

    class Meta:
        proxy = True
        default_permissions = ()

    @property
    def today(self) -> date:
        return timezone.localdate()

    @property
    def under_duress(self) -> bool:
        return under_duress(self.attempt)

    def is_at(self, place: str, *, safe: bool = False, left: bool = False) -> None:
        """Note a place under its own key; nothing where none was named."""
        if place.strip():
            gone = timezone.now() if left else None
            Whereabouts(case_id=self.pk, by=self.attempt.by, place=place, safe=safe, left_at=gone).save(force_insert=True)

    def is_told(self, words: str) -> None:
        """Keep what the person tells."""
        Claim(case_id=self.pk, by=self.attempt.by, danger=words).save(force_insert=True)

    def due(self, kind: Deadline.Kind, when: date | datetime, what: str, about: UUID | None = None) -> None:
        """Open a deadline; a day means its end, UTC."""
        if not isinstance(when, datetime):
            when = datetime.combine(when, time(23, 59), tzinfo=timezone.get_current_timezone())
        Deadline(case_id=self.pk, by=self.attempt.by, kind=kind, due_at=when, what=what, about=about).save(force_insert=True)

    def settle(self, kind: Deadline.Kind) -> None:
        """What was open of this kind is done."""
        running = Deadline.objects.filter(case_id=self.pk, kind=kind, done_at=None)
        for pk, what in list(running.values_list("pk", "what")):
            running.filter(pk=pk).update(done_at=timezone.now(), done_by=self.attempt.by)
            ledger.record("deadline.done", self.pk, by=self.attempt.by, about=pk, detail=f"{kind} {what}".strip())

    def answered(self) -> None:
        """The post has spoken: what was to be answered before is settled, also by an officer, who reads no card."""
        for pk in answers("SELECT harbour_answered(%s)", self.attempt.the_application.pk):
            ledger.record("deadline.done", self.pk, by=self.attempt.by, about=pk, detail=f"{Deadline.Kind.ANSWER} defer")

    def alarm(self, kind: Alarm.Kind) -> None:
        """Wake the people on call, and let them in until their shift ends."""
        raise_alarm(self, kind, by=self.attempt.by)

    def leave_open(self, *skipped: str) -> None:
        """What the steps that an emergency passes over would have asked is done afterwards."""
        due = timezone.now() + LEFT_OPEN_FOR
        for name in skipped:
            for judgement in judge(STEPS[name].needs, self.attempt):
                if not judgement.met:
                    self.due(Deadline.Kind.OPEN_CONDITION, due, judgement.name)

    def application_is(self, state: ApplicationState, **fields: Any) -> str:
        """Move the application that the attempt names; returns the stage that follows from all of the case's applications."""
        application = self.attempt.the_application
        application.state = state
        for name, value in fields.items():
            setattr(application, name, value)
        application.save(update_fields=["state", *fields])
        return self.furthest_stage() if self.stage in STAGE_OF.values() else str(self.stage)

    def has_applied(self, facts: Entered, state: ApplicationState) -> None:
        """An application that was on its way before we knew the person, with its evidence."""
        checklist = Checklist.objects.select_related("post").get(pk=str(facts.checklist))
        application = recording.choose_post(self, checklist, by=self.attempt.by)
        application.state = state
        if state == ApplicationState.GRANTED:
            application.decision, application.decided_on, application.entries = facts.evidence, self.today, 1
            application.valid_from, application.valid_until = facts.valid_from, facts.valid_until
        elif state == ApplicationState.LODGED:
            application.receipt = facts.evidence
        application.save()

    def furthest_stage(self) -> str:
        """The furthest open application's stage; asked of the database, since an officer sees one post's alone."""
        return str(answer("SELECT harbour_furthest(%s)", self.pk) or Stage.DOCUMENTING)

    def compromised_in_silence(self) -> None:
        """The duress word was given: the screen shows nothing of it."""
        self.alarm(Alarm.Kind.DURESS)
        if self.standing in NOT_YET_COMPROMISED:
            self.fall_silent()

    @transition("standing", source=list(NOT_YET_COMPROMISED), target=Standing.COMPROMISED)
    def fall_silent(self) -> None:
        """Part of arriving under duress; the same pairs as the step `compromise`."""

    def start_retention(self) -> None:
        self.retain_until = self.today + RETENTION
        self.due(Deadline.Kind.RETENTION, self.retain_until, "close")

    def stop_retention(self) -> None:
        """The case goes on: what was to be erased is kept."""
        self.retain_until = None
        self.settle(Deadline.Kind.RETENTION)

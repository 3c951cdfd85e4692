"""Jobs are rows, written in the transaction of what caused them; Celery is only the doorbell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now

from relocation.models.offers import Offers
from relocation.safety.questions import answer
from relocation.safety.walls import ACTOR

QUICK, SLOW = "celery", "slow"  # queues; one worker hears only the first, so that nothing quick waits behind a paper
# What wakes people is tried until it is done, however often it failed.
_LOUD = ("tell_on_call", "mail_on_call", "ring_on_call")
ALARMS = (*_LOUD, "tell_danger", "tell_rung", "tell_answered", "car_seen")
_NAMES = ", ".join(f"'{kind}'" for kind in _LOUD)
# Whether an alarm has waited for a minute. Whoever logged a duress word in silence does not hear of that one.
UNHEARD = f"""CREATE OR REPLACE FUNCTION harbour_unheard() RETURNS boolean LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM relocation_outbox o LEFT JOIN relocation_alarm a ON a.id::text = o.ids->>'alarm'
    WHERE o.done_at IS NULL AND o.kind IN ({_NAMES}) AND o.created_at < statement_timestamp() - interval '1 minute'
    AND NOT (o.originator_id = {ACTOR} AND coalesce(a.kind, '') = 'duress')) $$"""  # noqa: S608  names of our own


class Outbox(models.Model):
    """One job: its kind, the ids it is about, and on whose behalf it runs. It carries no word of a case."""

    kind = models.CharField(max_length=40)
    ids = models.JSONField(default=dict)
    originator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=120, unique=True, help_text="the effect happens once for one key")
    created_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often it failed")
    next_at = models.DateTimeField(db_default=Now(), help_text="not to be tried before")
    leased_until = models.DateTimeField(null=True, help_text="somebody does it now")
    done_at = models.DateTimeField(null=True)
    failed = models.CharField(max_length=60, blank=True, help_text="type of the last error, never its text")

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["next_at"], condition=models.Q(done_at=None), name="outbox_open")]

    wall_statements: ClassVar[tuple[str, ...]] = (UNHEARD,)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


Work = Callable[["Outbox"], None]


@dataclass(frozen=True)
class Job:
    """How a kind of job is done: `whole` in one transaction with its completion, else in steps that commit by themselves.

    A `slow` one takes minutes, and has a queue of its own.
    """

    work: Work
    whole: bool = True
    slow: bool = False


JOBS: Offers[Job] = Offers("the outbox")


def job(kind: str, *, whole: bool = True, slow: bool = False) -> Callable[[Work], Work]:
    """A room says how it does one kind of job. The work runs as the originator, whose access it asks again."""

    def register(work: Work) -> Work:
        JOBS.add(kind, Job(work, whole, slow))
        return work

    return register


def put(kind: str, *, by: Any, key: str, **ids: UUID | str | int | None) -> None:
    """Leave a job to be done once, after the current transaction commits, as `by`. Ids only."""
    row = Outbox.objects.create(
        kind=kind,
        originator=by,
        key=f"{kind}:{key}"[:120],
        ids={name: str(value) for name, value in ids.items() if value is not None},
    )
    transaction.on_commit(lambda: _ring(row), robust=True)


def queue_of(kind: str) -> str:
    """The queue on which the bell rings for a kind of job."""
    return SLOW if kind in JOBS and JOBS[kind].slow else QUICK


def done(row: Outbox, failed: str = "") -> None:
    """Mark a job done, in the transaction of its effect; `failed` says why it was given up."""
    Outbox.objects.filter(pk=row.pk, done_at=None).update(done_at=Now(), leased_until=None, failed=failed[:60])


def unheard() -> bool:
    """Whether an alarm has waited for a minute or longer to reach somebody, as far as the acting account may know."""
    return bool(answer("SELECT harbour_unheard()"))


def _ring(row: Outbox) -> None:
    """Wake a worker. Where the broker is away the clock's sweep finds the row."""
    from celery import current_app

    name = "relocation.jobs.tasks.perform"
    current_app.send_task(name, args=[row.pk], queue=queue_of(row.kind), retry=False, ignore_result=True)

"""Jobs are rows, written in the transaction of what caused them; Celery is only the doorbell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now


class Outbox(models.Model):
    """One job: its kind, the ids it is about, and on whose behalf it runs. It carries no word of a case."""

    kind = models.CharField(max_length=40)
    ids = models.JSONField(default=dict)
    originator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=120, unique=True, help_text="the effect happens once for one key")
    created_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    failed = models.CharField(max_length=60, blank=True, help_text="type of the last error, never its text")

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["id"], condition=models.Q(done_at=None), name="outbox_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


Work = Callable[["Outbox"], None]


@dataclass(frozen=True)
class Job:
    """How a kind of job is done: `whole` in one transaction with its completion, else in steps that commit by themselves."""

    work: Work
    whole: bool


JOBS: dict[str, Job] = {}


def job(kind: str, *, whole: bool = True) -> Callable[[Work], Work]:
    """A room says how it does one kind of job. The work runs as the originator, whose access it asks again."""

    def register(work: Work) -> Work:
        JOBS[kind] = Job(work, whole)
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
    transaction.on_commit(lambda: _ring(row.pk), robust=True)


def _ring(pk: int) -> None:
    """Wake a worker. Where the broker is away the clock's sweep finds the row."""
    from celery import current_app

    current_app.send_task("relocation.jobs.tasks.perform", args=[pk], retry=False, ignore_result=True)

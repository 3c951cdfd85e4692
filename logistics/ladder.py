"""The check-in ladder: the sweep that climbs it, the jobs that tell, and what it did. The database decides (see climbing)."""

import logging
from uuid import UUID

from celery import shared_task
from django.db import DatabaseError, transaction

from logistics.climbing import SYSTEM
from logistics.models import Rung
from relocation.jobs.telling import can_mail
from relocation.journey import on_call
from relocation.models import Account, Case, Outbox
from relocation.models.outbox import job, put
from relocation.safety.actor import acting_as
from relocation.safety.questions import answer, answers

log = logging.getLogger("harbour.jobs")


@shared_task(name="logistics.ladder.look")
def look() -> int:
    """Climb for everybody who is late, by the database's clock. Returns how often somebody is told.

    Each case in a transaction of its own, so that one which fails keeps nobody else waiting; a second sweep finds nothing.
    """
    return sum(_climbed(case_id) for case_id in missed())


def missed() -> list[UUID]:
    """The cases in which a rung is due, or a word has come after all."""
    with acting_as(SYSTEM), transaction.atomic():
        return answers("SELECT harbour_missed()")


def _climbed(case_id: UUID) -> int:
    try:
        with acting_as(SYSTEM), transaction.atomic():
            return climb(case_id)
    except DatabaseError as error:
        log.warning("ladder not climbed", extra={"code": type(error).__name__})
        return 0


def climb(case_id: UUID) -> int:
    """Look at one case, as the sweep, in the current transaction; a case that somebody else holds waits for the next look."""
    with acting_as(SYSTEM):
        return int(answer("SELECT harbour_climb(%s)", case_id))


@job("tell_rung")
def tell_rung(row: Outbox) -> None:
    """Those whom this rung tells, each by a job of their own, so that nobody is mailed twice for another's sake."""
    _tell(row, answers("SELECT harbour_rung_tells(%s, true)", row.ids["rung"]))


@job("tell_answered")
def tell_answered(row: Outbox) -> None:
    """The person was heard from: everybody who was told otherwise, the people on call too."""
    told = answers("SELECT harbour_rung_tells(%s, false)", row.ids["rung"])
    _tell(row, [*told, *(shift.account_id for shift in on_call.shifts())])


def _tell(row: Outbox, named: list[UUID]) -> None:
    if not can_mail():
        return
    for account in Account.objects.filter(pk__in=named, is_active=True).exclude(email=""):
        put("mail_on_call", by=row.originator, key=f"{row.pk}:{account.pk}", account=account.pk)


def climbed(case: Case) -> list[Rung]:
    """The rungs that told somebody and that nobody has answered yet, the lowest first."""
    return list(Rung.objects.filter(case=case, answered_at=None, told=True).order_by("due_at", "rung"))

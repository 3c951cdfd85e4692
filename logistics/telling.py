"""Telling those whom a leg concerns that something waits for them: which, they see on their own page."""

from uuid import UUID

from django.db.models import QuerySet

from relocation.jobs.telling import tell
from relocation.models import Account, Outbox
from relocation.models.outbox import job
from relocation.safety.questions import answers


@job("leg_changed")
def leg_changed(row: Outbox) -> None:
    """Leads of those on the leg, its escort and who receives at its end; and an escort who no longer goes."""
    also = [UUID(row.ids["was"])] if "was" in row.ids else []
    tell(_active([*concerned(row), *also]).exclude(pk=row.originator_id))


@job("hold_over")
def hold_over(row: Outbox) -> None:
    """The seat is given back already: the lead of whoever had it is told, and who else has to do with the leg."""
    tell(_active(concerned(row)))


def concerned(row: Outbox) -> list[UUID]:
    """Whom the database names; whoever caused it may not see all of them."""
    return answers("SELECT harbour_concerned(%s, %s)", row.ids["leg"], row.ids.get("case"))


def _active(people: list[UUID]) -> QuerySet[Account]:
    return Account.objects.filter(pk__in=people, is_active=True)

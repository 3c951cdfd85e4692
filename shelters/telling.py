"""Telling the leads in a house that it has changed, and a new host that somebody waits there; without a word of what."""

from relocation.jobs.telling import tell
from relocation.models import Account, Outbox
from relocation.models.outbox import job
from relocation.safety.questions import answers


@job("host_let_in")
def host_let_in(row: Outbox) -> None:
    """A host who was vouched for, while somebody stays in the house or is expected there already."""
    tell(Account.objects.filter(pk=row.ids["account"], is_active=True))


@job("house_changed")
def house_changed(row: Outbox) -> None:
    """Everybody who leads somebody in the house, but for whoever caused it; the database names them."""
    named = answers("SELECT harbour_leads_in_house(%s)", row.ids["house"])
    tell(Account.objects.filter(pk__in=named, is_active=True).exclude(pk=row.originator_id))

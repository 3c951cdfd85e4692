"""Telling the leads of those who stay in a house that something about the house has changed; without a word of what."""

from relocation.jobs.telling import tell
from relocation.models import Account, Outbox
from relocation.models.outbox import job
from relocation.safety.questions import answers


@job("house_changed")
def house_changed(row: Outbox) -> None:
    """Everybody who leads somebody in the house, but for whoever caused it; the database names them."""
    named = answers("SELECT harbour_leads_in_house(%s)", row.ids["house"])
    tell(Account.objects.filter(pk__in=named, is_active=True).exclude(pk=row.originator_id))

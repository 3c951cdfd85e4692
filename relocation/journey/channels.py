"""Ways to reach the person of which somebody made sure that it is the person who answers."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey.recording import NotRecorded
from relocation.models import Account, Case, Channel
from relocation.safety import access, ledger
from relocation.safety.policy import Compartment
from relocation.safety.refusal import Denied

WRITES = f"{Compartment.CONTACTS}.write"


def verified(case: Case) -> QuerySet[Channel]:
    """The channels of a case that are verified and still safe, as far as the acting account may see them."""
    return Channel.objects.filter(case=case, verified_at__isnull=False, compromised_at=None)


def verify(channel_id: UUID, how: str, *, by: Account) -> Channel:
    """Say how somebody made sure of a channel; told anew, the newest counts. Raises `Denied`, `NotRecorded`."""
    with transaction.atomic():
        channel = _locked(channel_id, by)
        if how not in Channel.How.values:
            raise NotRecorded(channel.case_id, "verify.channel", by.pk, _("Say how you made sure that it is the person."))
        if channel.compromised_at is not None:
            sentence = _("This way is no longer safe, so nobody can be sure of it. Record a new one.")
            raise NotRecorded(channel.case_id, "verify.channel", by.pk, sentence)
        channel.verified_how, channel.verified_at, channel.verified_by = how, timezone.now(), by
        channel.save(update_fields=["verified_how", "verified_at", "verified_by"])
        ledger.record("verify.channel", channel.case_id, by=by, about=channel.pk, detail=how)
        return channel


def _locked(channel_id: UUID, by: Account) -> Channel:
    """The channel as it is now, under its case's lock; access is asked after the lock. Raises `Denied`."""
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        raise Denied(channel_id, "verify.channel", by.pk)
    Case._base_manager.select_for_update(no_key=True).filter(pk=channel.case_id).first()
    access.require(by, WRITES, channel.case_id)
    return Channel.objects.select_for_update(of=("self",)).get(pk=channel_id)

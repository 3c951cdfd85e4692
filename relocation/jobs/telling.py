"""Telling people that something waits for them: the same words for every event, and nothing about anybody."""

import shlex
import subprocess
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from relocation.journey import on_call
from relocation.models import Account, Approval, Outbox
from relocation.models.outbox import job
from relocation.safety import access
from relocation.safety.policy import Role


def tell(accounts: Iterable[Account]) -> None:
    """Mail each of them the one sentence there is."""
    for account in accounts:
        if account.email:
            with translation.override(account.language):
                send_mail(_("Harbour"), _("Something waits for you in Harbour."), None, [account.email])


@job("tell_on_call")
def tell_on_call(row: Outbox) -> None:
    """Wake the people on call, by mail and by the operator's alarm command."""
    tell(shift.account for shift in on_call.shifts())
    if settings.HARBOUR_ALARM_COMMAND:
        subprocess.run(shlex.split(settings.HARBOUR_ALARM_COMMAND), check=True, timeout=30, stdin=subprocess.DEVNULL)


@job("tell_approvers")
def tell_approvers(row: Outbox) -> None:
    """Those who could give a second person's word."""
    holders = access.holders(_case(row), Role.COORDINATOR).exclude(user=row.originator).select_related("user")
    tell(grant.user for grant in holders)


@job("tell_asker")
def tell_asker(row: Outbox) -> None:
    """Whoever asked for a second person's word."""
    if approval := Approval.objects.filter(pk=row.ids["approval"]).select_related("by").first():
        tell([approval.by])


@job("tell_assigned")
def tell_assigned(row: Outbox) -> None:
    """The new lead."""
    tell(Account.objects.filter(pk=row.ids["account"]))


def tell_leads(row: Outbox) -> None:
    """The leads of a case; the database names them, since a host who changed something sees no other grants."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT harbour_leads(%s)", [_case(row)])
        leads = [found[0] for found in cursor.fetchall()]
    tell(Account.objects.filter(pk__in=leads, is_active=True).exclude(pk=row.originator_id))


for _kind in ("moved", "stay_changed", "seat_changed", "passage_changed", "post_answered", "tell_lead"):
    job(_kind)(tell_leads)


@job("tell_post")
def tell_post(row: Outbox) -> None:
    """The officers to whom a dossier was released."""
    officers = access.holders(_case(row), Role.EMBASSY).filter(scope=row.ids["paper"]).select_related("user")
    tell(grant.user for grant in officers)


def _case(row: Outbox) -> UUID:
    return UUID(row.ids["case"])

"""A host who is vouched for later is told of whoever stays there or is expected already, where they may come to them."""

from uuid import UUID

from django.db import connection

from relocation.journey import kin, pursuit
from relocation.models import Account, system_account
from relocation.models.outbox import put
from relocation.safety.actor import acting_as
from shelters.models import Vetting
from shelters.models.host_rules import SWEEP


def tell_of_guests(vetting: Vetting, *, by: Account) -> int:
    """Let the host know of the stays in the house that were confirmed before, each as if it were confirmed now; how many.

    Whoever vouches may know of no case: the database lets the host in, once the sweep has found that the person neither bars
    them nor fears their name; else the lead finds a task. The host hears once that something waits.
    """
    host = vetting.account
    told, feared = 0, []
    with acting_as(system_account(SWEEP)), connection.cursor() as cursor:
        cursor.execute("SELECT stay, of_case FROM harbour_untold(%s, %s)", [vetting.house_id, host.pk])
        for stay, case_id in cursor.fetchall():
            if not _is_welcome(host, case_id):
                feared.append(case_id)
                continue
            cursor.execute("SELECT harbour_let_host_in(%s, %s)", [stay, host.pk])
            told += bool(cursor.fetchone()[0])
    pursuit.ask_to_look(*feared)
    if told:
        put("host_let_in", by=by, key=str(vetting.pk), account=host.pk)
    return told


def _is_welcome(host: Account, case_id: UUID) -> bool:
    home = {host.organisation.pk: host.organisation.name} if host.organisation else {}
    return kin.may_come(case_id, {host.pk: host.name}, home)

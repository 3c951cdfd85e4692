"""A host who is vouched for later is told of whoever stays there or is expected already, where they may come to them."""

from uuid import UUID

from relocation.journey import kin, pursuit
from relocation.models import Account
from relocation.models.outbox import put
from relocation.models.pursuit import CONFLICTS
from relocation.safety.actor import acting_as
from relocation.safety.questions import answer, rows
from shelters.models import Vetting


def tell_of_guests(vetting: Vetting, *, by: Account) -> int:
    """Let the host know of the stays in the house that were confirmed before, each as if it were confirmed now; how many.

    Whoever vouches may know of no case: the database lets the host in, once the sweep has found that the person neither bars
    them nor fears their name; else the lead finds a task. The host hears once that something waits.
    """
    host = vetting.account
    told, feared = 0, []
    with acting_as(CONFLICTS):
        for stay, case_id in rows("SELECT stay, of_case FROM harbour_untold(%s, %s)", vetting.house_id, host.pk):
            if not _is_welcome(host, case_id):
                feared.append(case_id)
                continue
            told += bool(answer("SELECT harbour_let_host_in(%s, %s)", stay, host.pk))
    pursuit.ask_to_look(*feared)
    if told:
        put("host_let_in", by=by, key=str(vetting.pk), account=host.pk)
    return told


def _is_welcome(host: Account, case_id: UUID) -> bool:
    home = {host.organisation.pk: host.organisation.name} if host.organisation else {}
    return kin.may_come(case_id, {host.pk: host.name}, home)

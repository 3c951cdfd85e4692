"""The last rung: contact counts as lost, the lawyer is told, and whoever is found again ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from conftest import BOTH
from fiction.telling import do_jobs
from logistics import ladder
from logistics.climbing import SYSTEM
from logistics.models import CheckIn, Rung
from relocation.journey import facts
from relocation.journey.advance import advance
from relocation.models import Case, LedgerEntry
from relocation.safety import access
from relocation.safety.policy import Role
from tests.logistics.conftest import plan_for
from tests.proofs import owner
from tests.safety.committed import as_, kestrel, referred

__all__ = ["kestrel", "referred"]
pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)


@pytest.fixture(autouse=True)
def _eyes():
    yield
    owner.close()


def later(plan, minutes=30):
    """As if that time had passed; only the owner moves back what the ladder has done."""
    ago = f"- interval '{minutes} minutes'"
    for table, key, moment in (("relocation_checkinplan", "id", "starts_at"), ("logistics_rung", "plan_id", "due_at")):
        owner.rows(f"UPDATE {table} SET {moment} = {moment} {ago}, at = at {ago} WHERE {key} = %s", plan.pk)
    return plan


def told():
    do_jobs()
    found = {address.partition("@")[0] for message in mail.outbox for address in message.to}
    mail.outbox.clear()
    return found


def test_contact_counts_as_lost_once_the_people_on_call_had_their_time(kestrel, vera, mara, nina):
    with as_(mara):
        access.admit(nina, Role.LAWYER, kestrel.pk, by=mara, reason="asylum law")
    with as_(vera):
        plan = plan_for(kestrel, vera, since=timedelta(minutes=900))
    told()
    assert ladder.look() == 1 and told() == {"vera", "mara", "ilya"}
    later(plan, 29)
    assert ladder.look() == 0
    later(plan, 1)
    assert ladder.look() == 1 and told() == {"vera", "mara", "ilya", "nina"}
    with as_(vera):
        lost = Case.objects.visible_to(vera).get(pk=kestrel.pk)
        assert (lost.standing, lost.version) == ("lost_contact", kestrel.version + 1)
    later(plan, 600)
    assert ladder.look() == 0 and told() == set(), "whoever is lost is looked for by people"
    with as_(vera):
        said = LedgerEntry.objects.filter(case_id=kestrel.pk, actor_id=SYSTEM).order_by("seq").values_list("what", flat=True)
        assert [code for code in said if not code.startswith(("grant", "alarm.heard"))] == [
            "ladder.on_call", "alarm.raised", "ladder.lawyer", "step.lose_contact", "alarm.raised",
        ]  # fmt: skip
        advance(lost, "find_again", by=vera, version=lost.version, facts=facts.FoundAgain(codeword="blackcurrant"))
        assert CheckIn.objects.filter(case=kestrel, outcome="heard").exists()
        assert not Rung.objects.filter(answered_at=None).exists()
    assert told() >= {"vera", "mara", "ilya", "nina"} and ladder.look() == 0

"""A host who is added and vouched for while somebody stays in the house: told then, once, and of nobody before."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from fiction.telling import do_jobs
from relocation.journey import bars
from relocation.models import Account, Deadline, LedgerEntry, Outbox, Pursuer
from relocation.models.pursuit import CONFLICTS
from relocation.safety.access import CaseGrant
from relocation.safety.actor import acting_as
from shelters import burning, hosting, keeping
from shelters.models import Stay, Vetting

DAY = timedelta(days=1)


def text(response) -> str:
    return str(response.content.decode())


@pytest.fixture
def rowan(alder, vera) -> Account:
    """Somebody who has just been added to Hanna's house, and whom nobody vouches for yet."""
    told = {"name": "Rowan Oak", "part": "house", "organisation": vera.organisation, "email": "rowan@example.org"}
    account = Account.objects.create(username="rowan", **told)
    with acting_as(vera.pk):
        keeping.add_host(alder, account, by=vera)
    return account


@pytest.fixture
def vouch(alder, rowan, ilya):
    """Ilya, who works on no case there, vouches for Rowan."""

    def say() -> Vetting:
        with acting_as(ilya.pk):
            vetting = Vetting(house=alder, account=rowan, how="visit", renew_by=timezone.localdate() + 90 * DAY)
            return keeping.vouch(vetting, by=ilya)

    return say


def told_of(host) -> set:
    with acting_as(host.pk):
        return set(Stay.objects.hosted_by(host).values_list("pk", flat=True))


def letters(by) -> list:
    with acting_as(by.pk):
        return list(Outbox.objects.filter(kind="host_let_in").values_list("ids", flat=True))


def asked(question: str, by, *told) -> list:
    with acting_as(by), connection.cursor() as cursor:
        cursor.execute(question, told)
        return list(cursor.fetchall())


def test_vouched_for_they_see_who_stays_and_who_comes_and_hear_of_it_once(
    signed_in, confirmed, rowan, vouch, kestrel, ilya, vera, hanna
):
    phone = signed_in(rowan)
    page = text(phone.get("/host/"))
    assert told_of(rowan) == set() and "Nobody vouches for you" in page and "Kestrel" not in page
    vouch()
    assert told_of(rowan) == told_of(hanna) == {confirmed.pk}
    page = text(phone.get("/host/"))
    assert "Kestrel" in page and "Nobody vouches for you" not in page
    with acting_as(vera.pk):
        grant = CaseGrant.objects.get(user=rowan)
        night = datetime.combine(confirmed.nights.upper + DAY, time.min, tzinfo=UTC)
        assert (grant.granted_by, grant.scope, grant.expires_at) == (ilya, confirmed.pk, night)
        assert grant.expires_at == CaseGrant.objects.get(user=hanna).expires_at
        entry = LedgerEntry.objects.get(case_id=kestrel.pk, what="grant.given", about=rowan.pk)
        assert (entry.actor_id, entry.detail) == (ilya.pk, "host")
        assert hosting.arrived(confirmed.pk, by=vera).state == "arrived"
    vouch()
    assert letters(ilya) == [{"account": str(rowan.pk)}], "once, and without a word of whom"
    mail.outbox.clear()
    do_jobs()
    assert [(letter.to, letter.body) for letter in mail.outbox if rowan.email in letter.to] == [
        ([rowan.email], "Something waits for you in Harbour.")
    ]
    assert "Here tonight" in text(phone.get("/host/"))


def test_nobody_is_told_of_a_bed_that_is_only_held_or_given_back_or_burned(held, rowan, vouch, alder, vera, mara, ilya):
    vouch()
    assert told_of(rowan) == set() and letters(ilya) == []
    with acting_as(vera.pk):
        stay = hosting.confirm(held, by=vera)
    assert told_of(rowan) == {stay.pk}, "confirmed after it, as ever"
    with acting_as(vera.pk):
        hosting.arrived(stay.pk, by=vera)
    with acting_as(mara.pk):
        burning.burn(alder.pk, by=mara, reason="Two men asked the neighbour.")
    vouch()
    assert told_of(rowan) == set() and letters(ilya) == []


@pytest.mark.parametrize("feared", ["a pursuer's name", "barred"])
def test_whoever_may_not_come_to_somebody_is_not_told_of_them_and_the_lead_looks(
    feared, confirmed, rowan, vouch, kestrel, vera, ilya
):
    with acting_as(vera.pk):
        if feared == "barred":
            bars.bar(kestrel, by=vera, name="Rowan Oak", words="he talks")
        else:
            Pursuer(case=kestrel, by=vera, name="Oak Rowan", relation="uncle").save(force_insert=True)
    vouch()
    assert told_of(rowan) == set() and letters(ilya) == []
    with acting_as(vera.pk):
        assert Deadline.objects.filter(case=kestrel, kind="second_look", done_at=None).count() == 1


def test_a_host_who_is_added_is_compared_at_once(confirmed, kestrel, alder, vera, quentin):
    with acting_as(vera.pk):
        Pursuer(case=kestrel, by=vera, name="Roe", relation="brother").save(force_insert=True)
        keeping.add_host(alder, quentin, by=vera)
        assert Deadline.objects.filter(case=kestrel, kind="second_look", done_at=None).count() == 1


def test_nobody_lets_a_host_in_by_sql_and_the_sweep_only_one_who_is_vouched_for(confirmed, rowan, alder, vera, ilya, hanna):
    let_in, untold = "SELECT harbour_let_host_in(%s, %s)", "SELECT * FROM harbour_untold(%s, %s)"
    for by in (vera, ilya, rowan, hanna):
        assert asked(let_in, by.pk, confirmed.pk, rowan.pk) == [(False,)] and asked(untold, by.pk, alder.pk, rowan.pk) == []
    assert asked(untold, CONFLICTS, alder.pk, rowan.pk) == [(confirmed.pk, confirmed.case_id)]
    assert asked(untold, CONFLICTS, alder.pk, hanna.pk) == [], "she knows"
    assert asked(let_in, CONFLICTS, confirmed.pk, rowan.pk) == [(False,)] and told_of(rowan) == set()

"""What runs out: warned a month before, two weeks of grace, kept longer for a reason, then gone; by the database's clock."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from conftest import BOTH
from relocation.desk import day, retention
from relocation.jobs import retaining
from relocation.journey import approvals, custody, keeping
from relocation.models import Case, Expiry, Keeping, LedgerEntry, Tombstone, Whereabouts, WrappedKey
from relocation.safety import ledger, tombstones
from relocation.safety.retention import KINDS
from tests.safety.committed import afresh, as_, kestrel, referred
from tests.safety.raw import owner, sql

__all__ = ["kestrel", "referred"]
SEVERAL = pytest.mark.django_db(transaction=True, databases=BOTH)
IN_A_MONTH, SOON = timedelta(days=31), timezone.localdate() + timedelta(days=200)


@pytest.fixture
def declined(kestrel, mara, vera, settings, tmp_path):
    """Kestrel, declined two years ago and more."""
    settings.HARBOUR_TOMBSTONE_FOLDER = str(tmp_path)
    with as_(vera):
        ledger.record("step.decline", kestrel.pk, by=vera, stage="declined", standing="active")
        sql("UPDATE relocation_case SET stage = 'declined', stage_since = now() - interval '900 days' WHERE id = %s", kestrel.pk)
    return afresh(kestrel, mara)


def later(days):
    """So many days pass, for what was said about the future."""
    with owner(), transaction.atomic():
        sql("UPDATE relocation_expiry SET goes_at = goes_at - make_interval(days => %s)", days)


def answered(asked, ilya):
    with as_(ilya):
        approvals.answer(asked.pk, given=True, by=ilya, session="his")


@SEVERAL
def test_nobody_is_surprised_and_nothing_is_left(declined, mara, vera, ilya, greta):
    assert retaining.retention() == 0, "whoever was never warned is warned first, however late it is"
    with as_(mara):
        terms = {term.name: term for term in keeping.terms(declined)}
        assert set(terms) == set(KINDS) and all(term.is_due for term in terms.values())
        assert terms["places"].goes_at > timezone.now() + timedelta(days=43)
        assert retention.warned(declined, mara) and [todo.case for todo in retention.going(mara)] == [declined]
        assert day._page(mara)
    with as_(greta):  # the access custodian hears of it, by the code alone, where nobody coordinates the case
        assert custody.unwarned() == []
        (hers,) = [held for held in custody.circles(greta, declined.code) if held.account == mara]
        assert custody._let_go([hers.pk]) == 1
        ((code, goes_at),) = custody.unwarned()
        assert (code, goes_at) == (declined.code, terms["places"].goes_at)
        custody.let_in(custody.find(code, by=greta), mara, hers.role, by=greta, reason="answers for it again")
        assert custody.unwarned() == []
    with as_(vera):
        assert custody.unwarned() == [] and retention.warned(declined, vera) is None
        with pytest.raises(ProgrammingError), transaction.atomic():
            sql("SELECT * FROM harbour_expire()")
        assert sql("UPDATE relocation_expiry SET goes_at = now()") == 0

    with as_(mara):  # places are kept longer once, and twice with a second person only
        keeping.keep(declined, "places", SOON, by=mara, reason="A court asks where she was.")
        with pytest.raises(keeping.NotKept):
            keeping.keep(declined, "places", SOON, by=mara, reason="Still.")
        with pytest.raises(ProgrammingError), transaction.atomic():
            Keeping(case=declined, by=mara, kind="places", until=SOON, words="alone").save(force_insert=True)
        asked = keeping.ask(declined, by=mara, reason="Still.", session="hers")
    answered(asked, ilya)
    with as_(mara):
        keeping.keep(declined, "places", SOON, by=mara, reason="Still.")

    later(43)
    assert retaining.retention() == 0, "the grace is not over"
    later(2)
    assert retaining.retention() == len(KINDS) - 1 and retaining.retention() == 0
    with as_(mara):
        assert not Case.objects.visible_to(mara).exists()
    assert not WrappedKey.objects.filter(subject_id=declined.pk).exists()
    with owner():
        assert Tombstone.objects.get().why == "retention"
        assert set(
            LedgerEntry.objects.filter(case_id=declined.pk, what="retention.gone").values_list("detail", flat=True)
        ) == set(KINDS) - {"places", "case"}
        assert not Whereabouts._base_manager.exists() and not Expiry._base_manager.exists()
    assert [stone.why for stone in tombstones.read(tombstones.place())] == ["retention"]


@SEVERAL
def test_a_case_that_goes_on_is_left_alone(declined, vera):
    retaining.retention()
    with owner():
        assert Expiry._base_manager.count() == len(KINDS)
    later(60)
    with as_(vera):
        ledger.record("step.reopen", declined.pk, by=vera, stage="verifying", standing="active")
        sql("UPDATE relocation_case SET stage = 'verifying', stage_since = now() WHERE id = %s", declined.pk)
    assert retaining.retention() == 0
    with owner():
        assert not Expiry._base_manager.exists() and Case._base_manager.count() == 1


@SEVERAL
def test_a_key_that_a_power_cut_left_is_destroyed_by_the_sweep(declined):
    retaining.retention()
    later(60)
    with owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT harbour_erase(%s, 'retention')", [declined.pk])
    assert WrappedKey.objects.filter(subject_id=declined.pk).exists()
    retaining.retention()
    assert not WrappedKey.objects.filter(subject_id=declined.pk).exists()

"""Kestrel where nothing wraps the test: each fixture commits, since outside a transaction nobody is named and nobody sees."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from relocation.journey.advance import advance
from relocation.journey.referring import assign, refer
from relocation.models import Account, Case, DuplicateCheck
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from tests.cast import referral


@contextmanager
def as_(account: Account) -> Iterator[Account]:
    """Act as somebody in a transaction of one's own."""
    with acting_as(account.pk), transaction.atomic():
        yield account


@contextmanager
def undone() -> Iterator[None]:
    """Try something and take it back, so that one test can try several ways from the same place."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def referred(mara: Account, vera: Account) -> Case:
    """Kestrel as referred, coordinated by Mara, led by Vera."""
    with as_(mara):
        case = refer(referral(), by=mara)
    with as_(mara):
        assign(case.pk, vera, by=mara, reason="has room for one more")
    return afresh(case, vera)


@pytest.fixture
def kestrel(referred: Case, vera: Account, mara: Account, tomas: Account) -> Case:
    """Kestrel in verification, with Tomas as verifier."""
    with as_(vera):
        DuplicateCheck(case=referred, by=vera).save(force_insert=True)
        advance(referred, "verify", by=vera, version=referred.version)
    with as_(mara):
        access.admit(tomas, Role.VERIFIER, referred.pk, by=mara, reason="verifies")
    return afresh(referred, vera)


def afresh(case: Case, by: Account) -> Case:
    """The case as it is now, as somebody may see it."""
    with as_(by):
        return Case.objects.visible_to(by).get(pk=case.pk)

"""Kestrel's money: a payment, and the limit that Mara and Ilya agreed to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from logistics.models import Expense, Limit
from logistics.money import limits, spending
from logistics.money.spending import Payment
from relocation.models import Account, Case
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role

LIMIT = 50_000  # five hundred euros


def payment(minor: int = 12_345, currency: str = "EUR", **told: object) -> Payment:
    """Bread for Kestrel, unless something else is said."""
    usual = {"category": "food", "paid_on": timezone.localdate(), "payee": "bakery at the corner", "words": "three days"}
    return Payment(**({"minor": minor, "currency": currency} | usual | told))  # type: ignore[arg-type]


@pytest.fixture
def coordinators(kestrel: Case, mara: Account, ilya: Account) -> None:
    """Mara and Ilya both coordinate Kestrel's case."""
    with acting_as(mara.pk):
        access.admit(ilya, Role.COORDINATOR, kestrel.pk, by=mara, reason="second person")


@pytest.fixture
def limit(coordinators: None, mara: Account, ilya: Account) -> Limit:
    """Above five hundred euros two people agree."""
    with acting_as(mara.pk):
        proposed = limits.propose("EUR", LIMIT, by=mara, device="hers")
    with acting_as(ilya.pk):
        return limits.agree(proposed.pk, by=ilya, device="his")


@pytest.fixture
def pays(kestrel: Case, limit: Limit) -> Callable[..., Expense]:
    """Somebody pays so many cents for Kestrel."""

    def pay(by: Account, minor: int = 12_345, **told: object) -> Expense:
        with acting_as(by.pk):
            return spending.enter(kestrel, payment(minor, **told), by=by, device=f"device of {by.username}")  # type: ignore[arg-type]

    return pay

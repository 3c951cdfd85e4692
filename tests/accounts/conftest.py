"""People who come in by the door, with a password and an authenticator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from relocation.models import Account, LedgerEntry
from relocation.safety.actor import acting_as
from tests.standing import PASSWORD


@pytest.fixture
def at_door(vera: Account) -> Account:
    """Vera, who has a password and an authenticator as everybody on the ground."""
    return vera


def try_password(client: Client, name: str = "vera", password: str = PASSWORD, **how: Any) -> Any:
    return client.post(reverse("sign-in"), {"username": name, "password": password}, **how)


def try_code(client: Client, code: str, **how: Any) -> Any:
    return client.post(reverse("second"), {"code": code}, **how)


def is_in(client: Client) -> bool:
    return client.get(reverse("account")).status_code == 200


@pytest.fixture
def told(anton: Account) -> Callable[[Account | None], list[str]]:
    """What the ledger says on somebody's chain, as the auditor reads it, oldest first."""

    def entries(account: Account | None = None) -> list[str]:
        with acting_as(anton.pk):
            found = LedgerEntry.objects.filter(what__startswith="account.").order_by("at", "seq")
            return list((found.filter(case_id=account.pk) if account else found).values_list("what", flat=True))

    return entries

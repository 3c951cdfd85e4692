"""The cast in tests: the same invented people as everywhere, and a case called Kestrel."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from fiction.cast import secret_of
from fiction.ground import Ground
from relocation.journey.advance import advance
from relocation.journey.referring import NewCase, assign, refer
from relocation.models import Account, Case, DuplicateCheck
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.device import name_device
from relocation.safety.policy import Role
from relocation.safety.session import BACKEND, PROVED
from tests import standing

CAST = ("vera", "mara", "ilya", "tomas", "nina", "hanna", "otto", "elise", "pierre", "greta", "anton", "charlie")


def _cast_member(name: str) -> Callable[..., Account]:
    @pytest.fixture(name=name)
    def member(ground: Ground) -> Account:
        return ground[name]

    return member


for _name in CAST:
    globals()[_name] = _cast_member(_name)


@pytest.fixture
def ground(db: None) -> Ground:
    """Organisations, posts, houses, accounts and the people on call."""
    return standing.copy()


@pytest.fixture
def acting() -> Callable[[Account], AbstractContextManager[None]]:
    """Act as somebody: `with acting(vera): ...`"""
    return lambda account: acting_as(account.pk)


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """A browser in which somebody has signed in, on a device of their own unless another one is named."""

    return seated


def seated(account: Account, device: str = "") -> Client:
    """A browser whose session counts as both factors, given just now."""
    client, named = Client(), HttpResponse()
    name_device(named, device or f"device of {account.username}")
    client.cookies.update(named.cookies)
    client.force_login(account, backend=BACKEND)
    return prove(client)


def prove(client: Client, ago: timedelta = timedelta(0)) -> Client:
    """Say that the browser has given both factors, so long ago: a session of an hour ago is no longer fresh."""
    session = client.session
    session[PROVED] = int((timezone.now() - ago).timestamp())
    session.save()
    return client


def code_of(account: Account) -> str:
    """The next code of somebody's authenticator, which has not been used yet."""
    return code_at(secret_of(account.username), 1)


def code_at(secret: str, halves: int) -> str:
    """A code of an authenticator so many half minutes from now; one either way is accepted."""
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + halves)))


def referral(**told: object) -> NewCase:
    """What Kestrel's referral tells."""
    usual = {
        "alias": "Kestrel", "surname": "Эльфова", "given_names": "Алёна", "birth": "1992-04-28", "phone": "+79224125684",
        "place": "Нижний Новгород", "languages": ("ru",), "danger": "Отец обещал убить, если вернусь",
        "referred_by": "горячая линия",
        "needs": ("quiet room",), "consent_given_on": timezone.localdate() - timedelta(days=2),
    }  # fmt: skip
    return NewCase(**(usual | told))  # type: ignore[arg-type]


@pytest.fixture
def referred(mara: Account, vera: Account) -> Case:
    """Kestrel as referred, coordinated by Mara, led by Vera."""
    with acting_as(mara.pk):
        case = refer(referral(), by=mara)
        assign(case.pk, vera, by=mara, reason="has room for one more")
    return case


@pytest.fixture
def kestrel(referred: Case, vera: Account, mara: Account, tomas: Account) -> Case:
    """Kestrel in verification, with Tomas as verifier."""
    with acting_as(vera.pk):
        DuplicateCheck(case=referred, by=vera).save(force_insert=True)
        advance(referred, "verify", by=vera, version=0)
    with acting_as(mara.pk):
        access.admit(tomas, Role.VERIFIER, referred.pk, by=mara, reason="verifies")
    return afresh(referred, vera)


def afresh(case: Case, by: Account) -> Case:
    """The case as it is now, as somebody may see it."""
    with acting_as(by.pk):
        return Case.objects.visible_to(by).get(pk=case.pk)


@pytest.fixture
def as_vera(vera: Account) -> Iterator[Account]:
    """The whole test acts as Vera."""
    with acting_as(vera.pk):
        yield vera

"""The forced password: it opens a decoy under its owner's name, looks like signing in, and alarms in silence."""

from functools import cache
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from relocation.safety import factors, honey, ledger
from relocation.safety.actor import acting_as

if TYPE_CHECKING:
    from relocation.models import Account


@cache
def _nobodys() -> str:
    """A hash that costs as much as a real one."""
    return make_password("nobody has this one")


def is_forced(username: str, typed: str) -> bool:
    """Whether this is the forced password of an account; the same work whether or not there is one, or such an account."""
    kept = honey.decoy_password(username.replace("\0", ""))
    return check_password(typed, kept or _nobodys()) and bool(kept)


def owner(username: str) -> "Account":
    """The account of this name, whose forced password was right."""
    found: Account = get_user_model().objects.get(username=username)
    return found


def choose(account: "Account", typed: str) -> bool:
    """Keep a forced password. False where the account has no authenticator, or no decoy is free."""
    with transaction.atomic():
        secret = _authenticator(account)
        with acting_as(account.pk):
            decoy = honey.set_decoy(make_password(typed)) if secret else None
            if decoy is None:
                return False
            ledger.record("account.forced_chosen", account.pk, by=account)
        _give(get_user_model().objects.get(pk=decoy), secret)
        return True


def follow(account: "Account", secret: str) -> None:
    """A new authenticator of the owner confirms the decoy too."""
    with acting_as(account.pk), transaction.atomic():
        decoy = honey.mine()
    if decoy is not None:
        _give(get_user_model().objects.get(pk=decoy), secret)


def open_decoy(account: "Account") -> "Account":
    """Tell those who watch, end the real sessions, and return the account to sign in instead; its own where there is none."""
    with acting_as(account.pk), transaction.atomic():
        decoy = honey.forced()
    opened: Account = get_user_model().objects.get(pk=decoy or account.pk)
    return opened


def _authenticator(account: "Account") -> str:
    with factors.of(account):
        found = Authenticator.objects.filter(user=account, type=factors.TOTP).first()
        return factors.unseal(found.data["secret"]) if found else ""


def _give(decoy: Any, secret: str) -> None:
    """The decoy confirms itself by the same authenticator, and has recovery codes as everybody has."""
    with factors.of(decoy):
        Authenticator.objects.filter(user=decoy, type=factors.TOTP).delete()
        Authenticator.objects.create(user=decoy, type=factors.TOTP, data={"secret": factors.seal(secret), "used": 0})
    factors.new_codes(decoy)

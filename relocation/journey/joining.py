"""How somebody new comes in: the access custodian invites, the person chooses a password and a second factor.

Whoever invites hands the link over; it gives an account, and no case.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from relocation.models import Account, Invitation, Part, system_account
from relocation.models.invitation import digest_of
from relocation.models.offers import Offers
from relocation.models.outbox import put
from relocation.safety import ledger
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied

LASTS = timedelta(hours=72)
NO_PASSWORD = "!"  # noqa: S105  no password matches it


@dataclass(frozen=True)
class Place:
    """What an upper room says of a part that belongs somewhere: where that may be, and how it is settled."""

    choices: Callable[[], list[tuple[str, str]]]
    settle: Callable[[Account, str], None]


PLACES: Offers[Place] = Offers("those who join")  # by part; the houses offer the hosts’


@transaction.atomic
def invite(account: Account, *, by: Account, place: str = "") -> str:
    """Make the new account, which opens nothing yet, and return the link's token; it is never told again.

    Raises `Denied` unless `by` is an access custodian, and for parts and offices that no invitation gives.
    """
    if account.offices or account.part in (Part.SYSTEM, Part.OFFICE) or "custodian" not in by.offices:
        raise Denied(by.pk, "invite", by.pk)
    account.password = NO_PASSWORD
    account.save(force_insert=True)
    if account.part in PLACES:
        PLACES[account.part].settle(account, place)
    return _link(account, by)


@transaction.atomic
def invite_again(account: Account, *, by: Account) -> str:
    """A new link for somebody who never came; earlier ones end. Raises `Denied` once they have chosen a password."""
    if has_joined(account) or "custodian" not in by.offices:
        raise Denied(by.pk, "invite", by.pk)
    Invitation.objects.filter(account=account, used_at=None).update(expires_at=Now())
    return _link(account, by)


def _link(account: Account, by: Account) -> str:
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(account=account, by=by, digest=digest_of(token), expires_at=timezone.now() + LASTS)
    ledger.record("account.invited", account.pk, by=by, detail=account.part)
    put("tell_assigned", by=by, key=f"invited:{made.pk}", account=account.pk)  # says that something waits, never what
    return token


def invite_as_operator(account: Account) -> str:
    """As `invite`, for the operator, who alone gives offices; the caller is connected as the owner of the tables."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        account.password = NO_PASSWORD
        account.save(force_insert=True)
        Invitation.objects.create(account=account, digest=digest_of(token), expires_at=timezone.now() + LASTS)
    return token


def has_joined(account: Account) -> bool:
    """Whether somebody has ever chosen a password for this account."""
    return account.password != NO_PASSWORD


def waiting() -> Any:
    """Invited and not here yet, the newest first; as far as the acting account may see."""
    return Invitation.objects.filter(used_at=None, account__password=NO_PASSWORD).select_related("account").order_by("-at")


def invited_by(token: str) -> Account | None:
    """Whom a link is for, while it can be used."""
    with acting_as(system_account("door")), transaction.atomic():
        found = _usable(token).select_related("account").first()
    return found.account if found else None


def join(token: str, password: str) -> Account | None:
    """Use a link up and set the password, in one transaction; None where somebody was first, or it is too late."""
    with acting_as(system_account("door")), transaction.atomic():
        found = _usable(token).select_related("account").first()
        if found is None or not Invitation.objects.filter(pk=found.pk, used_at=None).update(used_at=Now()):
            return None
        account: Account = found.account
        account.set_password(password)
        with acting_as(account.pk):
            account.save(update_fields=["password"])
            ledger.record("account.joined", account.pk, by=account)
    return account


def _usable(token: str) -> Any:
    live = Q(expires_at__gt=Now(), used_at=None, account__is_active=True, account__password=NO_PASSWORD)
    return Invitation.objects.filter(live, digest=digest_of(token))

"""The door of calendar feeds: make an address, which is shown once; revoke it; and whose feed a secret opens."""

import hashlib
import secrets
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from relocation.models import Account
from relocation.models.feed import Feed
from relocation.safety import ledger
from relocation.safety.questions import answer


def renew(*, by: Account) -> str:
    """A new secret for the account's own feed; the one before opens nothing any more. It is shown once and kept nowhere."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=by.pk)
        Feed.objects.filter(account=by, revoked_at=None).update(revoked_at=Now())
        Feed(account=by, digest=_digest(secret)).save(force_insert=True)
        ledger.record("account.feed_made", by.pk, by=by)
    return secret


def revoke(*, by: Account) -> bool:
    """End the account's own feed. False where there was none."""
    with transaction.atomic():
        ended = Feed.objects.filter(account=by, revoked_at=None).update(revoked_at=Now())
        if ended:
            ledger.record("account.feed_revoked", by.pk, by=by)
        return bool(ended)


def standing(account: Account) -> Feed | None:
    """The feed that opens now."""
    return Feed.objects.filter(account=account, revoked_at=None).first()


def owner_of(secret: str) -> UUID | None:
    """Whose feed this secret opens; None where it opens nothing (any more). Nobody needs to be named for it."""
    found: UUID | None = answer("SELECT harbour_feed(%s)", _digest(secret))
    return found


def note(account: Account) -> None:
    """Write into the ledger that a calendar read the feed: once a day, however often it asks."""
    today = timezone.now().date()
    unread = Feed.objects.filter(Q(read_on=None) | Q(read_on__lt=today), account=account, revoked_at=None)
    if unread.update(read_on=today):
        ledger.record("account.feed_read", account.pk, by=account)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()

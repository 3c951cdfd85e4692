"""Sessions: rows that end by the database's clock, kept under a digest of the key that only the browser holds.

A dump of this table opens nothing. A row that was removed is never written again, also not by a request that still runs.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model, login, update_session_auth_hash
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone

from relocation.safety import ledger
from relocation.safety.actor import acting_as

if TYPE_CHECKING:
    from relocation.models import Account

BACKEND = "django.contrib.auth.backends.ModelBackend"
PROVED = "proved"  # when both factors were last given, in seconds since 1970 by the server's clock
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Length:
    """How long a session lives unused, and how long at most; whether it outlives the browser."""

    quiet: timedelta
    whole: timedelta
    outlives_browser: bool = False


# How long somebody stays signed in, by the part of their account.
LENGTHS: dict[str, Length] = {
    "desk": Length(quiet=timedelta(hours=1), whole=timedelta(hours=12)),
    "house": Length(quiet=timedelta(days=30), whole=timedelta(days=30), outlives_browser=True),  # number pads only, see FRESH
    "road": Length(quiet=timedelta(hours=4), whole=timedelta(hours=24)),
    "post": Length(quiet=timedelta(minutes=30), whole=timedelta(hours=8)),
    "office": Length(quiet=timedelta(minutes=30), whole=timedelta(hours=8)),
}
NOBODY = Length(quiet=timedelta(minutes=15), whole=timedelta(hours=1))  # whoever has not signed in yet


class Session(AbstractBaseSession):
    """One session of one browser; `session_key` is a digest of what the browser holds."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")
    device = models.CharField(max_length=40, default="", help_text="browser and system in words")
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    quiet_for = models.DurationField(default=NOBODY.quiet)
    quiet_until = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore


class SessionStore(db.SessionStore):
    """Django's store in the database, with an idle and an absolute end."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def exists(self, session_key: str) -> bool:
        return rows(session_key).exists()

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            rows(key).delete()

    def save(self, must_create: bool = False) -> None:
        """Write what was told. Raises `UpdateError` where the row is gone: it stays gone."""
        if self.session_key is None:
            self.create()
            return
        told = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # Django's own
        if must_create:
            self._insert(told)
        elif not self._update(told):
            raise UpdateError

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(Q(expire_date__lt=Now()) | Q(quiet_until__lt=Now())).delete()

    def _get_session_from_db(self) -> Session | None:
        found: Session | None = rows(self.session_key or "").filter(expire_date__gt=Now(), quiet_until__gt=Now()).first()
        if found is None:
            self._session_key = None
        elif found.account_id and timezone.now() - found.seen_at > NOTED_EVERY:
            rows(self.session_key or "").update(seen_at=Now(), quiet_until=Now() + F("quiet_for"))
        return found

    def _insert(self, told: dict[str, Any]) -> None:
        row = Session(session_key=digest(self._get_or_create_session_key()), session_data=self.encode(told))  # type: ignore[attr-defined]
        for name, value in _begun(told).items():
            setattr(row, name, value)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise CreateError from None

    def _update(self, told: dict[str, Any]) -> bool:
        """Write; whoever has just signed in begins to be counted from now."""
        kept, account = rows(self.session_key or ""), str(told.get(SESSION_KEY, "")) or None
        written = self.encode(told)
        same = kept.filter(account_id=account) if account else kept.filter(account=None)
        if same.update(session_data=written):
            return True
        return bool(kept.update(session_data=written, **_begun(told)))


def _begun(told: Mapping[str, Any]) -> dict[str, Any]:
    account, device = told.get(SESSION_KEY), told.get("device", "")
    part = get_user_model().objects.filter(pk=account).values_list("part", flat=True).first() if account else ""
    length = LENGTHS.get(str(part), NOBODY)
    times = {"started_at": Now(), "seen_at": Now(), "expire_date": Now() + length.whole, "quiet_until": Now() + length.quiet}
    return {"account_id": account, "device": device, "quiet_for": length.quiet} | times


def digest(key: str) -> str:
    """What is kept of a session's key: 160 bits of its SHA-256."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def rows(key: str) -> "models.QuerySet[Session]":
    """The row of a key, if there is one."""
    return Session.objects.filter(session_key=digest(key))


def begin(request: HttpRequest, account: "Account") -> None:
    """Sign in an account that has given both factors, under a new key; the ledger knows, on the account's own chain."""
    login(request, account, backend=BACKEND)
    prove(request)
    request.session["device"] = in_words(request.META.get("HTTP_USER_AGENT", ""))
    if (length := LENGTHS.get(account.part, NOBODY)).outlives_browser:
        request.session.set_expiry(length.whole)
    with acting_as(account.pk):
        ledger.record("account.signed_in", account.pk, by=account)


def prove(request: HttpRequest) -> None:
    """Note that the person has just shown who they are."""
    request.session[PROVED] = int(timezone.now().timestamp())


def proved_within(request: HttpRequest, length: timedelta) -> bool:
    """Whether both factors, or again the second one, were given that recently."""
    at = request.session.get(PROVED)
    return isinstance(at, int) and 0 <= timezone.now().timestamp() - at <= length.total_seconds()


def known(request: HttpRequest) -> "Account | None":
    """Who has signed in here, with both factors."""
    return request.user if request.user.is_authenticated and PROVED in request.session else None


def living(account_id: UUID) -> "models.QuerySet[Session]":
    """The sessions of an account that have not ended, the last used first."""
    return Session.objects.filter(account_id=account_id, expire_date__gt=Now(), quiet_until__gt=Now()).order_by("-seen_at")


def end(account_id: UUID, *, but: str | None = None, only: str = "") -> int:
    """End an account's sessions now: all, all but the one with this key, or one by its digest. Returns how many."""
    ending = Session.objects.filter(account_id=account_id)
    if but is not None:
        ending = ending.exclude(session_key=digest(but))
    return (ending.filter(session_key=only) if only else ending).delete()[0]


def end_everywhere(account: "Account") -> None:
    """End all sessions and make every copy of one worthless, also one that a running request would still write."""
    _new_stamp(account)
    end(account.pk)


def _new_stamp(account: "Account") -> None:
    get_user_model().objects.filter(pk=account.pk).update(ended=F("ended") + 1)
    account.refresh_from_db(fields=["ended"])


def stay_alone(request: HttpRequest) -> None:
    """End every session of an account but this one, which goes on under a new key."""
    account: Any = request.user
    _new_stamp(account)
    update_session_auth_hash(request, account)
    end(account.pk, but=request.session.session_key)


BROWSERS = ("Firefox", "Edg", "OPR", "SamsungBrowser", "Chrome", "Safari")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
SPOKEN = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung", "Mac OS": "Mac"}


def in_words(agent: str) -> str:
    """A browser and its system as people say them, such as "Firefox, Android"; empty where neither is recognised."""
    found = [next((word for word in words if word in agent), "") for words in (BROWSERS, SYSTEMS)]
    return ", ".join(SPOKEN.get(word, word) for word in found if word)

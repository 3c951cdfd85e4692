"""The second factor over django-allauth: authenticator (TOTP, RFC 6238), passkey (WebAuthn), recovery codes.

Secrets are sealed under a key of their account. The database shows a factor to its own account only (see walls), so that
every function here acts as the account that it is given, inside the caller's transaction.
"""

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ValidationError
from django.db import transaction

from relocation.safety import keys, ledger
from relocation.safety.actor import acting_as

if TYPE_CHECKING:
    from relocation.models import Account

TOTP, PASSKEY, RECOVERY = "totp", "webauthn", "recovery_codes"
_whose: ContextVar[UUID] = ContextVar("whose_factor")


class Sealing(DefaultMFAAdapter):  # type: ignore[misc]  # allauth's
    """What allauth asks of us: that secrets lie sealed, and what a passkey calls this place and its owner."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return "Harbour"

    def _get_user_identifier(self, user: Any) -> str:
        return str(user.username)


def seal(text: str) -> str:
    """Text of the account in hand, under its own key: generation (2 bytes), nonce (12), AES-256-GCM; in base64."""
    account = _whose.get()
    try:
        key, generation = keys.subkey(account, "factors")
    except keys.Gone:
        keys.new_key(account)
        key, generation = keys.subkey(account, "factors")
    nonce = secrets.token_bytes(12)
    body = AESGCM(key).encrypt(nonce, text.encode(), _bound(account))
    return base64.b64encode(generation.to_bytes(2, "big") + nonce + body).decode()


def unseal(sealed: str) -> str:
    """The text again. Raises `Gone` where the account's key was destroyed, ValueError for what is another account's."""
    account, raw = _whose.get(), base64.b64decode(sealed)
    key, _generation = keys.subkey(account, "factors", int.from_bytes(raw[:2], "big"))
    try:
        return AESGCM(key).decrypt(raw[2:14], raw[14:], _bound(account)).decode()
    except InvalidTag:
        raise ValueError("This secret was sealed for another account.") from None


def _bound(account: UUID) -> bytes:
    return f"second factor|{account}".encode()


@contextmanager
def of(account: "Account") -> Iterator[None]:
    """Act as the account, with its key in hand."""
    token = _whose.set(account.pk)
    try:
        with acting_as(account.pk), transaction.atomic():
            yield
    finally:
        _whose.reset(token)


def kinds(account: "Account") -> set[str]:
    """Which factors an account has."""
    with of(account):
        return set(Authenticator.objects.filter(user=account).values_list("type", flat=True))


def has_one(account: "Account") -> bool:
    """Whether an account has a second factor; recovery codes alone are none."""
    return bool(kinds(account) & {TOTP, PASSKEY})


def held(account: "Account") -> list[Any]:
    """Authenticator and passkeys of an account, the oldest first."""
    with of(account):
        return list(Authenticator.objects.filter(user=account, type__in=[TOTP, PASSKEY]).order_by("created_at"))


def new_secret() -> str:
    """A secret for an authenticator app: 160 bits, in base32."""
    return str(totp.generate_totp_secret())


def address(account: "Account", secret: str) -> str:
    """The `otpauth:` address that an authenticator app understands; it names nothing but Harbour and the sign-in name."""
    return str(Sealing().build_totp_url(account, secret))


def right_now(secret: str) -> str:
    """The code that an authenticator with this secret shows now."""
    return str(totp.format_hotp_value(totp.hotp_value(secret, _counters()[1])))


def _counters() -> list[int]:
    return list(totp.yield_hotp_counters_from_time())


def counter_of(secret: str, code: str) -> int | None:
    """For which half minute (since 1970) a code is right; None where it is not. Spaces and dashes do not matter."""
    for counter in _counters():
        if compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, counter))):
            return counter
    return None


def add_authenticator(account: "Account", secret: str, code: str) -> bool:
    """Keep an authenticator instead of an earlier one, once it has shown a right code; that code is used up."""
    if (counter := counter_of(secret, code)) is None:
        return False
    with of(account):
        Authenticator.objects.filter(user=account, type=TOTP).delete()
        Authenticator.objects.create(user=account, type=TOTP, data={"secret": seal(secret), "used": counter})
        ledger.record("account.factor_added", account.pk, by=account, detail=TOTP)
    return True


def invented_code(account: "Account") -> str:
    """What the authenticator of somebody invented shows now; the caller has made sure that they are."""
    with of(account):
        found = Authenticator.objects.filter(user=account, type=TOTP).first()
        return right_now(unseal(found.data["secret"])) if found else ""


def accept(account: "Account", code: str) -> str:
    """Which kind of factor a code belongs to, used up by asking; empty where it is wrong or was used before."""
    with of(account):
        if _accept_totp(account, code):
            return TOTP
        codes = Authenticator.objects.filter(user=account, type=RECOVERY).first()
        return RECOVERY if codes and RecoveryCodes(codes).validate_code(code) else ""


def _accept_totp(account: "Account", code: str) -> bool:
    """No half minute counts twice, nor one before it: the row remembers, whatever broker or process forgets."""
    found = Authenticator.objects.select_for_update().filter(user=account, type=TOTP).first()
    counter = counter_of(unseal(found.data["secret"]), code) if found else None
    if found is None or counter is None or counter <= found.data["used"]:
        return False
    found.data["used"] = counter
    found.save(update_fields=["data"])
    found.record_usage()
    return True


def new_codes(account: "Account") -> list[str]:
    """Ten fresh recovery codes, each for one use; earlier ones are worth nothing from now on."""
    with of(account):
        Authenticator.objects.filter(user=account, type=RECOVERY).delete()
        made = RecoveryCodes.activate(account)
        ledger.record("account.codes_made", account.pk, by=account)
        return [str(code) for code in made.generate_codes()]


def codes_left(account: "Account") -> int:
    """How many recovery codes can still be used."""
    with of(account):
        found = Authenticator.objects.filter(user=account, type=RECOVERY).first()
        return len(RecoveryCodes(found).get_unused_codes()) if found else 0


def ask_passkey(account: "Account", *, adding: bool = False) -> dict[str, Any]:
    """What the browser must be asked; the challenge waits in the session."""
    with of(account):
        return dict(webauthn.begin_registration(account, False) if adding else webauthn.begin_authentication(account))


def add_passkey(account: "Account", name: str, credential: Any) -> bool:
    """Keep a passkey that the browser has made."""
    with of(account):
        try:
            webauthn.parse_registration_response(credential)
            webauthn.complete_registration(credential)
        except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
            return False
        webauthn.WebAuthn.add(account, name, credential)
        ledger.record("account.factor_added", account.pk, by=account, detail=PASSKEY)
    return True


def accept_passkey(account: "Account", answer: Any) -> bool:
    """Whether a passkey of this account has answered the challenge of this session."""
    with of(account):
        try:
            webauthn.parse_authentication_response(answer)
            found = webauthn.complete_authentication(account, answer)
        except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
            return False
        found.record_usage()
    return True


def remove(account: "Account", number: int) -> bool:
    """Take a factor away, unless it is the last one."""
    with of(account):
        every = list(Authenticator.objects.select_for_update().filter(user=account, type__in=[TOTP, PASSKEY]))
        gone = next((one for one in every if one.pk == number), None)
        if gone is None or len(every) < 2:
            return False
        gone.delete()
        ledger.record("account.factor_removed", account.pk, by=account, detail=gone.type)
    return True

"""Keys: a wrapped key per case (RFC 3394) under a master key that is brought, a subkey per compartment (HKDF, RFC 5869)."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.db import models
from django.db.models.functions import Now

from relocation.safety import master
from relocation.safety.master import Shut, forget, is_brought, master_key, master_keys, write_master_key

__all__ = ["Shut", "forget", "is_brought", "master_key", "master_keys", "write_master_key"]


class Gone(Exception):
    """The case's key was destroyed, or never was."""


class Foreign(Exception):
    """A key that this master key did not wrap, or a generation of it that is not there."""


class WrappedKey(models.Model):
    """A case's (or a house's) key, wrapped by the master key; lives in a database of its own."""

    subject_id = models.UUIDField()
    generation = models.PositiveSmallIntegerField(default=1)
    master = models.PositiveSmallIntegerField()
    wrapped = models.BinaryField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["subject_id", "generation"], name="one_key_per_generation")]
        indexes = [models.Index(fields=["master", "id"], name="key_master")]

    def __str__(self) -> str:
        return f"key {self.pk}"


CaseKey = tuple[bytes, int]  # 32 bytes, and their generation
_in_hand: ContextVar[dict[tuple[UUID, int], CaseKey] | None] = ContextVar("keys_in_hand", default=None)
_derived: ContextVar[dict[tuple[UUID, int, str], bytes] | None] = ContextVar("subkeys_in_hand", default=None)


@contextmanager
def keys_in_hand() -> Iterator[None]:
    """Unwrap each case's key once for this request or task, and derive each subkey once; forgotten at its end."""
    token, derived = _in_hand.set({}), _derived.set({})
    try:
        yield
    finally:
        _in_hand.reset(token)
        _derived.reset(derived)


def new_key(subject_id: UUID, generation: int = 1) -> None:
    """Make the key of a case or house that is about to be born, or its next generation."""
    number, key = max(master.master_keys()), secrets.token_bytes(32)
    wrapped = aes_key_wrap(master.master_key(number), key)
    WrappedKey.objects.create(subject_id=subject_id, generation=generation, master=number, wrapped=wrapped)
    _hold(subject_id, (key, generation))


def destroy(subject_id: UUID) -> int:
    """Destroy a subject's keys, here and in the database. Returns how many there were."""
    held = _in_hand.get() or {}
    for known in [known for known in held if known[0] == subject_id]:
        del held[known]
    return WrappedKey.objects.filter(subject_id=subject_id).delete()[0]


def subkey(subject_id: UUID, compartment: str, generation: int = 0) -> CaseKey:
    """The compartment's key and its generation; generation 0 asks for the newest. Raises `Gone`, `Foreign`, `Shut`."""
    case_key, found = (_in_hand.get() or {}).get((subject_id, generation)) or _unwrapped(subject_id, generation)
    derived, place = _derived.get(), (subject_id, found, compartment)
    if derived is None:
        return _derive(case_key, compartment), found
    if place not in derived:
        derived[place] = _derive(case_key, compartment)
    return derived[place], found


def _derive(case_key: bytes, compartment: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=compartment.encode()).derive(case_key)


def newest(subject_id: UUID) -> int:
    """The newest generation of a subject's key. Raises `Gone`."""
    found: int | None = WrappedKey.objects.filter(subject_id=subject_id).aggregate(n=models.Max("generation"))["n"]
    if found is None:
        raise Gone("The key of this case no longer exists.")
    return found


def _unwrapped(subject_id: UUID, generation: int) -> CaseKey:
    keys = WrappedKey.objects.filter(subject_id=subject_id).order_by("-generation")
    row = (keys.filter(generation=generation) if generation else keys).first()
    if row is None:
        raise Foreign("A generation of this key that is not there.") if keys.exists() else Gone("This key no longer exists.")
    found = unwrap(row, master.master_key(row.master)), row.generation
    _hold(subject_id, found, newest=not generation)
    return found


def fetch(subject_ids: Iterable[UUID]) -> None:
    """Take the newest keys of many subjects in hand by one question, before a page opens something of each of them."""
    masters = master.master_keys()
    rows = WrappedKey.objects.filter(subject_id__in=[*subject_ids]).order_by("generation")
    for subject_id, generation, number, wrapped in rows.values_list("subject_id", "generation", "master", "wrapped"):
        _hold(subject_id, (_unwrap(wrapped, masters[number]), generation))


def unwrap(row: WrappedKey, key: bytes) -> bytes:
    """The case key in this row, by the master key that wrapped it. Raises `Foreign` where it did not."""
    return _unwrap(row.wrapped, key)


def _unwrap(wrapped: bytes | memoryview, key: bytes) -> bytes:
    try:
        return aes_key_unwrap(key, bytes(wrapped))
    except (InvalidUnwrap, ValueError):
        raise Foreign("This master key did not wrap this key.") from None


def _hold(subject_id: UUID, key: CaseKey, *, newest: bool = True) -> None:
    held = _in_hand.get()
    if held is not None:
        held[subject_id, key[1]] = key
        if newest:
            held[subject_id, 0] = key


def keyed_digest(subject_id: UUID, purpose: str, material: bytes) -> bytes:
    """HMAC-SHA-256 under a key of this subject: the same material is recognised, nothing can be looked up without the key."""
    return hmac.digest(subkey(subject_id, f"digest:{purpose}")[0], material, hashlib.sha256)

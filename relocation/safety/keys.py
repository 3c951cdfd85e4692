"""Keys: a master key brought at start, a wrapped key per case (RFC 3394), a subkey per compartment (HKDF, RFC 5869)."""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from django.conf import settings
from django.db import models


class Gone(Exception):
    """The case's key was destroyed, or never was."""


class Shut(Exception):
    """The master key has not been brought."""


class WrappedKey(models.Model):
    """A case's (or a house's) key, wrapped by the master key; lives in a database of its own."""

    subject_id = models.UUIDField()
    generation = models.PositiveSmallIntegerField(default=1)
    master = models.PositiveSmallIntegerField()
    wrapped = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["subject_id", "generation"], name="one_key_per_generation")]

    def __str__(self) -> str:
        return f"key {self.pk}"


def write_master_key(path: Path, number: int = 1) -> None:
    """Add a fresh master key to the key file: one line each, a number and 32 bytes in base64. Readable by its owner only."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        file.write(f"{number} {base64.b64encode(secrets.token_bytes(32)).decode()}\n")


@cache
def master_keys() -> dict[int, bytes]:
    """Number to key, read once from `HARBOUR_KEY_FILE`. Raises `Shut` where it is missing."""
    path = settings.HARBOUR_KEY_FILE
    if not path or not Path(path).exists():
        raise Shut("Harbour is shut: no master key has been brought. Set HARBOUR_KEY_FILE.")
    lines = [line.split() for line in Path(path).read_text().splitlines() if line.strip()]
    return {int(number): base64.b64decode(key) for number, key in lines}


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


def new_key(subject_id: UUID) -> None:
    """Make the key of a case or house that is about to be born."""
    number, key = max(master_keys()), secrets.token_bytes(32)
    WrappedKey.objects.create(subject_id=subject_id, master=number, wrapped=aes_key_wrap(master_keys()[number], key))
    _hold(subject_id, (key, 1))


def destroy(subject_id: UUID) -> int:
    """Destroy a subject's keys, here and in the database. Returns how many there were."""
    held = _in_hand.get() or {}
    for known in [known for known in held if known[0] == subject_id]:
        del held[known]
    return WrappedKey.objects.filter(subject_id=subject_id).delete()[0]


def subkey(subject_id: UUID, compartment: str, generation: int = 0) -> CaseKey:
    """The compartment's key and its generation; generation 0 asks for the newest. Raises `Gone`."""
    case_key, found = (_in_hand.get() or {}).get((subject_id, generation)) or _unwrapped(subject_id, generation)
    derived, place = _derived.get(), (subject_id, found, compartment)
    if derived is None:
        return _derive(case_key, compartment), found
    if place not in derived:
        derived[place] = _derive(case_key, compartment)
    return derived[place], found


def _derive(case_key: bytes, compartment: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=compartment.encode()).derive(case_key)


def _unwrapped(subject_id: UUID, generation: int) -> CaseKey:
    keys = WrappedKey.objects.filter(subject_id=subject_id).order_by("-generation")
    row = (keys.filter(generation=generation) if generation else keys).first()
    if row is None:
        raise Gone("The key of this case no longer exists.")
    found = aes_key_unwrap(master_keys()[row.master], bytes(row.wrapped)), row.generation
    _hold(subject_id, found, newest=not generation)
    return found


def fetch(subject_ids: Iterable[UUID]) -> None:
    """Take the newest keys of many subjects in hand by one question, before a page opens something of each of them."""
    rows = WrappedKey.objects.filter(subject_id__in=[*subject_ids]).order_by("generation")
    for subject_id, generation, master, wrapped in rows.values_list("subject_id", "generation", "master", "wrapped"):
        _hold(subject_id, (aes_key_unwrap(master_keys()[master], bytes(wrapped)), generation))


def _hold(subject_id: UUID, key: CaseKey, *, newest: bool = True) -> None:
    held = _in_hand.get()
    if held is not None:
        held[subject_id, key[1]] = key
        if newest:
            held[subject_id, 0] = key


def keyed_digest(subject_id: UUID, purpose: str, material: bytes) -> bytes:
    """HMAC-SHA-256 under a key of this subject: the same material is recognised, nothing can be looked up without the key."""
    return hmac.digest(subkey(subject_id, f"digest:{purpose}")[0], material, hashlib.sha256)


def rewrap(row: WrappedKey, master: int) -> int:
    """Wrap one key with another master key, unless somebody else just did. Returns 0 or 1."""
    wrapped = aes_key_wrap(master_keys()[master], aes_key_unwrap(master_keys()[row.master], bytes(row.wrapped)))
    return WrappedKey.objects.filter(pk=row.pk, master=row.master).update(master=master, wrapped=wrapped)

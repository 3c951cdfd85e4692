"""Anchors: the head of every chain, signed, as a file that is carried out of the machine.

Whoever owns the database can write a chain anew or cut its end off, and it will hold again; but not as an anchor says it was.
An anchor names chains by keyed digests and nothing else. Signed with Ed25519 (RFC 8032); each holds the hash of the one before.
"""

import hashlib
import hmac
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from relocation.safety import keys
from relocation.safety.chain import Head

VERSION = 1
WRONG = {
    "forged": _("It was changed, or was not signed here."),
    "missing": _("It is not there, though others before and after it are, or the ledger says that it was made."),
    "unknown": _("The ledger does not know it, or knows another one of this number."),
}


@dataclass(frozen=True)
class Anchor:
    """One file. `made_at` is UTC by the database's clock; a head is a chain's digest, its number and its hash, both in hex."""

    version: int
    number: int
    made_at: str
    entries: int
    chains: int
    heads: list[tuple[str, int, str]]
    previous: str
    key: int
    signature: str = ""

    def said(self) -> bytes:
        """What is signed: everything but the signature, as JSON with sorted names."""
        told = {name: value for name, value in asdict(self).items() if name != "signature"}
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()

    @property
    def hash(self) -> str:
        """SHA-256 of the whole file, in hex; the next anchor and the ledger hold it."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    def text(self) -> str:
        """The file, a line for each head."""
        return json.dumps(asdict(self), sort_keys=True, indent=0) + "\n"

    @property
    def file_name(self) -> str:
        return f"anchor-{self.number:08d}.json"


class Bad(NamedTuple):
    """The first anchor that cannot be relied on, and a key of `WRONG`."""

    number: int
    wrong: str


def draw(heads: list[Head], *, number: int, made_at: datetime, previous: str, owner: UUID) -> Anchor:
    """Sign these heads with the key that belongs to `owner`, the sweep's account. Raises `Shut` without the master key."""
    seed, generation = _subkey(owner, "anchor.sign")
    told = [(name, head.number, head.hash.hex()) for name, head in zip(names(heads, owner, generation), heads, strict=True)]
    entries = sum(head.entries for head in heads)
    anchor = Anchor(VERSION, number, made_at.isoformat(), entries, len(heads), sorted(told), previous, generation)
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(anchor.said()).hex()
    return Anchor(**(asdict(anchor) | {"signature": signature}))


def names(heads: list[Head], owner: UUID, generation: int) -> list[str]:
    """The digests by which an anchor of this generation of keys calls these chains."""
    key, _generation = keys.subkey(owner, "anchor.names", generation)
    return [hmac.digest(key, head.chain.bytes, hashlib.sha256).hex()[:32] for head in heads]


def public_key(owner: UUID) -> str:
    """What anybody needs to check a signature, in hex; written down outside, it shows an anchor of somebody else's."""
    return Ed25519PrivateKey.from_private_bytes(_subkey(owner, "anchor.sign")[0]).public_key().public_bytes_raw().hex()


def read(folder: Path) -> list[Anchor | Bad]:
    """The anchors of a folder by their numbers; a file that is no anchor is said to be forged."""
    return [read_file(path) for path in sorted(folder.glob("anchor-*.json"))]


def judge(found: list[Anchor | Bad], *, known: dict[int, str], owner: UUID) -> Bad | None:
    """The first anchor that is forged, missing in the sequence, or not the one that the ledger knows (number to hash)."""
    before: Anchor | None = None
    for anchor in found:
        if isinstance(anchor, Bad) or not _signed(anchor, owner):
            return Bad(anchor.number, "forged")
        if before and anchor.number != before.number + 1:
            return Bad(before.number + 1, "missing")
        if before and anchor.previous != before.hash:
            return Bad(anchor.number, "forged")
        if known.get(anchor.number) != anchor.hash:
            return Bad(anchor.number, "unknown")
        before = anchor
    last, most = before.number if before else 0, max(known, default=0)
    return Bad(last + 1, "missing") if last < most else None


def read_file(path: Path) -> Anchor | Bad:
    """One anchor, under whatever name it lies."""
    number = int("".join(letter for letter in path.stem if letter.isdigit()) or 0)
    try:
        told: dict[str, Any] = json.loads(path.read_text())
        anchor = Anchor(**(told | {"heads": [(name, seq, hash) for name, seq, hash in told["heads"]]}))
    except (ValueError, TypeError, KeyError):
        return Bad(number, "forged")
    return anchor if anchor.number == number and anchor.version == VERSION else Bad(number, "forged")


def _signed(anchor: Anchor, owner: UUID) -> bool:
    try:
        seed, newest = _subkey(owner, "anchor.sign")
        if anchor.key != newest:
            if not 0 < anchor.key < newest:
                return False
            seed, newest = keys.subkey(owner, "anchor.sign", anchor.key)
        _insist(Ed25519PrivateKey.from_private_bytes(seed).public_key(), anchor)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _insist(public: Ed25519PublicKey, anchor: Anchor) -> None:
    public.verify(bytes.fromhex(anchor.signature), anchor.said())


def _subkey(owner: UUID, purpose: str) -> keys.CaseKey:
    """A key of the sweep's own, wrapped like a case's; made when it is first asked for."""
    with suppress(keys.Gone):
        return keys.subkey(owner, purpose)
    with suppress(IntegrityError), transaction.atomic(using="keys"):  # two may ask at once: the second uses the first's
        keys.new_key(owner)
    return keys.subkey(owner, purpose)

"""Files sealed in pieces as they flow (AES-256-GCM; each nonce counts, and says whether it is the last): no cut or swap passes.

A file begins with `HEAD` and 32 random bytes, from which and the backup key its own key is derived (HKDF, RFC 5869); each piece
is its length, and that many sealed bytes. What it holds (data, keys) is bound to every piece.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEAD = b"HBRBKP01"
PIECE = 1 << 20  # bytes
TAG = 16


class Broken(Exception):
    """A file that is not whole, was changed, or was sealed with another key; and which, in a sentence of the caller."""


def new_key(path: Path) -> None:
    """Write a new backup key (256 random bits, base64). Raises `FileExistsError`."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_key(path: Path) -> bytes:
    """The backup key in a file. Raises `OSError`, and ValueError where it holds none."""
    try:
        key = base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)
    except (binascii.Error, UnicodeDecodeError) as wrong:
        raise ValueError("no key") from wrong
    if len(key) != 32:
        raise ValueError("no key")
    return key


def close(key: bytes, what: str, plain: Iterable[bytes], out: BinaryIO) -> None:
    """Seal a stream into a file."""
    salt = secrets.token_bytes(32)
    cipher = _cipher(key, salt, what)
    out.write(HEAD + salt)
    number, before = 0, b""
    for number, piece in enumerate(_pieces(plain)):
        if number:
            _write(out, cipher.encrypt(_nonce(number - 1, last=False), before, what.encode()))
        before = piece
    _write(out, cipher.encrypt(_nonce(number, last=True), before, what.encode()))


def opened(key: bytes, what: str, sealed: BinaryIO) -> Iterator[bytes]:
    """The stream in a file, piece by piece; what came before a `Broken` is void."""
    head = sealed.read(len(HEAD) + 32)
    if len(head) < len(HEAD) + 32 or not head.startswith(HEAD):
        raise Broken
    cipher, number = _cipher(key, head[len(HEAD) :], what), 0
    piece = _read(sealed)
    while piece is not None:
        following = _read(sealed)
        try:
            yield cipher.decrypt(_nonce(number, last=following is None), piece, what.encode())
        except InvalidTag:
            raise Broken from None
        piece, number = following, number + 1
    if not number:
        raise Broken


def _cipher(key: bytes, salt: bytes, what: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=f"harbour backup {what}".encode()).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")


def _pieces(plain: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in equal pieces; at least one, perhaps empty."""
    held = bytearray()
    for some in plain:
        held += some
        while len(held) > PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
    yield bytes(held)


def _write(out: BinaryIO, sealed: bytes) -> None:
    out.write(len(sealed).to_bytes(4, "big") + sealed)


def _read(sealed: BinaryIO) -> bytes | None:
    """One sealed piece; None at the end of the file."""
    size = sealed.read(4)
    if not size:
        return None
    length = int.from_bytes(size, "big")
    piece = sealed.read(length) if len(size) == 4 and TAG <= length <= PIECE + TAG else b""
    if not piece or len(piece) < length:
        raise Broken
    return piece

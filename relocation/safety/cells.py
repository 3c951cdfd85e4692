"""How sealed bytes are laid out: AES-256-GCM (NIST SP 800-38D), bound to their place, padded, long ones in pieces.

Short: `format 1 | generation (2) | nonce (12) | ciphertext and tag`. From 64 KiB on: `format 2 | generation (2) | prefix (7) |
pieces`, each with its tag under the nonce `prefix | count (4) | 1 if it is the last` (STREAM, Hoang et al. 2015), so that a
piece that is missing, doubled or moved is found out, and one piece at a time is in memory.
The place, the format and the generation are authenticated; the plaintext begins with its length (4) and ends in padding.
"""

import secrets
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

WHOLE, PIECES = 1, 2
HEAD, NONCE, PREFIX, TAG, LENGTH = 3, 12, 7, 16, 4  # bytes
PIECE = 64 * 1024  # bytes of plaintext in a piece
SMALLEST = 64  # bytes; shorter ones are padded to this


class Broken(ValueError):
    """These bytes are not what was sealed at this place."""


def close(key: bytes, generation: int, place: bytes, plain: bytes) -> bytes:
    """Seal `plain` for `place` and no other."""
    padded = _padded(plain)
    if len(padded) > PIECE:
        return _close_pieces(key, generation, place, padded)
    nonce = secrets.token_bytes(NONCE)
    return _head(WHOLE, generation) + nonce + AESGCM(key).encrypt(nonce, padded, _bound(place, WHOLE, generation))


def opened(key: bytes, place: bytes, cell: bytes) -> bytes:
    """The plaintext of a whole cell. Raises `Broken`."""
    if format_of(cell) == PIECES:
        start = HEAD + PREFIX
        pieces = (cell[at : at + PIECE + TAG] for at in range(start, len(cell), PIECE + TAG))
        return b"".join(opened_pieces(key, place, cell[:start], pieces))
    sealed = cell[HEAD + NONCE :]
    return _unpadded(_decrypt(AESGCM(key), cell[HEAD : HEAD + NONCE], sealed, _bound(place, WHOLE, generation_of(cell))))


def opened_pieces(key: bytes, place: bytes, head: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Plaintext as sealed pieces come. Raises `Broken` at the first that is wrong; without the last, what came before is void."""
    cipher, bound, left = _stream(key), _bound(place, PIECES, generation_of(head)), -1
    for count, (piece, following) in enumerate(pairwise(chain(pieces, [None]))):
        assert piece is not None
        plain = _decrypt(cipher, _nonce(head[HEAD:], count, last=following is None), piece, bound)
        if left < 0:
            left, plain = int.from_bytes(plain[:LENGTH], "big"), plain[LENGTH:]
        yield plain[:left]
        left -= len(plain[:left])
    if left:
        raise Broken("Nothing is left of it, or less than was sealed.")


def format_of(cell: bytes) -> int:
    """The format byte. Raises `Broken` where it is unknown."""
    if len(cell) < HEAD or cell[0] not in (WHOLE, PIECES):
        raise Broken("Sealed bytes of an unknown format.")
    return cell[0]


def generation_of(cell: bytes) -> int:
    """Which generation of its key sealed it."""
    return int.from_bytes(cell[1:HEAD], "big")


def bucket(length: int) -> int:
    """Length after padding: 64 at least, then so that it tells few bits and costs 12 % at most (Padmé, PURBs 2019)."""
    exponent = length.bit_length() - 1
    step = max(SMALLEST, 1 << max(0, exponent - exponent.bit_length()))
    return -(-length // step) * step


def _close_pieces(key: bytes, generation: int, place: bytes, padded: bytes) -> bytes:
    cipher, bound, prefix = _stream(key), _bound(place, PIECES, generation), secrets.token_bytes(PREFIX)
    starts = range(0, len(padded), PIECE)
    pieces = (
        cipher.encrypt(_nonce(prefix, count, last=start == starts[-1]), padded[start : start + PIECE], bound)
        for count, start in enumerate(starts)
    )
    return b"".join([_head(PIECES, generation), prefix, *pieces])


def _stream(key: bytes) -> AESGCM:
    """Pieces have a key of their own, so that their nonces never meet those of short cells."""
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"pieces").derive(key))


def _nonce(prefix: bytes, count: int, *, last: bool) -> bytes:
    return prefix + count.to_bytes(4, "big") + bytes([last])


def _decrypt(cipher: AESGCM, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, bound)
    except (InvalidTag, ValueError):
        raise Broken("Sealed bytes that do not hold.") from None


def _head(layout: int, generation: int) -> bytes:
    return bytes([layout]) + generation.to_bytes(2, "big")


def _bound(place: bytes, layout: int, generation: int) -> bytes:
    return place + f"|{layout}.{generation}".encode()


def _padded(plain: bytes) -> bytes:
    framed = len(plain).to_bytes(LENGTH, "big") + plain
    return framed + b"\0" * (bucket(len(framed)) - len(framed))


def _unpadded(padded: bytes) -> bytes:
    return padded[LENGTH : LENGTH + int.from_bytes(padded[:LENGTH], "big")]

"""Canaries: a random word in every sensitive place, and a searcher that finds each of them however it is written down.

A canary is a marker and eleven letters, so that one search finds all of them, in raw text, UTF-16, base64 (at each of its
three alignments), hexadecimal, and inside deflate streams: zip, gzip, PDF.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from random import Random
from string import ascii_lowercase
from typing import Any
from uuid import UUID

MARKER, LETTERS = "zqx", 11
_TAIL = f"[a-zA-Z]{{{LETTERS}}}"
RAW = re.compile(f"(?i:{MARKER}){_TAIL}".encode())
WIDE = re.compile(b"".join(b"[%c%c]\0" % (c, c - 32) for c in MARKER.encode()) + b"(?:[a-zA-Z]\0){%d}" % LETTERS)
WIDE_BIG = re.compile(b"".join(b"\0[%c%c]" % (c, c - 32) for c in MARKER.encode()) + b"(?:\0[a-zA-Z]){%d}" % LETTERS)
HEX = re.compile(b"(?i:[57]a[57]1[57]8(?:[4-7][0-9a-f]){%d})" % LETTERS)
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{19,}")
DEFLATED = re.compile(rb"\x78[\x01\x5e\x9c\xda]")  # a zlib stream, as in PDF
ZIPPED, GZIPPED = b"PK\x03\x04", b"\x1f\x8b\x08"
DEEPEST = 3  # streams within streams
LARGEST = 64 * 1024 * 1024  # bytes that one stream may unfold to


@dataclass(frozen=True)
class Canary:
    """One planted word: about which case (or house, or file), in which place (`table.column`), in which compartment."""

    word: str
    place: str
    about: UUID | None = None
    compartment: str = ""
    sealed: bool = True


@dataclass
class Canaries:
    """All planted words of one run: fresh ones, since logs and recycled files may still hold those of another."""

    chance: Random
    planted: dict[str, Canary] = field(default_factory=dict)

    def plant(self, place: str, about: UUID | None = None, compartment: str = "", *, sealed: bool = True) -> str:
        """A new word for a place."""
        word = MARKER + "".join(self.chance.choices(ascii_lowercase, k=LETTERS))
        self.planted[word] = Canary(word, place, about, compartment, sealed)
        return word

    def tell(self, word: str, about: UUID) -> None:
        """Say of which case a word is that was planted before the case was born."""
        self.planted[word] = replace(self.planted[word], about=about)

    def of(self, *subjects: UUID) -> list[Canary]:
        """The words about these cases."""
        return [canary for canary in self.planted.values() if canary.about in subjects]

    def found_in(self, *texts: bytes) -> set[Canary]:
        """Every planted word that any of these bytes tell."""
        return {self.planted[word] for text in texts for word in seen(text) if word in self.planted}


@lru_cache(maxsize=64)
def seen(text: bytes) -> frozenset[str]:
    """What `words` finds, once for bytes that come again: one page says to every stranger that there is nothing."""
    return frozenset(words(text))


def words(text: bytes, depth: int = 0) -> set[str]:
    """Everything that looks like a canary, in whichever writing."""
    found = {hit.decode().lower() for hit in RAW.findall(text)}
    found |= {hit.replace(b"\0", b"").decode().lower() for pattern in (WIDE, WIDE_BIG) for hit in pattern.findall(text)}
    found |= {hit for run in HEX.findall(text) for hit in _plain(binascii.unhexlify(run))}
    found |= {hit for run in BASE64.findall(text) for plain in _from_base64(run) for hit in _plain(plain)}
    if depth < DEEPEST:
        found |= {hit for stream in streams(text) for hit in words(stream, depth + 1)}
    return found


def _plain(text: bytes) -> Iterable[str]:
    return (hit.decode().lower() for hit in RAW.findall(text))


def _from_base64(run: bytes) -> Iterator[bytes]:
    """A run read from each of its first four letters, since what stands before it may look like base64 too."""
    run = run.replace(b"-", b"+").replace(b"_", b"/")
    for start in range(4):
        part = run[start:]
        yield base64.b64decode(part[: len(part) // 4 * 4] + _rest(part), validate=False)


def _rest(part: bytes) -> bytes:
    left = part[len(part) // 4 * 4 :]
    return left + b"=" * (4 - len(left)) if len(left) > 1 else b""


def streams(text: bytes) -> Iterator[bytes]:
    """What lies in deflate streams: PDF and other zlib streams, gzip, and the members of a zip."""
    view = memoryview(text)
    for start in DEFLATED.finditer(text):
        yield from _inflated(view[start.start() :], zlib.MAX_WBITS)
    for at in _all(text, GZIPPED):
        yield from _inflated(view[at:], zlib.MAX_WBITS | 16)
    for at in _all(text, ZIPPED):
        head = 30 + int.from_bytes(text[at + 26 : at + 28], "little") + int.from_bytes(text[at + 28 : at + 30], "little")
        yield from _inflated(view[at + head :], -zlib.MAX_WBITS)


def _inflated(text: memoryview, window: int) -> Iterator[bytes]:
    try:
        unfolded = zlib.decompressobj(window).decompress(text, LARGEST)
    except zlib.error:
        return
    if unfolded:
        yield unfolded


def _all(text: bytes, start: bytes) -> Iterator[int]:
    at = text.find(start)
    while at >= 0:
        yield at
        at = text.find(start, at + 1)


def told_by(response: Any) -> bytes:
    """Everything that an answer tells: headers, cookies, body."""
    return b"\n".join(parts_of(response))


def parts_of(response: Any) -> tuple[bytes, bytes]:
    """The same in two: headers and cookies, then the body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    head = "\n".join(f"{name}: {value}" for name, value in response.items()) + str(response.cookies)
    return head.encode(), body

"""The searcher itself, before anything is said to hold nothing: planted in each place, found in each."""

import base64
import gzip
import zipfile
import zlib
from io import BytesIO
from random import Random

import pikepdf
import pytest

from tests.proofs.canaries import Canaries
from tests.proofs.tally import Tally, guarantee, scale

pytestmark = [pytest.mark.nodb, guarantee("G18")]


def pdf(word: str) -> bytes:
    """A PDF with the word in a compressed stream."""
    paper, out = pikepdf.new(), BytesIO()
    paper.add_blank_page()
    paper.pages[0].Contents = paper.make_stream(f"BT ({word}) Tj ET".encode() * 9)
    paper.save(out, compress_streams=True, recompress_flate=True)
    return out.getvalue()


def archive(word: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("word/document.xml", f"<w:t>{word}</w:t>" * 9)
    return out.getvalue()


WRITINGS = {
    "raw": lambda word: word.encode(),
    "in capitals": lambda word: word.upper().encode(),
    "UTF-16": lambda word: word.encode("utf-16-le"),
    "UTF-16, the other way": lambda word: word.encode("utf-16-be"),
    "base64": lambda word: base64.b64encode(word.encode()),
    "base64, one letter later": lambda word: base64.b64encode(b"-" + word.encode()),
    "base64, two letters later": lambda word: base64.b64encode(b"--" + word.encode()),
    "base64 of addresses": lambda word: base64.urlsafe_b64encode("ÿÿ".encode("latin-1") + word.encode()).rstrip(b"="),
    "hexadecimal": lambda word: word.encode().hex().encode(),
    "hexadecimal, in capitals": lambda word: word.upper().encode().hex().upper().encode(),
    "PDF": pdf,
    "zip": archive,
    "gzip": lambda word: gzip.compress(word.encode()),
    "deflate": lambda word: zlib.compress(word.encode()),
    "base64 within gzip": lambda word: gzip.compress(base64.b64encode(word.encode())),
    "a zip within a zlib stream": lambda word: zlib.compress(archive(word)),
}


def test_a_canary_is_found_in_every_writing_and_wherever_it_stands(tally: Tally) -> None:
    canaries, chance = Canaries(Random(7)), Random(8)
    for place, write in WRITINGS.items():
        for _ in range(scale(50, 10)):
            word = canaries.plant(place)
            text = chance.randbytes(300) + write(word) + chance.randbytes(300)
            tally.check(word in {canary.word for canary in canaries.found_in(text)}, f"not found: {place}")
    tally.count("writings", len(WRITINGS))


def test_nothing_is_found_where_nothing_was_planted(tally: Tally) -> None:
    canaries, chance = Canaries(Random(7)), Random(9)
    canaries.plant("nowhere")
    for _ in range(scale(50, 10)):
        tally.check(not canaries.found_in(chance.randbytes(100_000)), "found where nothing was planted")

"""G27 and G28: what somebody uploads to do harm does none, and of a picture only what is seen is kept."""

import subprocess
import sys
import time
import zlib
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from conftest import BOTH
from relocation.intake import redraw, uploads
from relocation.journey import recording
from relocation.models import Account, Case, Document, Scan
from relocation.paperwork import dossier
from relocation.paperwork.dossier_content import Copy
from relocation.safety import vault
from tests.intake import hostile
from tests.intake.hostile import picture
from tests.paperwork.papers import a_dossier
from tests.proofs.canaries import Canaries, words
from tests.proofs.carriers import CARRIERS
from tests.proofs.tally import SEED, Tally, guarantee, scale
from tests.safety.committed import as_, kestrel, referred
from tests.safety.raw import column

__all__ = ["kestrel", "referred"]
pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)
SLOWEST = uploads.SECONDS + 15  # seconds for the whole answer, on a busy machine
CALM = ("Choose", "Photograph", "photograph", "Save it", "Split")

HARMFUL = {
    "PNG of 3,600 million pixels": lambda: hostile.png_of(60_000, 60_000, zlib.compress(b"0" * 1000)),
    "PNG that unpacks to 300 MB": lambda: hostile.png_of(10, 10, zlib.compress(b"\0" * 300_000_000, 9)),
    "PNG whose text unpacks to 200 MB": lambda: hostile.png_of(
        9, 9, zlib.compress(b"\0" * 252), hostile.chunk(b"zTXt", b"a\0\0" + zlib.compress(b"a" * 200_000_000, 9))
    ),
    "PDF with a stream of 500 MB": lambda: hostile.pdf_bomb(500_000_000),
    "PDF nested 100,000 deep": lambda: hostile.nested_pdf(100_000),
    "PDF of brackets": lambda: b"%PDF-1.7\n" + b"[" * 3_000_000,
    "PDF of 500 pages": lambda: hostile.pdf(500),
    "locked PDF": hostile.locked_pdf,
    "PDF with a script, a link and a file": lambda: hostile.loaded_pdf("amber"),
    "truncated PDF": lambda: hostile.pdf()[:800],
    "PDF that is a page of HTML": lambda: b"%PDF-1.7\n<html><script>alert(1)</script></html>",
    "JPEG that is an archive": lambda: picture() + hostile.archive(),
    "JPEG that is a page of HTML": lambda: picture(comment=b"<script>alert(1)</script>") + b"<html><script>alert(1)</script>",
    "GIF that is an archive": lambda: b"GIF89a\x01\0\x01\0\0\0\0," + hostile.archive(),
    "SVG": lambda: b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "HTML": lambda: b"<!doctype html><script>alert(1)</script>",
    "archive": hostile.archive,
    "truncated JPEG": lambda: picture(size=(900, 900))[:-900],
    "truncated PNG": lambda: picture("PNG")[:60],
    "nothing": lambda: b"",
    "15 MB and one byte": lambda: b"\xff\xd8\xff" + b"0" * (uploads.LARGEST - 2),
    "17 MB": lambda: b"\xff\xd8\xff" + b"0" * (17 << 20),
}


class Desk:
    """Vera at one document, with a browser that sends whatever it is told."""

    def __init__(self, case: Case, by: Account, browser: Client) -> None:
        self.by, self.browser = by, browser
        with as_(by):
            self.document = recording.write(Document(case=case, kind="other"), by=by)
        self.address = reverse("desk:document", args=[case.pk, self.document.pk])

    def send(self, data: bytes, name: bytes = b"scan.jpg") -> Any:
        """Post a file under a name that is written as it is."""
        edge = b"harbourharbour"
        head = b'Content-Disposition: form-data; name="page"; filename="' + name + b'"\r\nContent-Type: image/jpeg\r\n\r\n'
        add = b'Content-Disposition: form-data; name="add"\r\n\r\n1'
        body = b"--" + edge + b"\r\n" + add + b"\r\n--" + edge + b"\r\n" + head + data + b"\r\n--" + edge + b"--\r\n"
        return self.browser.post(self.address, body, content_type=f"multipart/form-data; boundary={edge.decode()}")

    def kept(self) -> list[tuple[UUID, bytes]]:
        """What is stored now, opened."""
        with as_(self.by):
            rows = list(Scan.objects.filter(document=self.document).order_by("page"))
            return [(row.pk, vault.read_bytes(row, "body", by=self.by, purpose="scan")["body"]) for row in rows]


@pytest.fixture
def desk(kestrel: Case, vera: Account, signed_in: Any) -> Desk:
    return Desk(kestrel, vera, signed_in(vera))


@guarantee("G27")
def test_a_hostile_file_is_refused_with_what_to_do_or_only_its_pixels_are_kept(desk: Desk, tally: Tally) -> None:
    for what, made in list(HARMFUL.items())[:: scale(1, 2)]:
        before, began = len(desk.kept()), time.monotonic()
        answer = desk.send(made())
        said, new = answer.content.decode(), [body for _id, body in desk.kept()[before:]]
        tally.check(time.monotonic() - began < SLOWEST, f"{what}: took {time.monotonic() - began:.0f} seconds")
        if new:
            harmless = all(body.startswith(b"\xff\xd8\xff") and body.endswith(b"\xff\xd9") for body in new)
            bare = not any(trace in body for body in new for trace in (b"<script", b"PK\x03\x04", b"%PDF"))
            tally.check(answer.status_code == 302 and harmless and bare, f"{what}: more than pixels was kept")
            tally.count("made harmless")
        else:
            tally.check(answer.status_code == 200 and any(word in said for word in CALM), f"{what}: {answer.status_code}")
            tally.count("refused")


@guarantee("G27")
def test_a_hostile_name_is_neither_kept_nor_given_back(desk: Desk, vera: Account, tally: Tally) -> None:
    for name in hostile.NAMES:
        before = len(desk.kept())
        answer = desk.send(picture(), name.encode())
        calm = answer.status_code == 302 or "give it a short, plain name" in answer.content.decode() or before == len(desk.kept())
        tally.check(calm and answer.status_code < 500, f"{name[:20]!r}: {answer.status_code}")
        tally.check("Set-Cookie: a=b" not in str(answer.headers), f"{name[:20]!r} wrote a header")
    with as_(vera):
        stored = " ".join(column("SELECT row_to_json(s)::text FROM relocation_scan s"))
    traces = ("passwd", "evil", "htaccess", "DROP TABLE", "alert(1)", "xxxxxxxx")
    tally.check(not [trace for trace in traces if trace in stored], "a name is stored")
    for row, _body in desk.kept():
        served = desk.browser.post(reverse("desk:scan", args=[desk.document.case_id, desk.document.pk, row]), follow=True)
        safe = served["Content-Disposition"].startswith('attachment; filename="page-') and served["Content-Type"] == "image/jpeg"
        sandboxed = "sandbox" in served["Content-Security-Policy"] and served["X-Content-Type-Options"] == "nosniff"
        tally.check(safe and sandboxed and served["Cache-Control"] == "no-store", f"served as {served.headers}")


@pytest.mark.nodb
@guarantee("G27")
def test_the_program_that_opens_them_never_has_more_memory_than_promised(tally: Tally) -> None:
    largest = 0
    for what, made in list(HARMFUL.items())[: scale(len(HARMFUL), 3)]:  # the bombs come first
        data = made()
        if not data.startswith(uploads.STARTS) or len(data) > uploads.LARGEST:
            continue
        peak = watched(data)
        largest = max(largest, peak)
        tally.check(0 < peak <= redraw.MEMORY, f"{what}: {peak / 1e6:.0f} MB")
    tally.count("largest in MB", largest // 1_000_000)


def watched(data: bytes) -> int:
    """The most memory (bytes of address space) that the program had for an upload, looked at every few milliseconds."""
    command = [sys.executable, "-I", "-B", str(uploads.PROGRAM)]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    peak = 0
    with subprocess.Popen(command, stdin=pipe, stdout=nowhere, stderr=nowhere, env={"LC_ALL": "C"}) as program:
        feeder = Thread(target=uploads._feed, args=(program, data), daemon=True)
        feeder.start()
        while program.poll() is None:
            peak = max(peak, _peak(program.pid))
            time.sleep(0.003)
        feeder.join()
    return peak


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    told = [line.split()[1] for line in status.splitlines() if line.startswith("VmPeak")]
    return int(told[0]) * 1024 if told else 0


@guarantee("G28")
def test_what_is_kept_and_what_is_made_of_it_tells_nothing_beside_what_is_seen(desk: Desk, vera: Account, tally: Tally) -> None:
    canaries, hits = Canaries(Random(SEED)), 0
    for what, carry in CARRIERS.items():
        for _round in range(scale(3, 1)):
            before, upload = len(desk.kept()), carry(canaries.plant(what))
            tally.check(canaries.found_in(upload), f"{what}: the canary was never in it")
            desk.send(upload)
            new = [body for _id, body in desk.kept()[before:]]
            tally.check(bool(new) or what.endswith("docx"), f"{what}: was not kept")
            paper = dossier.render(a_dossier(copies=tuple(Copy("copy", body) for body in new))) if new else b""
            found = set().union(*(words(text) for text in (*new, paper, *served(desk, before))))
            hits += len(found)
            tally.check(not found, f"{what}: {found}")
    with as_(vera):
        raw = [row.encode() for row in column("SELECT row_to_json(s)::text FROM relocation_scan s")]
    hits += len(canaries.found_in(*raw))
    tally.check(not canaries.found_in(*raw), "a canary lies in the table")
    tally.count("canary hits", hits)
    tally.count("carriers", len(CARRIERS))


def served(desk: Desk, after: int) -> list[bytes]:
    """The newest files as they are handed over, with their headers."""
    told = []
    for row, _body in desk.kept()[after:]:
        answer = desk.browser.post(reverse("desk:scan", args=[desk.document.case_id, desk.document.pk, row]), follow=True)
        told.append(str(answer.headers).encode() + answer.content)
    return told

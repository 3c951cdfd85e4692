"""Uploads made harmless: a picture is decoded in a bounded program of its own and drawn anew from its pixels (G27)."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from relocation.intake import redraw

LARGEST = 10 * 1024 * 1024  # bytes
SECONDS = 10
STARTS = {b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png", b"%PDF-": "pdf"}
PROGRAM = Path(redraw.__file__)


class Unusable(ValueError):
    """The upload cannot be kept; `sentence` says to a person why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Page(NamedTuple):
    """A JPEG that holds pixels and nothing else, and its SHA-256."""

    jpeg: bytes
    sha256: bytes


def harmless(data: bytes) -> Page:
    """Draw a JPEG or PNG anew, judged by its content, never by its name. Raises `Unusable`."""
    if len(data) > LARGEST:
        raise Unusable(_("The file is larger than 10 MB. Photograph the page again at a lower resolution."))
    kind = next((kind for start, kind in STARTS.items() if data.startswith(start)), "")
    if kind == "pdf":
        raise Unusable(_("A PDF cannot be kept. Photograph or scan the page as JPEG or PNG."))
    if not kind:
        raise Unusable(_("This is neither a JPEG nor a PNG picture. Photograph or scan the page as JPEG or PNG."))
    jpeg = _redrawn(data)
    return Page(jpeg, hashlib.sha256(jpeg).digest())


def _redrawn(data: bytes) -> bytes:
    """What the bounded program makes of it; it gets no environment and no file."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", str(PROGRAM)],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            env={"LC_ALL": "C"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unusable(_("The picture takes too long to open. Photograph the page again.")) from None
    if done.returncode == 0 and done.stdout.startswith(b"\xff\xd8\xff"):
        return done.stdout
    if done.returncode in (redraw.TOO_MANY, redraw.NO_MEMORY):
        raise Unusable(
            _("The picture is too large to open: at most 25 million pixels. Photograph the page at a lower resolution.")
        )
    raise Unusable(_("The picture is damaged and cannot be opened. Photograph or scan the page again."))

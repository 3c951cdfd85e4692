"""Uploads made harmless: opened in a bounded program of its own, every page drawn anew from its pixels (G27)."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread, Timer
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.intake import redraw, turns

LARGEST = 15 * 1024 * 1024  # bytes
SECONDS = 30  # of the clock; of the processor it has less, see `redraw`
MOST = 64 * 1024 * 1024  # bytes that the program may answer
STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-")
PROGRAM = Path(redraw.__file__)


class Unusable(ValueError):
    """The upload cannot be kept; `sentence` says to a person why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Clean(NamedTuple):
    """What may be kept of an upload: its pages in order, each a JPEG of pixels and nothing else; one for a picture."""

    pages: tuple[bytes, ...]
    lacks_typeface: bool = False  # a PDF whose writing needs a typeface that it does not carry: letters may be missing


def harmless(data: bytes) -> Clean:
    """Draw a JPEG, PNG or PDF anew, judged by its content, never by its name. Raises `Unusable`."""
    if not data:
        raise Unusable(_("The file is empty. Choose it again, or photograph the page again."))
    if len(data) > LARGEST:
        raise Unusable(_("The file is larger than 15 MB. Photograph the page at a lower resolution, or split the PDF."))
    if not data.startswith(STARTS):
        raise Unusable(_("This is neither a picture nor a PDF. Photograph or scan the page as JPEG, PNG or PDF."))
    code, answer = _in_turn(data)
    pages = tuple(redraw.unframed(answer)) if code in (0, redraw.NO_TYPEFACE) else ()
    if not 0 < len(pages) <= redraw.PAGES or not all(page.startswith(STARTS[0]) for page in pages):
        raise Unusable(_why(code))
    return Clean(pages, lacks_typeface=code == redraw.NO_TYPEFACE)


def _in_turn(data: bytes) -> tuple[int, bytes]:
    try:
        with turns.turn():
            return _redrawn(data)
    except turns.Busy:
        raise Unusable(_("Several other files are being opened just now. Wait a minute, then choose the file again.")) from None


def _redrawn(data: bytes) -> tuple[int, bytes]:
    """How the bounded program ended and what it answered; it gets no environment, no file, and its time."""
    command = [sys.executable, "-I", "-B", str(PROGRAM)]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere, env={"LC_ALL": "C"}) as program:
        alarm = Timer(SECONDS, program.kill)
        feeder = Thread(target=_feed, args=(program, data), daemon=True)
        alarm.start()
        feeder.start()
        try:
            answer = program.stdout.read(MOST + 1) if program.stdout else b""
            if len(answer) > MOST:
                program.kill()
            return program.wait(), answer
        finally:
            alarm.cancel()
            program.kill()
            feeder.join()  # else two would close what it was fed through, and one of them fail


def _feed(program: "subprocess.Popen[bytes]", data: bytes) -> None:
    """Hand over the upload; a program that has ended already has said why."""
    assert program.stdin
    with suppress(OSError), program.stdin:
        program.stdin.write(data)


def _why(code: int) -> str:
    """What to tell the person, by how the program ended; below zero by a signal."""
    if code == redraw.TOO_LONG:
        return _("The PDF has more than 20 pages. Split it, and add the parts one after the other.")
    if code == redraw.LOCKED:
        return _("The PDF is locked with a password. Save it without one, or photograph its pages.")
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return _("The file takes too long to open. Photograph the page again.")
    if code in (redraw.TOO_MANY, redraw.NO_MEMORY) or code < 0:
        return _("The file is too large to open: at most 25 million pixels. Photograph the page at a lower resolution.")
    return _("The file is damaged and cannot be opened. Photograph or scan the page again.")


class ScanField(forms.FileField):
    """A file that somebody scanned or photographed; cleaned, it is a `Clean`, and its name is forgotten."""

    widget = forms.FileInput

    def __init__(self, **more: Any) -> None:
        told: dict[str, Any] = {"label": gettext_lazy("Photograph or scan"), "help_text": HELP, "error_messages": TROUBLE}
        super().__init__(**(told | more))

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        """Telephones offer the camera for these."""
        return super().widget_attrs(widget) | {"accept": "image/jpeg,image/png,application/pdf"}

    def clean(self, data: Any, initial: Any = None) -> Clean | None:
        """The pages, or None where nothing was chosen and nothing is asked for."""
        upload = super().clean(data, initial)
        try:
            return harmless(upload.read(LARGEST + 1)) if upload else None
        except Unusable as trouble:
            raise forms.ValidationError(trouble.sentence) from None


HELP = gettext_lazy(
    "JPEG, PNG or PDF, at most 15 MB and 20 pages. Only what can be seen is kept: no place, no time, no device, no author."
)
NOTHING = gettext_lazy("Choose a picture or a PDF of up to 15 MB.")
TROUBLE = {
    "required": NOTHING,  # also where a far larger file was dropped as it came in
    "invalid": NOTHING,
    "missing": NOTHING,
    "empty": gettext_lazy("The file is empty. Choose it again, or photograph the page again."),
}

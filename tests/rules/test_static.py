"""What browsers load: ours, small, pinned, and from no other host."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.nodb
STATIC, TEMPLATES = (Path(settings.BASE_DIR) / name for name in ("static", "templates"))
HTMX = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"  # 4.0.1, see static/README.md
FOREIGN = re.compile(r"""(?:src|href|action|url)\s*[=(:]\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)
INLINE = re.compile(r"""<style|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["']|hx-on|javascript:""", re.IGNORECASE)


def weight(name: str) -> int:
    """Bytes after gzip."""
    return len(gzip.compress((STATIC / name).read_bytes(), 9))


def pages() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def test_htmx_is_the_file_we_pinned():
    assert hashlib.sha256((STATIC / "htmx.min.js").read_bytes()).hexdigest() == HTMX


def test_what_we_wrote_is_light():
    assert weight("app.css") <= 12_000
    assert weight("app.js") <= 3_000


@pytest.mark.parametrize("file", [*pages(), STATIC / "app.css", STATIC / "app.js"], ids=lambda file: file.name)
def test_nothing_comes_from_another_host(file):
    assert not FOREIGN.search(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", pages(), ids=lambda file: file.name)
def test_no_page_holds_style_or_script_of_its_own(file):
    assert not INLINE.search(file.read_text(encoding="utf-8"))


def test_every_symbol_that_a_page_draws_is_in_the_sprite():
    drawn = {name for file in pages() for name in re.findall(r'{% icon "([\w-]+)"', file.read_text(encoding="utf-8"))}
    there = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    assert drawn <= there

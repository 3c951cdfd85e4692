"""What may be wrong with an open page: for axe, in width, in size, in print, and without its symbols."""

from __future__ import annotations

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

STANDARD = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
NARROW = ViewportSize(width=320, height=640)
# What a finger must find, but for links inside a sentence (WCAG 2.5.8).
SMALL = """least => [...document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])')]
  .filter(it => it.checkVisibility() && !it.closest('.vh, .skip'))
  .filter(it => it.tagName !== 'A' || getComputedStyle(it).display !== 'inline')
  .map(it => [it.closest('label') || it, it.getBoundingClientRect()])
  .filter(([it, box]) => box.height > 0 && it.getBoundingClientRect().height < least - 0.5)
  .map(([it]) => it.outerHTML.slice(0, 100))"""
# Tor's safest level draws no SVG at all.
WORDLESS = """() => { document.querySelectorAll('svg').forEach(it => it.remove());
  return [...document.querySelectorAll('a, button, summary, .rail li, .tag')]
    .filter(it => it.checkVisibility() && !it.innerText.trim()).map(it => it.outerHTML.slice(0, 100)) }"""


def objections(page: Page, how: str) -> Iterator[str]:
    """What axe says."""
    for fault in Axe().run(page, options=STANDARD).response["violations"]:
        yield f"{how}: {fault['id']} at {[node['html'][:120] for node in fault['nodes']][:3]}"


def overflow(page: Page, how: str = "") -> Iterator[str]:
    """Whether the page is wider than the narrowest screen."""
    page.set_viewport_size(NARROW)
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > NARROW["width"]:
        yield f"{how} {wide} pixels wide on a screen of {NARROW['width']}"


def too_small(page: Page, least: int) -> Iterator[str]:
    """What is lower than `least` pixels."""
    yield from (f"lower than {least} px: {what}" for what in page.evaluate(SMALL, least))


def wordless(page: Page) -> Iterator[str]:
    """What says nothing once symbols are not drawn; the page is without them afterwards."""
    yield from (f"nothing without its symbol: {what}" for what in page.evaluate(WORDLESS))

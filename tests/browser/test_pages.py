"""Every page for whoever uses it: nothing that axe objects to, nobody else asked, nothing too wide, too heavy or too telling."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, ViewportSize

from tests.browser import gallery, world
from tests.browser.screen import DESK, PHONE, Screen

STANDARD = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
NARROW = ViewportSize(width=320, height=640)
LOOKS: tuple[tuple[ViewportSize, Literal["light", "dark"]], ...] = (
    (DESK, "light"),
    (PHONE, "dark"),
)  # each width and each scheme once
Places = dict[str, list[gallery.Place]]
Seat = Callable[[str], Screen]
STATIC = Path(settings.BASE_DIR) / "static"
OURS = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in ("app.css", "app.js", "htmx.min.js", "icons.svg"))
HEAVIEST = 40_000  # bytes of page, style, symbols and scripts, compressed
WHO = ("", "vera", "mara", "hanna", "otto", "elise", "greta")
# What hosts, escorts and posts must never find in a page of theirs.
TELLING = {
    "hanna": ("Эльф", "ELFOVA", "Скворц", "SKVORTSOV", "7512345", "754000", "Нижний", "Harbourtown", "/cases/"),
    "otto": ("Эльф", "ELFOVA", "Скворц", "SKVORTSOV", "7512345", "754000", "Нижний", "Harbourtown", "/cases/"),
    "elise": ("Чижов", "CHIZHOV", "LEMA", "Plover", "754000", "Нижний", "/cases/"),
}


@pytest.fixture(scope="module")
def places(lived_in: world.World) -> Places:
    """Every page of the world, by whose it is."""
    every = list(gallery.places(lived_in.ground))
    return {who: [place for place in every if place.who == who] for who in WHO}


@pytest.fixture
def seated(browser: Browser, lived_in: world.World) -> Iterator[Seat]:
    """Somebody of the world before a screen."""
    screens: list[Screen] = []

    def one(username: str) -> Screen:
        screens.append(screen := Screen(browser, lived_in.url))
        return screen.sign_in(username) if username else screen

    yield one
    for screen in screens:
        screen.close()


@pytest.mark.parametrize("who", WHO, ids=lambda who: who or "anybody")
class TestEveryPage:
    def test_axe_has_nothing_to_say_and_nothing_is_too_wide_or_too_heavy(self, who: str, places: Places, seated: Seat) -> None:
        screen, wrong = seated(who), []
        for place in places[who]:
            page = screen.page.goto(place.path)
            assert page and page.status in (200, 404), place
            wrong += [f"{place.name}: {fault}" for fault in faults(screen)]
            if (load := OURS + len(gzip.compress(page.body()))) > HEAVIEST:
                wrong.append(f"{place.name}: {load} bytes")
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", TELLING)
class TestWhatTheSourceTells:
    def test_it_tells_nothing_that_is_not_theirs(self, who: str, places: Places, seated: Seat) -> None:
        screen = seated(who)
        for place in places[who]:
            screen.go(place.path).hides(*TELLING[who])


def faults(screen: Screen) -> Iterator[str]:
    """What is wrong with the open page, wide and narrow, light and dark."""
    for size, scheme in LOOKS:
        screen.page.set_viewport_size(size)
        screen.page.emulate_media(color_scheme=scheme)
        for fault in Axe().run(screen.page, options=STANDARD).response["violations"]:
            yield f"{scheme}, {size['width']}: {fault['id']} at {[node['html'][:120] for node in fault['nodes']][:3]}"
    screen.page.set_viewport_size(NARROW)
    if (wide := screen.page.evaluate("document.documentElement.scrollWidth")) > NARROW["width"]:
        yield f"{wide} pixels wide on a screen of {NARROW['width']}"

"""Every page for whoever uses it: nothing that axe objects to, nobody else asked, nothing too wide, too heavy or too telling."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser import gallery, world
from tests.browser.screen import DESK, PHONE, Screen

STANDARD = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, "resultTypes": ["violations"]}
NARROW = {"width": 320, "height": 640}
LOOKS = ((DESK, "light"), (PHONE, "dark"))  # each width and each scheme once
HEAVIEST = 40_000  # bytes of page, style, symbols and scripts, compressed
WHO = ("", "vera", "mara", "hanna", "otto", "elise", "greta")
# What hosts, escorts and posts must never find in a page of theirs.
TELLING = {
    "hanna": ("Эльф", "ELFOVA", "Скворц", "SKVORTSOV", "751", "754", "Нижний", "Harbourtown", "/cases/"),
    "otto": ("Эльф", "ELFOVA", "Скворц", "SKVORTSOV", "751", "754", "Нижний", "Harbourtown", "/cases/"),
    "elise": ("Чижов", "CHIZHOV", "LEMA", "Plover", "754", "Нижний", "/cases/"),
}


@pytest.fixture(scope="module")
def places(lived_in: world.World) -> list[gallery.Place]:
    """Every page of it."""
    return list(gallery.places(lived_in.ground))


@pytest.fixture
def seated(browser: Browser, lived_in: world.World) -> Iterator[Callable[[str], Screen]]:
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
    def test_axe_has_nothing_to_say_and_nothing_is_too_wide(
        self, who: str, places: list[gallery.Place], seated: Callable[[str], Screen]
    ) -> None:
        screen, wrong = seated(who), []
        for place in (place for place in places if place.who == who):
            screen.page.goto(place.path)
            wrong += [f"{place.name}: {fault}" for fault in faults(screen)]
        assert not wrong, "\n".join(wrong)

    def test_the_source_tells_nothing_that_is_not_theirs(
        self, who: str, places: list[gallery.Place], seated: Callable[[str], Screen]
    ) -> None:
        screen = seated(who)
        for place in (place for place in places if place.who == who and who in TELLING):
            screen.page.goto(place.path)
            screen.hides(*TELLING[who])


def faults(screen: Screen) -> Iterator[str]:
    """What is wrong with the open page, wide and narrow, light and dark."""
    for size, scheme in LOOKS:
        screen.page.set_viewport_size(size)
        screen.page.emulate_media(color_scheme=scheme)
        for fault in Axe().run(screen.page, options=STANDARD).response["violations"]:
            yield f"{scheme}, {size['width']}: {fault['id']} at {[node['target'] for node in fault['nodes']][:3]}"
    screen.page.set_viewport_size(NARROW)
    if (wide := screen.page.evaluate("document.documentElement.scrollWidth")) > NARROW["width"]:
        yield f"{wide} pixels wide on a screen of {NARROW['width']}"


class TestWeight:
    def test_the_first_load_of_any_page_is_light(self, places: list[gallery.Place], seated: Callable[[str], Screen]) -> None:
        screens = {who: seated(who) for who in WHO}
        heavy = {place.name: load for place in places if (load := weight(screens[place.who], place)) > HEAVIEST}
        assert not heavy


def weight(screen: Screen, place: gallery.Place) -> int:
    """Compressed bytes of a page and everything it needs."""
    page = screen.context.new_page()
    loads: list[int] = []
    page.on("response", lambda response: loads.append(len(gzip.compress(response.body()))))
    page.goto(place.path)
    page.close()
    return sum(loads)

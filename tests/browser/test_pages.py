"""Every page for whoever uses it: nothing that axe objects to, nobody else asked, nothing too wide, too heavy or too telling."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ViewportSize

from tests.browser import gallery, looking, world
from tests.browser.screen import DESK, PHONE, Screen

LOOKS: tuple[tuple[ViewportSize, Literal["light", "dark"]], ...] = (
    (DESK, "light"),
    (PHONE, "dark"),
)  # each width and each scheme once
Places = dict[str, list[gallery.Place]]
Seat = Callable[[str], Screen]
STATIC = Path(settings.BASE_DIR) / "static"
OURS = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in ("app.css", "app.js", "htmx.min.js", "icons.svg"))
# Bytes of page, style, symbols and scripts: compressed, and as they are sent, for pages hold secrets and go uncompressed.
LIGHT, HEAVIEST = 40_000, 60_000
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
            sent, pressed = OURS + len(page.body()), OURS + len(gzip.compress(page.body()))
            if pressed > LIGHT or sent > HEAVIEST:
                wrong.append(f"{place.name}: {sent} bytes, {pressed} compressed")
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", TELLING)
class TestWhatTheSourceTells:
    def test_it_tells_nothing_that_is_not_theirs(self, who: str, places: Places, seated: Seat) -> None:
        screen = seated(who)
        for place in places[who]:
            screen.go(place.path).hides(*TELLING[who])


# The pages on which people spend their days: in Russian, and in one of the others each.
MAIN = (
    "sign-in", "day", "cases", "case Kestrel", "step extract", "stays", "referrals", "host", "escort", "one leg",
    "inbox", "embassy dossier",
)  # fmt: skip
OTHERS = ("fr", "de", "rtl")
ON_A_PHONE = ("host", "escort", "one leg")


@pytest.mark.parametrize("who", [who for who in WHO if who != "greta"], ids=lambda who: who or "anybody")
class TestMainPages:
    def test_stand_in_every_language_from_either_side_and_without_symbols(self, who: str, places: Places, seated: Seat) -> None:
        screen = seated(who)
        wrong = [f"{place.name}: {fault}" for place in places[who] if place.name in MAIN for fault in spoken(screen, place)]
        assert not wrong, "\n".join(wrong)


class TestPrint:
    def test_the_case_bears_a_mark_and_drops_what_cannot_be_done_on_paper(self, places: Places, seated: Seat) -> None:
        screen = seated("vera")
        screen.page.goto(next(place.path for place in places["vera"] if place.name == "case Heron"))
        assert not screen.page.locator(".printmark").is_visible()
        screen.page.emulate_media(media="print")
        assert "Printed by Vera Lind" in screen.page.locator(".printmark").inner_text()
        for gone in (".top", ".foot", "main .btn", "main details", "th:text('Action')", "text=House Alder"):
            assert not [part for part in screen.page.locator(gone).all() if part.is_visible()], gone
        assert screen.page.locator(".rail").is_visible() and screen.page.pdf().startswith(b"%PDF")


def spoken(screen: Screen, place: gallery.Place) -> Iterator[str]:
    """What is wrong with a page in Russian on a phone, and on a wide screen in another language or from right to left."""
    speak(screen, "ru", PHONE, place)
    yield from looking.objections(screen.page, "ru")
    yield from looking.too_small(screen.page, 44 if place.name in ON_A_PHONE else 24)
    yield from looking.overflow(screen.page, "ru")
    other = OTHERS[MAIN.index(place.name) % len(OTHERS)]
    speak(screen, "en" if other == "rtl" else other, DESK, place)
    if other == "rtl":
        screen.page.evaluate("document.documentElement.dir = 'rtl'")
    yield from looking.objections(screen.page, other)
    yield from looking.overflow(screen.page, other)
    yield from looking.wordless(screen.page)


def speak(screen: Screen, language: str, size: ViewportSize, place: gallery.Place) -> None:
    screen.context.add_cookies([{"name": "language", "value": language, "url": screen.address}])
    screen.page.set_viewport_size(size)
    screen.page.goto(place.path)


def faults(screen: Screen) -> Iterator[str]:
    """What is wrong with the open page, wide and narrow, light and dark."""
    for size, scheme in LOOKS:
        screen.page.set_viewport_size(size)
        screen.page.emulate_media(color_scheme=scheme)
        yield from looking.objections(screen.page, f"{scheme}, {size['width']}")
    yield from looking.overflow(screen.page)

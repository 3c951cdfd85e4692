"""make pictures: what the pages look like, into docs/pictures. Everybody on them is invented."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, ViewportSize

from tests.browser import gallery, world
from tests.browser.screen import DESK, PHONE, Screen

WHERE = Path(__file__).parents[2] / "docs" / "pictures"
HOTLINE = Path(__file__).parents[2] / "fiction" / "data" / "hotline.csv"
COLOURS = 128
# file: whose page, which page, how wide, and how it is drawn
PICTURES = {
    "sign-in": ("", "sign-in", DESK, {}),
    "day": ("vera", "day", DESK, {}),
    "cases": ("vera", "cases", DESK, {}),
    "case": ("vera", "case Heron", DESK, {}),
    "case.dark": ("vera", "case Heron", DESK, {"color_scheme": "dark"}),
    "case.ru": ("vera", "case Heron", DESK, {"language": "ru"}),
    "step": ("vera", "step extract", DESK, {}),
    "approvals": ("mara", "approvals of the second person", DESK, {}),
    "stays": ("vera", "stays", DESK, {}),
    "host": ("hanna", "host", PHONE, {}),
    "host.dark": ("hanna", "host", PHONE, {"color_scheme": "dark"}),
    "escort": ("otto", "escort", PHONE, {}),
    "escort.dark": ("otto", "one leg", PHONE, {"color_scheme": "dark"}),
    "door": ("hanna", "words for the door", PHONE, {}),
    "houses": ("vera", "houses", DESK, {}),
    "house": ("vera", "house", DESK, {}),
    "burned": ("mara", "a house that burned", DESK, {}),
    "wave": ("vera", "wave", DESK, {}),
    "wave.dark": ("vera", "wave", DESK, {"color_scheme": "dark"}),
    "wave.phone": ("vera", "wave", PHONE, {}),
    "wave-people": ("mara", "wave_people", DESK, {}),
    "wave-sheet": ("vera", "wave_sheet", DESK, {}),
    "wave-step": ("vera", "wave_step", DESK, {}),
    "wave-turns": ("vera", "wave_turns", DESK, {}),
    "proposal": ("vera", "a proposal", DESK, {}),
    "places": ("vera", "compare houses", DESK, {}),
    "propose": ("vera", "propose places", DESK, {}),
    "passage": ("vera", "passage", DESK, {}),
    "leg": ("vera", "leg", DESK, {}),
    "check-ins": ("vera", "record check-in-plan", DESK, {}),
    "incident": ("vera", "somebody is in danger", DESK, {}),
    "money": ("mara", "money", DESK, {}),
    "money-case": ("vera", "money case", DESK, {}),
    "report": ("mara", "report", DESK, {}),
    "budget": ("mara", "budget", DESK, {}),
    "account": ("vera", "own account", DESK, {}),
    "embassy": ("elise", "embassy dossier", DESK, {}),
    "verify": ("", "verify", DESK, {}),
}


@pytest.fixture(scope="module")
def places(lived_in: world.World) -> dict[str, str]:
    """The addresses of all pages, by name."""
    return {place.name: place.path for place in gallery.places(lived_in.ground)}


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, browser: Browser, lived_in: world.World, places: dict[str, str]) -> None:
    who, place, size, how = PICTURES[name]
    if how.get("language") == "ru" and not list(Path("locale/ru").rglob("django.mo")):
        pytest.skip("there is no translation yet")
    screen = seated(browser, lived_in, who, size, how)
    screen.go(places[place])
    keep(screen, name)


def test_picture_of_referrals(browser: Browser, lived_in: world.World) -> None:
    screen = seated(browser, lived_in, "mara", DESK, {})
    file = {"name": "hotline.csv", "mimeType": "text/csv", "buffer": HOTLINE.read_bytes()}
    screen.go("/referrals/").fill(file=file).press("Look at it")
    keep(screen, "referrals")


def seated(browser: Browser, lived_in: world.World, who: str, size: ViewportSize, how: dict[str, str]) -> Screen:
    """Somebody before a screen, in the language of the picture."""
    screen = Screen(browser, lived_in.url, viewport=size, color_scheme=how.get("color_scheme", "light"))
    if who:
        screen.sign_in(who)
    screen.context.add_cookies([{"name": "language", "value": how.get("language", "en"), "url": lived_in.url}])
    return screen


def keep(screen: Screen, name: str) -> None:
    """The whole page, in few colours: a picture is to be small."""
    WHERE.mkdir(exist_ok=True)
    high = screen.page.evaluate("document.documentElement.scrollHeight")
    wide = screen.page.evaluate("innerWidth")
    screen.page.set_viewport_size(ViewportSize(width=wide, height=high))  # what is fixed to the foot belongs there
    drawn = Image.open(BytesIO(screen.page.screenshot(full_page=True)))
    drawn.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(WHERE / f"{name}.png", optimize=True)
    screen.close()

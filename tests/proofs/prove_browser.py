"""G44: a real browser asks nobody but Harbour for anything, whoever looks at whatever."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from relocation.models import Stage
from tests.browser.screen import Screen
from tests.browser.world import until_alone
from tests.proofs import alone
from tests.proofs.matrix import SignIn
from tests.proofs.tally import QUICK, Tally, guarantee
from tests.proofs.world import World

ON_CASE = ("", "documents/", "steps/hold/", "reveal/identity/", "people/", "papers/", "passages/")
LOOKS = {
    "vera": ["/", "/cases/", *(f"/cases/{{case}}/{page}" for page in ON_CASE), "/approvals/", "/stays/", "/referrals/"],
    "hanna": ["/host/"],
    "otto": ["/escort/"],
    "elise": ["/embassy/"],
    "greta": ["/office/"],
    "": ["/sign-in/", "/verify/", "/nowhere/"],
}


@guarantee("G44")
@pytest.mark.usefixtures("lasting")
def test_nobody_else_is_asked_for_anything(world: World, signed_in: SignIn, browser: Browser, tally: Tally) -> None:
    tally.count("cut_off", alone.is_alone())
    server = LiveServer("localhost")
    try:
        for username, paths in LOOKS.items():
            screen = Screen(browser, server.url)
            if username:
                session = signed_in(world[username]).cookies[settings.SESSION_COOKIE_NAME].value
                screen.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])
            for path in paths[:6] if QUICK else paths:
                screen.page.goto(path.format(case=world.one(Stage.LODGED)), wait_until="load")
                held = not screen.foreign and not [words for words in screen.said if "Content Security Policy" in words]
                tally.check(held, f"{username} at {path} asked {screen.foreign} and said {screen.said}")
            tally.count("requests", len(screen.asked))
            tally.count("foreign", len(screen.foreign))
            tally.check(
                screen.asked and all(urlsplit(url).scheme in ("http", "data") for url in screen.asked), "nothing was asked"
            )
            screen.context.close()
    finally:
        server.stop()
        until_alone(2)

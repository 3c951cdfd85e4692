"""G34 in a real browser: after signing out Back shows nothing, nothing is kept, and leaving is one key."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Sit
from tests.browser.screen import Screen
from tests.browser.test_accounts import sign_out
from tests.proofs.tally import Tally, guarantee

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
KEPT = "Object.keys(localStorage).concat(Object.keys(sessionStorage))"


@guarantee("G34")
def test_after_signing_out_back_shows_nothing(sit: Sit, tally: Tally) -> None:
    for name, path in (("vera", "/cases/"), ("hanna", "/host/"), ("elise", "/embassy/")):
        screen = sit(name).go(path)
        sign_out(screen)
        screen.page.go_back()
        nothing(screen, name, tally)


@guarantee("G34")
def test_leaving_is_one_key_and_ends_the_session(sit: Sit, tally: Tally) -> None:
    for name in ("vera", "hanna"):
        screen = sit(name)
        with screen.page.expect_navigation(url="**/left"):
            for _time in range(3):
                screen.page.keyboard.press("Shift")
        tally.check(screen.page.locator("body").inner_text().strip() == "", f"{name}: the page is not empty")
        tally.check(screen.page.evaluate("history.length") <= 2, f"{name}: the page that was left stays in the history")
        screen.page.go_back()
        nothing(screen, name, tally)


def nothing(screen: Screen, name: str, tally: Tally) -> None:
    tally.check("Signed in as" not in screen.page.content(), f"{name}: Back shows the page again")
    screen.page.goto("/sign-in/")
    tally.check(screen.page.evaluate(KEPT) == [], f"{name}: the browser kept something")
    screen.page.goto("/")
    tally.check("/sign-in/" in screen.page.url, f"{name}: the session lives")

"""Leave now: the session ends, and what was on the screen is nobody's to see again."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Sit
from tests.browser.screen import Screen

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


class TestLeaveNow:
    def test_the_link_ends_it_and_back_shows_nothing(self, sit: Sit, script: bool) -> None:
        screen = sit("vera", script=script)
        with screen.page.expect_navigation(url="**/left"):
            screen.page.locator("[data-leave]").first.click()
        nothing_is_left(screen)

    def test_shift_three_times_ends_it_and_back_shows_nothing(self, sit: Sit) -> None:
        screen = sit("hanna")
        with screen.page.expect_navigation(url="**/left"):
            for _time in range(3):
                screen.page.keyboard.press("Shift")
        nothing_is_left(screen)

    def test_shift_twice_and_another_key_is_only_typing(self, sit: Sit) -> None:
        screen = sit("vera")
        for key in ("Shift", "Shift", "a", "Shift"):
            screen.page.keyboard.press(key)
        screen.go("/cases/").sees("Cases")


def nothing_is_left(screen: Screen) -> None:
    """The page is empty, Back asks who one is, and the session is dead."""
    assert screen.page.locator("body").inner_text().strip() == ""
    screen.page.go_back()
    assert "Signed in as" not in screen.page.content()
    screen.go("/cases/").sees("Sign in")

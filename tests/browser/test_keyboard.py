"""Everything can be reached by Tab and done by Enter."""

from __future__ import annotations

import pytest
from django.utils import timezone

from fiction import world
from fiction.ground import Ground
from fiction.somebody import open_case
from fiction.story import Story
from relocation.models import Account, Corroboration, RiskAssessment, Stage
from tests.browser.conftest import Sit
from tests.browser.screen import Screen
from tests.cast import code_of
from tests.standing import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
FOCUSED = "(document.activeElement.innerText || document.activeElement.name || '').trim()"


@pytest.fixture
def ready(ground: Ground) -> Story:
    """Kestrel, whom Mara may accept now."""
    story, today = Story(ground, open_case(world.PEOPLE[0], ground)).to(Stage.VERIFYING), timezone.localdate()
    story.note(Corroboration(kind="interview", outcome="supports", on=today, words="Agrees."), "tomas")
    story.note(RiskAssessment(level="high", on=today, words="Relatives look for her."), "vera")
    return story


class TestTheKeyboard:
    def test_signs_in_opens_a_case_and_takes_a_step(self, sit: Sit, ready: Story) -> None:
        screen = sit().go("/sign-in/")
        tab_to(screen, "username").page.keyboard.type("mara")
        tab_to(screen, "password").page.keyboard.type(PASSWORD)
        enter(screen)
        tab_to(screen, "code").page.keyboard.type(code_of(Account(username="mara")))
        enter(screen)
        for words in ("Cases", "Kestrel", "Accept the case", "Accept the case"):
            enter(tab_to(screen, words))
        screen.sees("Accepted")

    def test_the_first_tab_skips_to_the_content(self, sit: Sit) -> None:
        screen = sit("vera")
        screen.page.keyboard.press("Tab")
        assert screen.page.evaluate(FOCUSED) == "Skip to content"


def tab_to(screen: Screen, words: str) -> Screen:
    """Press Tab until the focus is on what says this."""
    for _time in range(60):
        if screen.page.evaluate(FOCUSED) == words:
            return screen
        screen.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {words} on {screen.page.url}")


def enter(screen: Screen) -> None:
    """Press Enter and wait for the page it leads to."""
    with screen.page.expect_navigation(wait_until="domcontentloaded"):
        screen.page.keyboard.press("Enter")

"""Coming in as everybody does: password, authenticator, passkey; an invitation on a phone; and what is left after going."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from fiction.ground import Ground
from fiction.story import as_
from relocation.journey import joining
from relocation.models import Account, Organisation, Part
from relocation.safety import factors
from tests.browser.conftest import Sit
from tests.browser.screen import PHONE, Screen
from tests.cast import code_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True,
    "hasResidentKey": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@contextmanager
def with_passkeys(screen: Screen) -> Iterator[None]:
    """A device that answers for passkeys, in this browser."""
    session = screen.context.new_cdp_session(screen.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield
    session.detach()


class TestTheOrdinaryWay:
    def test_password_and_code_then_a_passkey_and_after_sign_out_back_shows_nothing(self, sit: Sit, ground: Ground) -> None:
        screen = sit().come_in("vera").sees("Waiting on others")
        with with_passkeys(screen):
            screen.go("/account/").follow("Add a passkey")
            passkey(screen, "Add this device")
            screen.sees("The passkey is added", "Passkey: This device")
            screen.go("/cases/").sees("Cases")
            sign_out(screen)
            screen.page.go_back()
            assert "Signed in as" not in screen.page.content()
            assert screen.page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []
            screen.go("/sign-in/").fill(username="vera", password="somebody else's words")
            passkey(screen, "Sign in")
            screen.sees("do not belong together")
            for way in ("there", "and there again"):
                screen.fill(username="vera", password="a long and invented password").press("Sign in")
                screen.sees("Confirm that it is you")
                if way == "there":  # going back asks for the page anew, and sends nothing again
                    screen.page.go_back()
                    screen.sees("Name you sign in with")
            passkey(screen, "Use your passkey")
            screen.sees("Waiting on others")
        with factors.of(ground["vera"]):
            assert Authenticator.objects.filter(type=factors.PASSKEY, last_used_at__isnull=False).count() == 1

    def test_confirming_with_a_code_goes_on_with_what_was_asked(self, sit: Sit, ground: Ground) -> None:
        screen = sit("vera")
        stale(screen)
        screen.page.goto("/account/password/")
        screen.sees("Confirm that it is you").page.locator("[name=confirm-code]").fill(code_of(ground["vera"]))
        screen.press("Confirm and go on").sees("Change password")


class TestAnInvitationOnAPhone:
    def test_three_screens_without_script(self, sit: Sit, ground: Ground) -> None:
        organisation = Organisation.objects.get(name="Northern Light")
        lena = Account(username="lena", name="Lena Vask", part=Part.DESK, organisation=organisation)
        with as_(ground["greta"]) as greta:
            token = joining.invite(lena, by=greta)
        screen = sit(script=False, viewport=PHONE)
        screen.go(f"/sign-in/join/{token}/").sees("Welcome, Lena Vask", "Step 1 of 3")
        screen.fill(password="grey herons stand in rain", password_again="grey herons stand in rain").press("Next")
        screen.unfold("Type it by hand")
        secret = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", screen.page.content()))
        screen.fill(code=factors.right_now(secret)).press("Confirm").sees("Keep these recovery codes")
        screen.press("I have kept them").sees("Waiting on others")


def passkey(screen: Screen, words: str) -> None:
    """Press a button that asks the device, and wait for the page it leads to."""
    button = screen.page.get_by_role("button", name=words)
    expect(button).to_be_visible()
    with screen.page.expect_navigation(wait_until="domcontentloaded"):
        button.click()


def sign_out(screen: Screen) -> None:
    with screen.page.expect_navigation(url="**/sign-in/"):
        screen.page.get_by_role("button", name="Sign out").click()


def stale(screen: Screen) -> None:
    """Let the session's last confirmation be an hour ago."""
    from django.contrib.sessions.backends.base import SessionBase

    from relocation.safety.session import PROVED, SessionStore

    cookie: Any = next(one for one in screen.context.cookies() if one["name"] == "session")
    session: SessionBase = SessionStore(cookie["value"])
    session[PROVED] -= 3600
    session.save()

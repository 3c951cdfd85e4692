"""Asking again before what cannot be taken back; what was typed goes on with the answer."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.urls import get_resolver, reverse

from relocation.models import Identity, LedgerEntry
from relocation.safety import session as sessions
from relocation.safety import throttle
from tests.cast import code_of, prove
from tests.desk.test_entrance import fictional_world  # noqa: F401
from tests.rules.test_routes import routes

# Every route that reveals, exports, grants or erases, or changes what lets somebody in.
ASKS = {
    "reveal", "paper", "people", "file", "referral_refused", "door", "invite", "password", "authenticator", "passkey",
    "offer-passkey", "arrivals", "remove-factor", "new-codes", "ledger_export", "scan",
    "retention", "danger", "lock", "forced", "burned", "chains", "address", "house_opened", "words", "receipt", "make-feed",
}  # fmt: skip


class Fields(HTMLParser):
    """The fields of the last form of a page that holds a field of this name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.now: list[tuple[str, str]] = []
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        told = dict(attrs)
        if tag == "form":
            self.now = []
        if tag in ("input", "button") and "name" in told:
            self.now.append((told["name"], told.get("value", "")))
            if told["name"] == self.name:
                self.found = self.now


def answer(page: Any, name: str, value: str) -> dict[str, list[str]]:
    """What a browser sends when somebody fills in one field of the page that asks."""
    reader = Fields(name)
    reader.feed(page.content.decode())
    told: dict[str, list[str]] = {}
    for field, said in reader.found:
        told.setdefault(field, []).append(value if field == name and value else said)
    return told


@pytest.fixture
def surname(kestrel, vera, acting) -> str:
    with acting(vera):
        return f"identity.surname.{Identity.objects.get(case=kestrel).pk}"


@pytest.fixture
def stale(vera, signed_in):
    return prove(signed_in(vera), timedelta(minutes=5, seconds=1))


def test_the_routes_that_ask_are_these():
    assert {route.name for route in routes(get_resolver()) if hasattr(route.callback, "fresh")} == ASKS


class TestReveal:
    def address(self, kestrel) -> str:
        return reverse("desk:reveal", args=[kestrel.pk, "identity"])

    def test_after_five_minutes_it_asks_and_goes_on_with_what_was_typed(self, kestrel, vera, stale, surname, acting):
        typed = {"what": [surname], "reason": "visa form & “travel”"}
        page = stale.post(self.address(kestrel), typed)
        assert page.status_code == 403 and "Confirm that it is you" in page.content.decode()
        assert "Эльфова" not in page.content.decode()
        opened = stale.post(self.address(kestrel), answer(page, "confirm-code", code_of(vera)))
        assert "Эльфова" in opened.content.decode()
        with acting(vera):
            told = LedgerEntry.objects.filter(actor_id=vera.pk).exclude(what__startswith="view.").order_by("at")
            entries = list(told.values_list("what", flat=True))
        assert entries[-3:] == ["refused.confirm", "account.confirmed", "reveal.identity.surname"]
        assert "Эльфова" in stale.post(self.address(kestrel), typed).content.decode()

    def test_a_wrong_code_reveals_nothing_keeps_what_was_typed_and_is_counted(self, kestrel, vera, stale, surname):
        page = stale.post(self.address(kestrel), {"what": [surname], "reason": "visa"})
        for _wrong in range(throttle.NAME_AND_ADDRESS):
            page = stale.post(self.address(kestrel), answer(page, "confirm-code", "000000x"))
            assert page.status_code == 403 and 'value="visa"' in page.content.decode()
        page = stale.post(self.address(kestrel), answer(page, "confirm-code", code_of(vera)))
        assert "Too many tries" in page.content.decode() and "Эльфова" not in page.content.decode()

    def test_looking_at_the_form_asks_for_nothing_and_a_stranger_is_not_asked_at_all(self, kestrel, stale, charlie, signed_in):
        assert stale.get(self.address(kestrel)).status_code == 200
        old = prove(signed_in(charlie), timedelta(hours=1))
        assert old.post(self.address(kestrel), {"confirm-code": "1"}).status_code == 404

    def test_saying_that_one_is_invented_helps_only_in_an_invented_world(self, kestrel, vera, stale, surname):
        typed = {"what": [surname], "reason": "x", "confirm-invented": "1"}
        assert stale.post(self.address(kestrel), typed, HTTP_HOST="localhost").status_code == 403

    def test_there_one_click_is_enough(self, kestrel, stale, surname, fictional_world):  # noqa: F811
        page = stale.post(self.address(kestrel), {"what": [surname], "reason": "x"}, HTTP_HOST="localhost")
        told = answer(page, "confirm-invented", "")
        assert "Эльфова" in stale.post(self.address(kestrel), told, HTTP_HOST="localhost").content.decode()

    def test_a_clock_that_was_set_back_is_no_confirmation(self, kestrel, vera, signed_in, surname):
        ahead = prove(signed_in(vera), -timedelta(hours=1))
        assert ahead.post(self.address(kestrel), {"what": [surname], "reason": "x"}).status_code == 403


class TestElsewhere:
    def test_a_page_that_is_only_looked_at_comes_after_the_answer(self, vera, stale):
        page = stale.get(reverse("password"))
        assert page.status_code == 403
        assert stale.post(reverse("password"), answer(page, "confirm-code", code_of(vera)))["Location"] == reverse("password")
        assert stale.get(reverse("password")).status_code == 200

    def test_a_typed_password_is_not_carried_along(self, stale):
        page = stale.post(reverse("password"), {"password": "four slow herons", "password_again": "four slow herons"})
        assert page.status_code == 403 and "four slow" not in page.content.decode()

    def test_letting_somebody_in_asks(self, kestrel, vera, stale):
        assert stale.post(reverse("desk:people", args=[kestrel.pk]), {"role": "host"}).status_code == 403

    def test_a_host_is_asked_twelve_hours_after_and_never_for_the_number_pads(self, hanna, signed_in):
        client = prove(signed_in(hanna), timedelta(hours=12, minutes=1))
        page = client.get(reverse("stays:host")).content.decode()
        assert "Tap a number" in page and "Show who arrives" in page and "Nobody is expected" not in page
        asked = client.get(reverse("stays:arrivals"))
        assert client.post(reverse("stays:arrivals"), answer(asked, "confirm-code", code_of(hanna))).status_code == 302
        assert "Nobody is expected" in client.get(reverse("stays:host")).content.decode()
        prove(client, timedelta(hours=12, minutes=1))
        assert client.post(reverse("stays:free"), {"free": "1"}).status_code == 404
        door = reverse("stays:door", args=["6f0d3a3e-6a0c-4c0e-9b7e-5a1f4f2d9c11"])
        assert client.post(door, {"here": "1"}).status_code == 403
        assert prove(client, timedelta(hours=11)).post(door, {"here": "1"}).status_code == 404

    def test_it_is_kept_in_the_session_and_not_by_the_browser(self, vera, signed_in):
        client = signed_in(vera)
        assert sessions.PROVED in client.session and sessions.PROVED not in client.cookies

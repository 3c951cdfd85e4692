"""Coming in and leaving."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from relocation.desk import entrance, fictional
from relocation.models import Account, Part
from relocation.safety.device import device
from tests.cast import code_of

PASSWORD = "seven quiet boats at anchor"


def as_owner(statement: str) -> None:
    """Run one statement as the owner, on a connection of its own."""
    at = connection.settings_dict
    user, _, password = settings.DATABASE_OWNER.partition(":")
    with psycopg.connect(host=at["HOST"], port=at["PORT"] or None, dbname=at["NAME"], user=user, password=password) as owner:
        owner.execute(statement)


@pytest.fixture
def fictional_world() -> Iterator[None]:
    """The database says that everybody in it is invented."""
    name = connection.settings_dict["NAME"]
    as_owner(f"COMMENT ON DATABASE \"{name}\" IS '{fictional.MARK}'")
    yield
    as_owner(f'COMMENT ON DATABASE "{name}" IS NULL')


@pytest.fixture
def with_password(vera: Account) -> Account:
    vera.set_password(PASSWORD)
    vera.language = "de"
    vera.save(update_fields=["password", "language"])
    return vera


def try_password(client: Client, name: str, password: str):
    return client.post(reverse("sign-in"), {"username": name, "password": password})


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


class TestSigningIn:
    def test_a_password_alone_opens_nothing_and_leads_to_the_second_question(self, with_password, client):
        answer = try_password(client, "vera", PASSWORD)
        assert (answer.status_code, answer["Location"]) == (302, reverse("second"))
        assert signed_in_as(client) is None
        assert client.get(reverse("desk:day"))["Location"].startswith(reverse("sign-in"))

    def test_a_code_of_the_authenticator_opens_the_persons_own_first_page_in_their_language(self, with_password, client):
        try_password(client, "vera", PASSWORD)
        answer = client.post(reverse("second"), {"code": code_of(with_password)})
        assert (answer.status_code, answer["Location"]) == (302, reverse("desk:day"))
        assert signed_in_as(client) == str(with_password.pk)
        cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
        assert cookie.value == "de"
        assert cookie["httponly"]

    def test_the_session_from_before_is_worth_nothing_afterwards(self, with_password, client):
        session = client.session
        session["before"] = True
        session.save()
        try_password(client, "vera", PASSWORD)
        between = client.session.session_key
        client.post(reverse("second"), {"code": code_of(with_password)})
        assert len({session.session_key, between, client.session.session_key}) == 3

    def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(self, with_password, client):
        wrong, unknown = (try_password(client, name, "no") for name in ("vera", "nobody"))
        assert wrong.status_code == unknown.status_code == 200
        assert errors(wrong) == errors(unknown) != []
        assert signed_in_as(client) is None

    def test_an_account_that_was_closed_gets_that_answer_too(self, with_password, client):
        Account.objects.filter(pk=with_password.pk).update(is_active=False)
        assert errors(try_password(client, "vera", PASSWORD)) == errors(try_password(client, "nobody", PASSWORD))

    def test_nobody_signs_in_as_a_sweep(self, ground, client):
        sweep = Account.objects.filter(part=Part.SYSTEM).first()
        sweep.set_password(PASSWORD)
        sweep.save(update_fields=["password"])
        assert errors(try_password(client, sweep.username, PASSWORD)) == errors(try_password(client, "nobody", PASSWORD))

    def test_it_leads_to_no_foreign_address(self, with_password, client):
        typed = {"username": "vera", "password": PASSWORD, "next": "https://example.org/"}
        client.post(reverse("sign-in"), typed)
        assert client.post(reverse("second"), {"code": code_of(with_password)})["Location"] == reverse("desk:day")

    def test_browsers_say_where_a_form_comes_from(self, client):
        """With `no-referrer` they would send `Origin: null`, which is refused as forged."""
        assert client.get(reverse("sign-in"))["Referrer-Policy"] == "same-origin"

    def test_the_summary_of_errors_has_the_focus(self, ground, client):
        assert 'class="errors" tabindex="-1" autofocus' in try_password(client, "", "").content.decode()

    def test_every_part_has_a_first_page(self):
        for part in set(Part) - {Part.SYSTEM}:
            assert entrance.home_of(Account(part=part)).startswith("/")

    def test_each_office_is_led_to_its_page(self, greta, anton, vera, signed_in):
        assert signed_in(greta).get(reverse("office")).headers["Location"] == reverse("desk:access")
        assert signed_in(anton).get(reverse("office")).headers["Location"] == reverse("desk:ledger")
        assert signed_in(vera).get(reverse("office")).status_code == 404


def errors(answer) -> list[str]:
    return list(answer.context["form"].non_field_errors())


class TestOneClick:
    def click(self, client: Client, name: str = "vera", **headers: Any):
        sent: dict[str, Any] = {"HTTP_HOST": "localhost:8000"} | headers
        return client.post(reverse("sign-in-as", args=[name]), **sent)

    def test_in_an_invented_world_a_click_is_enough(self, vera, client, fictional_world):
        assert "Vera Lind" in client.get(reverse("sign-in"), HTTP_HOST="localhost:8000").content.decode()
        assert self.click(client)["Location"] == reverse("desk:day")
        assert signed_in_as(client) == str(vera.pk)

    def test_in_any_other_database_it_is_not_there(self, vera, client):
        assert "Vera Lind" not in client.get(reverse("sign-in"), HTTP_HOST="localhost:8000").content.decode()
        assert self.click(client).status_code == 404
        assert signed_in_as(client) is None

    @pytest.mark.parametrize(
        "headers",
        [
            {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
            {"HTTP_X_FORWARDED_PROTO": "https"},
            {"HTTP_FORWARDED": "for=127.0.0.1"},
            {"REMOTE_ADDR": "203.0.113.7"},
            {"REMOTE_ADDR": ""},
            {"HTTP_HOST": "testserver"},
        ],
    )
    def test_from_elsewhere_or_through_a_proxy_it_is_not_there(self, vera, client, fictional_world, headers):
        assert self.click(client, **headers).status_code == 404
        assert signed_in_as(client) is None

    def test_a_link_does_not_sign_anybody_in(self, vera, client, fictional_world):
        assert client.get(reverse("sign-in-as", args=["vera"]), HTTP_HOST="localhost").status_code == 405

    def test_sweeps_and_closed_accounts_are_not_among_them(self, vera, client, fictional_world):
        Account.objects.filter(pk=vera.pk).update(is_active=False)
        page = client.get(reverse("sign-in"), HTTP_HOST="localhost").content.decode()
        assert "Vera Lind" not in page
        assert "system." not in page
        for name in ("vera", "system.outbox", "nobody"):
            assert self.click(client, name).status_code == 404


class TestDevice:
    def name(self, client: Client) -> str:
        return client.cookies["device"].value

    def test_the_door_names_the_device_for_a_year_before_anybody_signs_in(self, client, db):
        client.get(reverse("sign-in"))
        cookie = client.cookies["device"]
        assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] == 365 * 24 * 3600

    def test_it_keeps_its_name_whoever_signs_in_and_out(self, with_password, client):
        client.get(reverse("sign-in"))
        first = self.name(client)
        try_password(client, "vera", PASSWORD)
        client.post(reverse("sign-out"))
        client.get(reverse("sign-in"))
        assert self.name(client) == first

    def test_a_name_that_we_did_not_sign_is_none(self, client, rf, db):
        client.get(reverse("sign-in"))
        request = rf.get("/")
        request.COOKIES["device"] = self.name(client)
        assert len(device(request)) >= 32
        request.COOKIES["device"] = "made-up:" + self.name(client)
        assert device(request) == ""

    def test_in_an_invented_world_everybody_brings_a_machine_of_their_own(self, fictional_world, ground, client):
        names = []
        for who in ("vera", "mara"):
            client.post(reverse("sign-in-as", args=[who]), HTTP_HOST="localhost")
            names.append(self.name(client))
        assert len(set(names)) == 2


class TestLeaving:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_the_session_is_dead_and_the_browser_forgets(self, greta, signed_in, method):
        client = signed_in(greta)
        key = client.session.session_key
        answer = getattr(client, method)(reverse("leave"))
        assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'
        assert answer["Cache-Control"] == "no-store"
        assert not client.session.exists(key)
        client.cookies[settings.SESSION_COOKIE_NAME] = key
        assert client.get(reverse("office")).status_code == 302

    def test_it_leads_to_an_empty_page_of_ours(self, client):
        answer = client.get(reverse("leave"), follow=True)
        assert answer.redirect_chain == [("/left", 302)]
        assert b"Harbour" not in answer.content

    def test_or_to_a_page_that_the_organisation_chose(self, client, settings):
        settings.HARBOUR_LEAVE_TO = "https://weather.example/"
        assert client.get(reverse("leave"))["Location"] == "https://weather.example/"

    def test_signing_out_leads_back_to_the_door(self, greta, signed_in):
        client = signed_in(greta)
        assert client.get(reverse("sign-out")).status_code == 405
        assert client.post(reverse("sign-out"))["Location"] == reverse("sign-in")
        assert signed_in_as(client) is None


class TestNothingHere:
    def test_what_is_not_there_and_what_is_not_yours_are_the_same_bytes(self, kestrel, charlie, signed_in):
        client = signed_in(charlie)
        foreign = client.get(reverse("desk:case", args=[kestrel.pk]))
        never = client.get(reverse("desk:case", args=[uuid4()]))
        nowhere = client.get("/no/such/page/?q=1")
        assert foreign.status_code == never.status_code == nowhere.status_code == 404
        assert foreign.content == never.content == nowhere.content
        assert dict(foreign.headers) == dict(never.headers) == dict(nowhere.headers)

    def test_the_case_is_there_for_whom_it_is_theirs(self, kestrel, vera, signed_in):
        assert signed_in(vera).get(reverse("desk:case", args=[kestrel.pk])).status_code == 200

    def test_the_page_for_what_is_forbidden_is_that_page(self):
        templates = settings.BASE_DIR / "templates"
        assert (templates / "403.html").read_bytes() == (templates / "404.html").read_bytes()


class TestLanguage:
    def test_the_account_keeps_what_was_chosen(self, greta, signed_in):
        client = signed_in(greta)
        client.post(reverse("set_language"), {"language": "ru", "next": reverse("office")})
        greta.refresh_from_db()
        assert greta.language == "ru"
        assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ru"

    def test_a_language_that_we_do_not_have_changes_nothing(self, greta, signed_in):
        signed_in(greta).post(reverse("set_language"), {"language": "xx"})
        greta.refresh_from_db()
        assert greta.language == "en"


class TestHealth:
    def test_it_says_ok_while_the_database_answers(self, client):
        assert client.get(reverse("healthz")).content == b"ok\n"

    def test_and_503_while_it_does_not(self, client, monkeypatch):
        monkeypatch.setattr(entrance, "connection", None)
        assert client.get(reverse("healthz")).status_code == 503

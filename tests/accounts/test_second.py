"""The second factor: a code counts once, whoever has none chooses one first, and nothing opens before."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.urls import reverse

from fiction.cast import secret_of
from relocation.models import Account, Part
from relocation.safety import factors
from tests.accounts.conftest import is_in, try_code, try_password
from tests.cast import code_at, code_of


class TestCode:
    def test_spaces_do_not_matter_and_a_used_code_is_refused_however_it_is_typed(self, at_door, client):
        try_password(client)
        code = code_of(at_door)
        try_code(client, f" {code[:3]} {code[3:]} ")
        assert is_in(client)
        client.post(reverse("sign-out"))
        try_password(client)
        for again in (code, f" {code} ", f"{code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}", "000000x", code):
            assert try_code(client, again).status_code == 200
        assert not is_in(client)

    def test_a_code_from_before_the_last_one_is_refused_though_its_time_has_not_passed(self, at_door, client):
        try_password(client)
        try_code(client, code_of(at_door))
        client.post(reverse("sign-out"))
        try_password(client)
        try_code(client, code_at(secret_of("vera"), 0))
        assert not is_in(client)

    def test_a_recovery_code_lets_in_once(self, at_door, client, told):
        code = factors.new_codes(at_door)[0]
        for comes_in in (True, False):
            try_password(client)
            try_code(client, code)
            assert is_in(client) is comes_in
            client.post(reverse("sign-out"))
        assert factors.codes_left(at_door) == 9
        assert told(at_door)[-2:] == ["account.signed_out", "account.refused_second"]

    def test_no_code_at_all_opens_nothing_and_counts_as_no_try(self, at_door, client, told):
        try_password(client)
        for empty in ("", "  "):
            page = try_code(client, empty).content.decode()
            assert "This field is required." in page and "That was not right." not in page
        assert not is_in(client) and "account.refused_second" not in told(at_door)

    def test_a_refused_passkey_is_said_in_one_sentence_that_speaks_of_no_code(self, at_door, client, told):
        try_password(client)
        page = client.post(reverse("second"), {"passkey": "{}"}).content.decode()
        assert page.count("The passkey was not accepted.") == 1
        assert "This field is required." not in page and "A code counts once" not in page
        assert not is_in(client) and told(at_door)[-1] == "account.refused_second"

    def test_somebody_elses_code_opens_nothing(self, at_door, mara, client):
        secret = factors.new_secret()
        assert factors.add_authenticator(mara, secret, factors.right_now(secret))
        try_password(client)
        try_code(client, code_at(secret, 1))
        assert not is_in(client)


class TestBetween:
    def test_without_a_password_there_is_no_second_question(self, at_door, client):
        for name in ("second", "enrol"):
            assert client.get(reverse(name))["Location"] == reverse("sign-in")
        assert client.post(reverse("ask-passkey")).status_code == 403

    def test_a_password_changed_meanwhile_ends_it(self, at_door, client):
        try_password(client)
        at_door.set_password("another sentence of mine")
        at_door.save(update_fields=["password"])
        assert try_code(client, code_of(at_door))["Location"] == reverse("sign-in")

    def test_a_closed_account_is_not_asked(self, at_door, client):
        try_password(client)
        Account.objects.filter(pk=at_door.pk).update(is_active=False)
        assert try_code(client, code_of(at_door))["Location"] == reverse("sign-in")

    def test_it_waits_for_a_quarter_of_an_hour(self, at_door, client):
        try_password(client)
        session = client.session
        session["between"] |= {"at": session["between"]["at"] - 16 * 60}
        session.save()
        assert client.get(reverse("second"))["Location"] == reverse("sign-in")

    @pytest.mark.parametrize("name", ["desk:day", "desk:cases", "account", "password", "codes", "stays:list", "invite"])
    def test_nothing_else_opens(self, at_door, client, name):
        try_password(client)
        assert client.get(reverse(name))["Location"].startswith(reverse("sign-in"))


class TestWhoeverHasNone:
    @pytest.fixture
    def bare(self, vera):
        with factors.of(vera):
            Authenticator.objects.all().delete()
        return vera

    def test_gets_the_page_that_adds_one_and_nothing_else(self, bare, client):
        try_password(client)
        assert client.get(reverse("second"))["Location"] == reverse("enrol")
        assert not is_in(client)

    def test_is_in_with_the_code_of_the_new_one_and_sees_recovery_codes_until_they_are_kept(self, bare, client, told):
        try_password(client)
        page = client.get(reverse("enrol")).content.decode()
        secret = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", page))
        assert f"secret={secret}" in page and "data:image/png;base64," in page
        assert client.post(reverse("enrol"), {"code": "12"}).status_code == 200
        assert secret in client.get(reverse("enrol")).content.decode().replace("</span> <span>", "")
        assert client.post(reverse("enrol"), {"code": factors.right_now(secret)})["Location"] == reverse("codes")
        codes = client.get(reverse("codes")).content.decode()
        assert len(re.findall(r"<li>\d{8}</li>", codes)) == 10
        assert client.post(reverse("codes"))["Location"] == reverse("desk:day")
        assert client.get(reverse("codes"))["Location"] == reverse("account")
        assert told(bare) == ["account.factor_added", "account.signed_in", "account.codes_made"]

    def test_cannot_go_back_and_replace_one_that_is_there(self, at_door, client):
        try_password(client)
        assert client.get(reverse("enrol"))["Location"] == reverse("second")
        assert client.post(reverse("enrol"), {"code": "123456"})["Location"] == reverse("second")

    def test_every_part_is_asked(self, ground, client):
        for account in ground.people.values():
            with factors.of(account):
                Authenticator.objects.all().delete()
            assert try_password(client, account.username)["Location"] == reverse("second")
            assert client.get(reverse("second"))["Location"] == reverse("enrol")
        assert {account.part for account in ground.people.values()} == set(Part) - {Part.SYSTEM}


class TestKeptSealed:
    def test_neither_secret_nor_codes_lie_in_the_tables(self, at_door, client):
        codes = factors.new_codes(at_door)
        with factors.of(at_door):
            said = str(list(Authenticator.objects.values_list("data", flat=True)))
        assert secret_of("vera") not in said and not any(code in said for code in codes)

    def test_one_persons_secret_is_noise_for_another(self, at_door, mara):
        with factors.of(at_door):
            sealed = factors.seal("ABCD")
        factors.new_codes(mara)
        with pytest.raises(ValueError, match="another account"), factors.of(mara):
            factors.unseal(sealed)

    def test_the_database_shows_a_factor_to_its_owner_alone(self, at_door, mara, acting):
        for account, count in ((at_door, 1), (mara, 0)):
            with acting(account):
                assert set(Authenticator.objects.values_list("user", flat=True)) == {account.pk}
                assert Authenticator.objects.filter(user=at_door).update(data={}) == count
        assert Authenticator.objects.count() == 0

    def test_it_lets_nobody_give_another_a_factor(self, at_door, mara, acting):
        with acting(mara), pytest.raises(Exception, match="row-level security"), transaction.atomic():
            Authenticator.objects.create(user=at_door, type="webauthn", data={})

    def test_nobody_changes_anothers_password(self, at_door, mara, acting):
        with acting(mara), pytest.raises(Exception, match="only its owner"), transaction.atomic():
            Account.objects.filter(pk=at_door.pk).update(password="x")
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

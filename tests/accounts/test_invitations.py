"""Inviting: a link that works once, for three days, and gives an account but no office and no case."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse

from relocation.journey import joining
from relocation.models import Account, CaseGrant, Invitation, Organisation, Outbox, Part, Post
from relocation.safety import factors
from relocation.safety.refusal import Denied
from shelters.models import House, Keeper
from tests.accounts.conftest import is_in, try_password
from tests.cast import prove

CHOSEN = "grey herons stand in the rain"


@pytest.fixture
def new() -> dict[str, Any]:
    organisation = Organisation.objects.get(name="Northern Light")
    return {"name": "Lena Vask", "username": "lena", "email": "lena@example.org", "part": "desk", "organisation": organisation.pk}


def link_in(page: Any) -> str:
    return str(re.findall(r'id="handed">http://testserver([^<\s]+)<', page.content.decode())[0])


def invite(client: Client, told: dict[str, Any]) -> str:
    return link_in(client.post(reverse("invite"), told))


class TestInviting:
    def test_the_custodian_sees_the_link_once_and_only_a_hash_is_kept(self, ground, greta, signed_in, new, told, acting):
        client = signed_in(greta)
        assert f'href="{reverse("invite")}"' in client.get("/access/").content.decode()
        link = invite(client, new)
        assert link not in client.get(reverse("invite")).content.decode()
        with acting(greta):
            kept = Invitation.objects.get()
            assert kept.digest not in link and link.split("/")[-2] not in str(kept.__dict__)
            assert Outbox.objects.get().ids == {"account": str(kept.account_id)}
        lena = Account.objects.get(username="lena")
        assert (lena.part, lena.offices, str(lena.organisation)) == ("desk", [], "Northern Light")
        assert told(lena) == ["account.invited"]

    def test_nobody_else_can(self, ground, signed_in, new, vera, anton):
        for somebody in (vera, anton):
            assert signed_in(somebody).get(reverse("invite")).status_code == 404
            assert signed_in(somebody).post(reverse("invite"), new).status_code == 404
        assert Client().post(reverse("invite"), new)["Location"].startswith("/sign-in/")
        assert not Account.objects.filter(username="lena").exists()

    def test_it_asks_for_what_the_part_needs(self, ground, greta, signed_in, new):
        client = signed_in(greta)
        for part, field in (("desk", "organisation"), ("post", "post"), ("house", "place"), ("road", "organisation")):
            page = client.post(
                reverse("invite"), new | {"part": part, "organisation": "" if field == "organisation" else new["organisation"]}
            )
            assert field in page.context["form"].errors
        assert "username" in client.post(reverse("invite"), new | {"username": "VERA"}).context["form"].errors
        assert client.post(reverse("invite"), new | {"part": "office"}).context["form"].errors["part"]

    def test_an_officer_belongs_to_the_post_and_a_host_keeps_the_house(self, ground, greta, vera, signed_in, new, acting):
        client, post = signed_in(greta), Post.objects.get(code="R2")
        with acting(vera):
            house = House.objects.get(code="Birch")
        invite(client, new | {"part": "post", "post": post.pk, "username": "marc"})
        marc = Account.objects.get(username="marc")
        assert (marc.post, marc.organisation, marc.language) == (post, None, "fr")
        invite(client, new | {"part": "house", "place": house.pk, "username": "tuomo"})
        with acting(vera):
            assert Keeper.objects.filter(account__username="tuomo", house=house).exists()

    @pytest.mark.parametrize("told", [{"offices": ["auditor"]}, {"part": Part.SYSTEM}, {"part": Part.OFFICE}])
    def test_no_office_is_given_by_an_invitation_neither_here_nor_in_the_database(self, greta, acting, told):
        account = Account(username="lena", name="Lena", **told)
        with acting(greta):
            with pytest.raises(Denied):
                joining.invite(account, by=greta)
            if told != {"part": Part.OFFICE}:
                with pytest.raises(ProgrammingError, match="office"), transaction.atomic():
                    account.save(force_insert=True)

    def test_the_database_lets_nobody_else_make_accounts_or_links(self, vera, mara, acting):
        with acting(vera):
            with pytest.raises(ProgrammingError, match="by an invitation"), transaction.atomic():
                Account(username="lena", name="Lena").save(force_insert=True)
            with pytest.raises(ProgrammingError, match="row-level"), transaction.atomic():
                Invitation.objects.create(account=mara, by=vera, digest="x", expires_at="2030-01-01T00:00Z")
            assert not Invitation.objects.exists()

    def test_it_asks_again_who_sits_there(self, ground, greta, signed_in, new):
        client = prove(signed_in(greta), timedelta(minutes=6))
        assert client.post(reverse("invite"), new).status_code == 403
        assert not Account.objects.filter(username="lena").exists()


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
class TestTheOperator:
    def test_lets_the_first_custodian_in_with_an_office_and_says_it_once(self, client, capsys):
        call_command("invite", "ada", "Ada Lund", office=["custodian"], organisation="Northern Light")
        link = re.findall(r"/sign-in/join/\S+", capsys.readouterr().out)[0]
        assert "Welcome, Ada Lund" in client.get(link).content.decode()
        ada = Account.objects.get(username="ada")
        assert (ada.part, ada.offices, str(ada.organisation)) == ("office", ["custodian"], "Northern Light")
        assert client.post(link, {"password": CHOSEN, "password_again": CHOSEN})["Location"] == reverse("enrol")
        with pytest.raises(CommandError, match="already"):
            call_command("invite", "ADA", "Another")


class TestComing:
    @pytest.fixture
    def link(self, ground, greta, signed_in, new) -> str:
        return invite(signed_in(greta), new)

    def choose(self, client: Client, link: str, password: str = CHOSEN, again: str = "") -> Any:
        return client.post(link, {"password": password, "password_again": again or password})

    def test_three_screens_and_one_is_in(self, link, client, told):
        assert "Welcome, Lena Vask" in client.get(link).content.decode()
        assert self.choose(client, link)["Location"] == reverse("enrol")
        secret = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", client.get(reverse("enrol")).content.decode()))
        assert client.post(reverse("enrol"), {"code": factors.right_now(secret)})["Location"] == reverse("codes")
        assert client.post(reverse("codes"))["Location"] == reverse("desk:day")
        assert is_in(client)
        lena = Account.objects.get(username="lena")
        assert told(lena)[:3] == ["account.invited", "account.joined", "account.factor_added"]
        assert not CaseGrant.objects.filter(user=lena).exists()

    def test_whoever_stops_after_the_password_goes_on_with_it_later(self, link, client):
        self.choose(client, link)
        later = Client()
        assert try_password(later, "lena", CHOSEN)["Location"] == reverse("second")
        assert later.get(reverse("second"))["Location"] == reverse("enrol")

    def test_a_link_works_once_and_looking_at_it_does_not_use_it_up(self, link, client):
        for _look in range(3):
            assert Client().get(link).status_code == 200
        self.choose(client, link)
        for answer in (Client().get(link), self.choose(Client(), link, "another long sentence")):
            assert answer.status_code == 404 and "no longer works" in answer.content.decode()
        assert try_password(Client(), "lena", "another long sentence").status_code == 200

    def test_it_ends_after_three_days_and_one_that_never_was_looks_the_same(self, link, client, greta, acting):
        with acting(greta):
            Invitation.objects.update(expires_at=F("expires_at") - timedelta(hours=72))
        over, never = client.get(link), client.get(reverse("join", args=["x" * 43]))
        assert over.status_code == never.status_code == 404
        assert self.choose(client, link).status_code == 404

    def test_a_weak_password_is_refused_with_a_sentence(self, link, client):
        for weak in ("short", "password1234", "123456789012", "lena vask lena", "abcabcabcabc"):
            page = self.choose(client, link, weak)
            assert page.status_code == 200 and page.context["form"].errors["password"], weak

    def test_two_different_passwords_are_pointed_out(self, link, client):
        assert "not the same" in str(self.choose(client, link, again="grey herons stand in the sun").context["form"].errors)

    def test_a_new_link_ends_the_old_one_until_the_person_has_come(self, link, client, greta, signed_in):
        lena, custodian = Account.objects.get(username="lena"), signed_in(greta)
        again = link_in(custodian.post(reverse("invite"), {"again": lena.pk}))
        assert client.get(link).status_code == 404
        assert self.choose(client, again).status_code == 302
        assert custodian.post(reverse("invite"), {"again": lena.pk}).status_code == 404

    def test_nobody_who_is_here_already_can_be_invited_again(self, ground, greta, vera, signed_in):
        assert signed_in(greta).post(reverse("invite"), {"again": vera.pk}).status_code == 404

    def test_a_closed_account_does_not_come(self, link, client):
        Account.objects.filter(username="lena").update(is_active=False)
        assert client.get(link).status_code == 404

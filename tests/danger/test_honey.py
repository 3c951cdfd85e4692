"""Honey cases, reading too much, and the forced password: what alarms in silence, and that ordinary use never does."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from fiction import decoys
from relocation.journey.glass import break_glass
from relocation.models import Account, Case, CaseGrant, LedgerEntry, Lock, Session, Signal
from relocation.safety import forced, honey, locks, watch
from relocation.safety.actor import acting_as
from tests.cast import code_of
from tests.safety.raw import column, sql
from tests.standing import PASSWORD

FORCED = "a harmless looking phrase"


@pytest.fixture
def sweet(ground) -> Account:
    """A decoy that leads two honey cases."""
    before = set(Account.objects.values_list("pk", flat=True))
    list(decoys.make("Eastern Shore", decoys=1, cases=2))
    for account in Account.objects.exclude(pk__in=before):
        with acting_as(account.pk):
            if CaseGrant.objects.filter(user=account, permission__codename="lead").exists():
                return account
    raise AssertionError


def its_case(decoy) -> Case:
    with acting_as(decoy.pk):
        return Case.objects.visible_to(decoy).order_by("code")[0]


def noticed(seen_by, kind) -> list[Account]:
    with acting_as(seen_by.pk):
        return [signal.account for signal in Signal.objects.filter(kind=kind).select_related("account")]


class TestHoney:
    def test_every_touch_alarms_in_silence_and_looks_like_any_other_case(self, sweet, kestrel, ground, signed_in) -> None:
        case, charlie, nina, tomas, mara = its_case(sweet), ground["charlie"], ground["nina"], ground["tomas"], ground["mara"]
        touched = signed_in(charlie).get(f"/cases/{case.pk}/")
        missing = signed_in(charlie).get("/cases/7f8a1b60-52ab-4a0c-8f93-3d6e7d1b2c3d/")
        assert touched.status_code == missing.status_code == 404 and touched.content == missing.content
        signed_in(nina).get("/cases/", {"q": case.code.lower()})
        with acting_as(tomas.pk):
            assert break_glass(case.code, by=tomas, reason="x") is None
        assert {*noticed(mara, "honey")} == {charlie, nina, tomas}
        assert noticed(charlie, "honey") == []  # neither on call nor custodian
        assert "reached for a case" in signed_in(mara).get("/danger/").content.decode()

    def test_ordinary_use_never_alarms(self, sweet, kestrel, ground, signed_in) -> None:
        case, vera = its_case(sweet), ground["vera"]
        hers = signed_in(vera)
        for page in ("/", "/cases/", f"/cases/?q={kestrel.code}", "/cases/?q=Kestrel", f"/cases/{kestrel.pk}/", "/approvals/"):
            assert hers.get(page).status_code == 200
        signed_in(ground["greta"]).get("/access/review/")
        assert signed_in(sweet).get(f"/cases/{case.pk}/").status_code == 200  # the decoy itself
        assert noticed(ground["mara"], "honey") == []

    def test_the_app_knows_neither_table_and_marks_nothing_of_others(self, sweet, kestrel, ground) -> None:
        for table in ("relocation_honey", "relocation_decoy"):
            with pytest.raises(DatabaseError), transaction.atomic():
                sql(f"SELECT count(*) FROM {table}")
        with acting_as(ground["mara"].pk):
            assert not honey.mark_case(kestrel.pk) and not honey.mark_decoy(ground["nina"].pk)
        with acting_as(sweet.pk):
            assert not honey.mark_case(kestrel.pk)
        assert not honey.mark_decoy(ground["nina"].pk)  # she has been here

    def test_the_command_makes_them_and_names_none(self, ground, capsys) -> None:
        call_command("honey", decoys=1, cases=1)
        assert capsys.readouterr().out == "  decoy 1: 1 cases\n"


class TestReadingTooMuch:
    def look(self, account, times) -> None:
        with acting_as(account.pk):
            for _n in range(times):
                sql("INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, detail) "
                    "VALUES (gen_random_uuid(), gen_random_uuid(), %s, 'view.desk.case', '', '', '')", account.pk)  # fmt: skip

    def test_freezes_the_account_tells_others_and_two_people_unfreeze_it(self, ground, signed_in, client, monkeypatch) -> None:
        nina, mara, greta = ground["nina"], ground["mara"], ground["greta"]
        hers, limit = signed_in(nina), watch.LIMITS["desk"].cases
        self.look(nina, limit)
        assert hers.get("/cases/").status_code == 200 and noticed(mara, "bulk") == []
        self.look(nina, 1)
        assert hers.get("/cases/").status_code == 302 and not Session.objects.filter(account=nina).exists()
        answer = client.post("/sign-in/", {"username": "nina", "password": PASSWORD}).content.decode()
        assert "do not belong together" in answer
        assert noticed(mara, "bulk") == [nina]
        with acting_as(mara.pk):
            lock = Lock.objects.get(subject_id=nina.pk, why="bulk")
            assert not locks.lift(lock.pk, by=mara)
        with acting_as(greta.pk):
            assert locks.lift(lock.pk, by=greta)
        assert client.post("/sign-in/", {"username": "nina", "password": PASSWORD}).status_code == 302

    def test_the_same_case_again_and_ones_own_pages_are_not_much(self, kestrel, ground, signed_in) -> None:
        vera = ground["vera"]
        with acting_as(vera.pk):
            for _n in range(watch.LIMITS["desk"].reveals + 2):
                sql("INSERT INTO relocation_ledgerentry (id, case_id, actor_id, what, stage, standing, detail) VALUES "
                    "(gen_random_uuid(), %s, %s, 'reveal.identity.surname', '', '', '')", kestrel.pk, vera.pk)  # fmt: skip
        assert signed_in(vera).get("/").status_code == 200 and noticed(ground["mara"], "bulk") == []


class TestTheForcedPassword:
    def test_opens_other_cases_under_the_same_name_and_alarms(self, sweet, kestrel, ground, client, signed_in) -> None:
        vera, mara, case = ground["vera"], ground["mara"], its_case(sweet)
        hers = signed_in(vera)
        assert "your own password" in hers.post("/account/forced/", {"password": PASSWORD}).content.decode()
        assert hers.post("/account/forced/", {"password": FORCED}).status_code == 302

        first = client.post("/sign-in/", {"username": "vera", "password": FORCED})
        assert (first.status_code, first.url) == (302, "/sign-in/second/")
        wrong = client.post(first.url, {"code": "000000"})
        assert "That was not right" in wrong.content.decode() and noticed(mara, "duress") == []
        come = client.post(first.url, {"code": code_of(vera)})
        assert (come.status_code, come.url) == (302, "/")
        page = client.get("/cases/").content.decode()
        assert "Signed in as Vera Lind" in page and case.code in page and kestrel.code not in page
        account = client.get("/account/").content.decode()
        assert "Authenticator" in account and sweet.username not in account
        assert client.get(f"/cases/{kestrel.pk}/").status_code == 404

        assert noticed(mara, "duress") == [vera] and noticed(vera, "duress") == []
        assert hers.get("/").status_code == 302 and not Session.objects.filter(account=vera).exists()
        with acting_as(ground["anton"].pk):
            assert LedgerEntry.objects.filter(case_id=vera.pk, what="account.forced").exists()
        assert client.post("/sign-in/", {"username": "vera", "password": PASSWORD}).status_code == 302  # the real one still is

    def test_costs_and_says_the_same_whoever_asks(self, sweet, ground, client, monkeypatch) -> None:
        forced.choose(ground["vera"], FORCED)
        counted: list[str] = []

        def check(typed: str, kept: str) -> bool:
            counted.append(typed)
            return False

        monkeypatch.setattr("relocation.safety.forced.check_password", check)
        for name, word in (("vera", PASSWORD), ("vera", "wrong"), ("nina", "wrong"), ("nobody", "wrong")):
            counted.clear()
            client.post("/sign-in/", {"username": name, "password": word})
            assert counted == [word]

    def test_is_not_chosen_without_a_decoy_nor_by_whoever_is_no_case_worker(self, ground, signed_in) -> None:
        assert "Nothing was kept" in signed_in(ground["vera"]).post("/account/forced/", {"password": FORCED}).content.decode()
        assert signed_in(ground["hanna"]).get("/account/forced/").status_code == 404
        assert column("SELECT harbour_decoy_password('vera')") == [None]

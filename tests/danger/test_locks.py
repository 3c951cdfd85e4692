"""Locks: an account, a case, everything; who may, what dies with it, and the two people who open it again."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from relocation.jobs import tasks
from relocation.jobs.danger import watching
from relocation.models import Lock, Outbox, Session, Signal, system_account
from relocation.models.outbox import ALARMS, put
from relocation.safety import access, lockdown, locks
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.cast import code_of, seated
from tests.safety.custodians import brought
from tests.safety.raw import sql
from tests.standing import PASSWORD

PAGE = "/danger/"
WAYS = (
    "SELECT 1 FROM relocation_case WHERE id = %s",
    "SELECT 1 FROM relocation_identity WHERE case_id = %s",
    "SELECT 1 FROM relocation_ledgerentry WHERE case_id = %s AND what = 'case.assigned'",
    "UPDATE relocation_case SET standing_since = standing_since WHERE id = %s",
)


@pytest.fixture
def key_file(settings):
    with brought(settings) as path:
        yield path
        lockdown.place().unlink(missing_ok=True)


def lock_of(subject, *, seen_by) -> Lock:
    with acting_as(seen_by.pk):
        return Lock.objects.get(subject_id=subject)


class TestAnAccount:
    def test_is_locked_by_any_colleague_and_opened_by_two_one_of_them_a_custodian(self, ground, client, signed_in) -> None:
        vera, tomas, mara, greta = ground["vera"], ground["tomas"], ground["mara"], ground["greta"]
        hers, his = signed_in(vera), signed_in(tomas)
        said = his.post(PAGE, {"account": vera.pk}, follow=True).content.decode()
        assert "Vera Lind is signed out everywhere" in said
        assert hers.get("/cases/").status_code == 302 and not Session.objects.filter(account=vera).exists()
        answers = [
            client.post("/sign-in/", {"username": name, "password": word}).content.decode()
            for name, word in (("vera", PASSWORD), ("nobody", PASSWORD))
        ]
        assert all("do not belong together" in answer for answer in answers)
        with acting_as(vera.pk):
            vera.refresh_from_db()
            assert not vera.is_active
        lock = lock_of(vera.pk, seen_by=tomas)

        assert his.post(PAGE, {"lift": lock.pk}).status_code == 302  # asks
        refused = his.post(PAGE, {"lift": lock.pk})
        assert refused.status_code == 409 and "somebody else must agree" in refused.content.decode()
        refused = signed_in(mara).post(PAGE, {"lift": lock.pk})
        assert refused.status_code == 409 and "access custodian" in refused.content.decode()
        assert "Open again" in signed_in(greta).post(PAGE, {"lift": lock.pk}, follow=True).content.decode()
        assert client.post("/sign-in/", {"username": "vera", "password": PASSWORD}).status_code == 302

    def test_is_not_locked_from_elsewhere_nor_opened_there(self, ground) -> None:
        vera, charlie, hanna = ground["vera"], ground["charlie"], ground["hanna"]
        for by in (charlie, hanna):
            with acting_as(by.pk), pytest.raises(Denied):
                locks.lock("account", vera.pk, by=by)
        with acting_as(ground["tomas"].pk):
            number = locks.lock("account", vera.pk, by=ground["tomas"], label="Vera")
        with acting_as(charlie.pk), pytest.raises(Denied):
            locks.lift(number, by=charlie)
        seen = {
            by.username: bool(self.told(by, number)) for by in (ground[name] for name in ("tomas", "greta", "charlie", "hanna"))
        }
        assert seen == {"tomas": True, "greta": True, "charlie": False, "hanna": False}
        vera.refresh_from_db()
        assert not vera.is_active

    def told(self, by, number) -> object:
        """The row of a lock, with the name that it bears, as the database itself shows it."""
        with acting_as(by.pk):
            return sql("SELECT label FROM relocation_lock WHERE id = %s", number)

    def test_the_people_on_call_are_told_but_for_whoever_did_it(self, ground, mailoutbox, settings) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        with acting_as(ground["ilya"].pk):
            locks.lock("account", ground["vera"].pk, by=ground["ilya"])
        with acting_as(system_account("outbox")):
            row = Outbox.objects.get(kind="tell_danger")
        with acting_as(row.originator_id):
            told = watching(row)
        assert ground["mara"] in told and ground["ilya"] not in told and len(told) >= 2


class TestACase:
    def test_is_locked_by_its_coordinator_and_opened_by_two(self, kestrel, ground, signed_in) -> None:
        vera, mara, ilya = ground["vera"], ground["mara"], ground["ilya"]
        page, hers = f"/cases/{kestrel.pk}/", signed_in(vera)
        assert hers.get(page).status_code == 200
        refused = hers.post(PAGE, {"code": kestrel.code})
        assert "You coordinate no case with this code" in refused.content.decode()
        signed_in(mara).post(PAGE, {"code": kestrel.code})
        locked = hers.get(page)
        assert locked.status_code == 503 and "Locked for now" in locked.content.decode()
        assert kestrel.alias not in hers.get("/cases/").content.decode()
        assert signed_in(ground["charlie"]).get(page).status_code == 404
        with acting_as(vera.pk):
            assert not access.may(vera, "card.write", kestrel.pk)

        lock = lock_of(kestrel.pk, seen_by=mara)
        seen = signed_in(mara).get(PAGE).content.decode()
        assert kestrel.code in seen and kestrel.code not in signed_in(ground["tomas"]).get(PAGE).content.decode()
        with acting_as(mara.pk):
            assert not locks.lift(lock.pk, by=mara)
        with acting_as(vera.pk), pytest.raises(Denied):
            locks.lift(lock.pk, by=vera)
        with acting_as(ground["greta"].pk):
            assert locks.lift(lock.pk, by=ground["greta"])
        assert hers.get(page).status_code == 200
        assert ilya  # on call, and not needed

    def test_its_rows_are_hidden_by_the_database_itself_until_it_is_open_again(self, kestrel, ground) -> None:
        vera, mara, greta, nina = ground["vera"], ground["mara"], ground["greta"], ground["nina"]

        def reached(by) -> tuple[bool, ...]:
            with acting_as(by.pk):
                sql("SET CONSTRAINTS ALL IMMEDIATE")  # as at the end of every transaction
                sql("SET CONSTRAINTS ALL DEFERRED")
                return tuple(bool(sql(way, kestrel.pk)) for way in WAYS)

        assert reached(vera) == (True, True, True, True)
        with acting_as(mara.pk):
            number = locks.lock("case", kestrel.pk, by=mara, label=kestrel.code)
        assert reached(vera) == (False, False, False, False)
        with acting_as(greta.pk):  # whoever is let in meanwhile comes to a locked case
            access.admit(nina, Role.LAWYER, kestrel.pk, by=greta, reason="counsels")
        assert reached(nina) == (False, False, False, False)
        with acting_as(ground["charlie"].pk):  # nor does a stranger learn its code
            assert sql("SELECT label FROM relocation_lock WHERE id = %s", number) is None
        for by in (mara, greta):
            with acting_as(by.pk):
                locks.lift(number, by=by)
        assert reached(vera) == (True, True, True, True) and reached(nina)[0]

    def test_a_locked_account_reads_nothing_in_any_session(self, kestrel, ground) -> None:
        vera, tomas, greta = ground["vera"], ground["tomas"], ground["greta"]
        with acting_as(tomas.pk):
            number = locks.lock("account", vera.pk, by=tomas)
            sql("SET CONSTRAINTS ALL IMMEDIATE")
        with acting_as(vera.pk):
            assert [sql(way, kestrel.pk) for way in WAYS[:2]] == [None, None]
        with acting_as(tomas.pk):
            assert sql(WAYS[0], kestrel.pk)
        for by in (tomas, greta):
            with acting_as(by.pk):
                locks.lift(number, by=by)
        with acting_as(vera.pk):
            assert sql(WAYS[0], kestrel.pk)


class TestEverything:
    def test_is_locked_by_two_within_a_quarter_of_an_hour(
        self, ground, key_file, signed_in, django_capture_on_commit_callbacks
    ) -> None:
        one, other = signed_in(ground["vera"]), signed_in(ground["tomas"])
        with django_capture_on_commit_callbacks(execute=True):
            assert "Asked." in one.post(PAGE, {"everything": "1"}, follow=True).content.decode()
            one.post(PAGE, {"everything": "1"})
        assert not lockdown.is_locked() and key_file.exists()
        assert "asks for it:" in other.get(PAGE).content.decode()
        with django_capture_on_commit_callbacks(execute=True):
            other.post(PAGE, {"everything": "1"})
        assert lockdown.is_locked() and not key_file.exists()
        assert {one.get(page).status_code for page in ("/", "/sign-in/", "/verify/")} == {503}
        assert not Session.objects.exists()

    def test_no_host_asks_for_it(self, ground) -> None:
        with acting_as(ground["hanna"].pk), pytest.raises(Denied):
            locks.lock_everything(by=ground["hanna"])

    def test_by_the_operator_alarms_still_leave_and_nothing_else(self, kestrel, ground, key_file, client) -> None:
        vera = ground["vera"]
        with acting_as(vera.pk):
            put("tell_lead", by=vera, key="locked", case=kestrel.pk)
            put("ring_on_call", by=vera, key="locked")
        call_command("lockdown", yes=True, stdout=(said := StringIO()))
        assert "Everything is locked" in said.getvalue()
        with acting_as(system_account("outbox")):
            assert {row.kind for row in tasks.allowed()} >= {"ring_on_call"}
            assert {row.kind for row in tasks.allowed()} <= set(ALARMS)
        assert client.get("/healthz").status_code == 503

    def test_it_opens_again_by_two_who_answer_for_harbour_where_the_key_stayed(
        self, ground, key_file, client, monkeypatch
    ) -> None:
        monkeypatch.setattr("relocation.safety.master.in_memory", lambda folder: False)
        signed = seated(ground["nina"])
        call_command("lockdown", yes=True, stdout=(said := StringIO()))
        assert "was not dropped" in said.getvalue() and key_file.exists()

        def lift(*names: str) -> None:
            typed = "".join(f"{name}\n{PASSWORD}\n{code_of(ground[name])}\n" for name in names)
            monkeypatch.setattr("sys.stdin", StringIO(typed))
            call_command("lockdown", lift=True, stdout=StringIO())

        for names in (("ilya", "ilya"), ("ilya", "vera"), ("vera", "tomas")):
            with pytest.raises(CommandError):
                lift(*names)
            assert client.get("/sign-in/").status_code == 503
        lift("mara", "greta")
        assert client.get("/sign-in/").status_code == 200 and signed.get("/").status_code == 302
        with pytest.raises(CommandError):
            lift("mara", "greta")

    def test_signals_are_nobodys_to_write(self, ground) -> None:
        for model, told in ((Signal, {"kind": "honey"}), (Lock, {"scope": "account", "subject_id": ground["vera"].pk})):
            whose = {"account": ground["vera"]} if model is Signal else {"by": ground["tomas"]}
            with acting_as(ground["tomas"].pk), pytest.raises(DatabaseError), transaction.atomic():
                model.objects.create(**told, **whose)


class TestByHand:
    """What a row says of itself is not told anew by whoever has the database's own language."""

    def test_nobody_opens_a_locked_account_or_closes_or_renames_anothers(self, ground) -> None:
        vera, mara, greta, charlie = ground["vera"], ground["mara"], ground["greta"], ground["charlie"]
        with acting_as(mara.pk):
            locks.lock(Lock.Scope.ACCOUNT, vera.pk, by=mara, label="Vera")
        for by in (mara, charlie, greta, vera):
            refused(by, f"UPDATE relocation_account SET is_active = true WHERE id = '{vera.pk}'")
            refused(by, f"UPDATE relocation_account SET ended = 0 WHERE id = '{vera.pk}'")
        for by in (mara, charlie):
            for change in ("is_active = false", "email = 'else@example.org'", "name = 'Else'", "ended = ended + 1"):
                refused(by, f"UPDATE relocation_account SET {change} WHERE id = '{ground['tomas'].pk}'")
        with acting_as(greta.pk):  # the custodian of their organisation, as where somebody leaves
            assert sql(f"UPDATE relocation_account SET is_active = false WHERE id = '{ground['tomas'].pk}'") == 1
        with acting_as(mara.pk):
            assert sql(f"UPDATE relocation_account SET language = 'ru', ended = ended + 1 WHERE id = '{mara.pk}'") == 1

    def test_nobody_opens_a_locked_house_and_its_desk_changes_it_all_the_same(self, kestrel, ground) -> None:
        mara, house = ground["mara"], ground.houses["Alder"]
        with acting_as(mara.pk):
            locks.lock(Lock.Scope.HOUSE, house.pk, by=mara, label="Alder")
        for by in (mara, ground["vera"], ground["charlie"], ground["hanna"]):
            refused(by, f"UPDATE shelters_house SET is_open = true WHERE id = '{house.pk}'")
        with acting_as(mara.pk):
            assert sql(f"UPDATE shelters_house SET pets = true WHERE id = '{house.pk}' AND NOT is_open") == 1


def refused(by, statement) -> None:
    with acting_as(by.pk), pytest.raises(DatabaseError), transaction.atomic():
        sql(statement)


class TestAHouse:
    def test_is_locked_by_a_coordinator_with_its_hosts_and_opened_by_two(self, kestrel, ground, signed_in) -> None:
        mara, greta, hanna, house = ground["mara"], ground["greta"], ground["hanna"], ground.houses["Alder"]
        hosts = signed_in(hanna)
        assert signed_in(ground["nina"]).post("/stays/lock/", {"house": house.pk}).status_code == 404  # coordinates nothing
        assert hosts.get("/host/").status_code == 200
        said = signed_in(mara).post("/stays/lock/", {"house": house.pk}, follow=True).content.decode()
        assert "House Alder is locked" in said and hosts.get("/host/").status_code == 302
        with acting_as(mara.pk):
            house.refresh_from_db()
            assert not house.takes_people
        lock = lock_of(house.pk, seen_by=mara)
        for by in (mara, greta):
            with acting_as(by.pk):
                locks.lift(lock.pk, by=by)
        with acting_as(mara.pk):
            house.refresh_from_db()
            hanna.refresh_from_db()
        assert house.takes_people and hanna.is_active

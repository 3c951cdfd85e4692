"""Links that open once: who may spend one, what ends it, and what a spent one says."""

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from relocation.journey import recording
from relocation.models import Account, Document, FileLink, LedgerEntry, Scan, system_account
from relocation.models.file_link import forget_late, spend
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from tests.intake.hostile import picture

FILE = picture()


@pytest.fixture
def scan(kestrel, vera, acting) -> Scan:
    with acting(vera):
        return recording.add_scan(recording.write(Document(case=kestrel, kind="birth"), by=vera), FILE, by=vera)


@pytest.fixture
def ask(scan):
    """Ask for the scan in somebody's browser; answers the link's address."""

    def asked(browser) -> str:
        answer = browser.post(reverse("desk:scan", args=[scan.case_id, scan.document_id, scan.pk]))
        assert answer.status_code == 303
        return str(answer["Location"])

    return asked


def exports(scan: Scan) -> int:
    return LedgerEntry.objects.filter(what="export.desk.scan", about=scan.pk).count()


def late(scan: Scan, by: Account, session: str, lasts: int = 300) -> None:
    """A link of nine minutes ago."""
    made = timezone.now() - timedelta(minutes=9)
    hashes = {"digest": sha256(b"words").digest(), "session": sha256(session.encode()).digest(), "version": scan.sha256}
    ends = made + timedelta(seconds=lasts)
    FileLink.objects.create(owner=by, kind="scan", about=scan.pk, at=made, expires_at=ends, **hashes)


class TestOnce:
    def test_it_opens_once_and_then_says_so_and_offers_a_new_one(self, scan, ask, vera, signed_in, acting):
        browser = signed_in(vera)
        link = ask(browser)
        assert browser.get(link).content == FILE
        spent = browser.get(link)
        assert spent.status_code == 303 and link.split("/")[2] not in spent["Location"]
        said = browser.get(spent["Location"])
        assert said.status_code == 410 and "This link no longer opens" in said.content.decode()
        anew = re.search(r'action="(/cases/[^"]+)"', said.content.decode())[1]
        assert browser.post(anew, {"download": "1"}, follow=True).content == FILE
        with acting(vera):
            assert exports(scan) == 2

    def test_only_hashes_are_kept(self, ask, vera, signed_in, acting):
        browser = signed_in(vera)
        secret, session = ask(browser).split("/")[2], browser.session.session_key
        with acting(vera), connection.cursor() as cursor:
            cursor.execute("SELECT l::text FROM relocation_filelink l")
            kept = str(cursor.fetchall())
        assert not any(word in kept for plain in (secret, session) for word in (plain, plain.encode().hex()))

    def test_nothing_but_a_get_spends_it(self, ask, vera, signed_in):
        browser = signed_in(vera)
        link = ask(browser)
        assert browser.head(link).status_code == browser.post(link).status_code == 405
        assert browser.get(link).status_code == 200


class TestWhose:
    def test_somebody_else_finds_nothing_there_and_spends_nothing(self, ask, vera, tomas, signed_in):
        browser = signed_in(vera)
        link = ask(browser)
        theirs, nothing = (signed_in(tomas).get(address) for address in (link, "/files/nothing/"))
        assert theirs.status_code == 404 and theirs.content == nothing.content
        assert browser.get(link).status_code == 200

    def test_in_another_session_of_the_same_person_it_does_not_open(self, ask, vera, signed_in):
        link = ask(signed_in(vera))
        assert "spent" in signed_in(vera).get(link)["Location"]

    def test_without_a_session_it_leads_to_the_door_and_is_not_carried_along(self, ask, vera, signed_in, client):
        browser = signed_in(vera)
        link = ask(browser)
        browser.post(reverse("sign-out"))
        for one in (browser, client):
            assert one.get(link)["Location"] == reverse("sign-in")

    def test_a_spent_page_is_its_owners_alone(self, ask, vera, tomas, signed_in):
        browser = signed_in(vera)
        link = ask(browser)
        browser.get(link)
        assert signed_in(tomas).get(browser.get(link)["Location"]).status_code == 404


class TestEnded:
    def test_a_grant_that_ended_ends_the_link_and_offers_none(self, scan, ask, nina, mara, signed_in, acting):
        with acting(mara):
            access.admit(nina, Role.WORKER, scan.case_id, by=mara, reason="documents")
        browser = signed_in(nina)
        first, second = ask(browser), ask(browser)
        browser.get(first)
        spent = browser.get(first)["Location"]
        with acting(mara):
            access.dismiss(nina, Role.WORKER, scan.case_id, by=mara)
        assert browser.get(second).status_code == 404
        assert "not open to you any more" in browser.get(spent).content.decode()

    def test_after_five_minutes_it_opens_nothing_and_no_link_lasts_longer(self, scan, vera, signed_in, acting):
        browser = signed_in(vera)
        with acting(vera):
            late(scan, vera, browser.session.session_key)
            with pytest.raises(IntegrityError), transaction.atomic():
                late(scan, vera, "", lasts=301)
        assert "spent" in browser.get("/files/words/")["Location"]

    def test_a_file_that_changed_is_not_the_one_it_was_for(self, scan, ask, vera, signed_in, acting):
        browser = signed_in(vera)
        link = ask(browser)
        with acting(vera):
            Scan.objects.filter(pk=scan.pk).update(sha256=b"another")
        assert "spent" in browser.get(link)["Location"]
        with acting(vera):
            assert exports(scan) == 0


class TestTheTable:
    def test_the_database_lets_a_link_be_spent_once_and_changed_in_nothing_else(self, ask, vera, signed_in, acting):
        browser = signed_in(vera)
        browser.get(ask(browser))
        with acting(vera):
            for change in ("spent_at = NULL", "expires_at = now() + interval '1 hour'", "about = gen_random_uuid()"):
                with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(f"UPDATE relocation_filelink SET {change}")
                    if not cursor.rowcount:
                        raise ProgrammingError("a row that is spent is out of reach")

    def test_another_account_neither_sees_nor_spends_it(self, ask, vera, tomas, signed_in, acting):
        ask(signed_in(vera))
        with acting(vera):
            made = FileLink.objects.get()
        with acting(tomas):
            assert not FileLink.objects.exists()
            assert not spend(bytes(made.digest), bytes(made.session), owner=vera.pk)

    def test_what_is_late_is_swept_and_nothing_else(self, scan, ask, vera, signed_in, acting):
        browser = signed_in(vera)
        ask(browser)
        with acting(vera):
            late(scan, vera, "")
        with acting_as(system_account("retention")):
            assert forget_late() == 1
        with acting(vera):
            assert FileLink.objects.count() == 1

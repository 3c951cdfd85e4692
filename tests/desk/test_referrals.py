"""The import pages: look, decide, and see the cases."""

import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from relocation.intake import kept
from relocation.journey.referring import name_lead, refer
from relocation.models import Account, Case, DuplicateCheck, Identity, LedgerEntry, Outbox, ReferralFile, system_account
from relocation.models.referral_file import forget_expired
from relocation.safety import vault
from relocation.safety.actor import acting_as
from tests.cast import referral
from tests.intake.files import HEADER, REFERRALS, as_csv

ADAM = ["1", "Цаплин", "Адам", "20.03.1995", "+79892167937", "да"]
TWIN = ["2", "Tsaplin", "Adam", "1995", "", "да"]
BAD = ["9", "=1+1", "Денис", "31.02.1999", "", "да"]
PAGE = reverse("desk:referrals")


@pytest.fixture
def browser(mara, signed_in):
    """Mara's browser."""
    return signed_in(mara)


@pytest.fixture
def sent(browser):
    """Upload a file as Mara; answers the page it leads to."""

    def send(*rows, name="referrals.csv", content=None):
        content = as_csv(HEADER, *rows).getvalue() if content is None else content
        answer = browser.post(PAGE, {"file": SimpleUploadedFile(name, content)})
        return answer["Location"] if answer.status_code == 302 else answer

    return send


def text(answer):
    """The words of a page, one space between them."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def work(by):
    """Do what a worker would."""
    with acting_as(by.pk):
        [row] = Outbox.objects.filter(kind="import_referrals", done_at=None)
        kept.import_kept(row)


class TestLooking:
    def test_the_page_asks_for_a_file(self, browser):
        assert "Choose a file" in text(browser.get(PAGE))

    def test_only_who_answers_for_a_chain_is_led_to_chains(self, browser, signed_in, vera):
        words = "is no longer safe"
        assert words in text(browser.get(PAGE)) and words not in text(signed_in(vera).get(PAGE))

    def test_a_file_leads_to_its_preview_and_saves_nobody(self, browser, sent, mara, acting):
        page = text(browser.get(sent(ADAM, BAD)))
        assert "1 person can be imported" in page
        assert "not in the calendar" in page
        with acting(mara):
            assert Case.objects.visible_to(mara).count() == 0

    def test_a_file_that_is_no_table_is_refused_beside_the_field(self, sent, mara, acting):
        answer = sent(content=b"PK\x03\x04", name="a.csv")
        assert "the content is a workbook" in text(answer)
        with acting(mara):
            assert not ReferralFile.objects.exists()

    def test_no_file_and_an_empty_one_are_asked_for_again(self, browser, sent):
        assert "Choose a file of up to 10 MB" in text(browser.post(PAGE))
        assert "The file is empty" in text(sent(content=b""))

    def test_a_file_too_large_for_memory_is_not_taken(self, sent, monkeypatch):
        monkeypatch.setattr("relocation.desk.referrals.MOST_BYTES", 100)
        assert "up to 10 MB" in text(sent(ADAM))

    def test_rows_that_may_be_one_person_stand_side_by_side(self, browser, sent):
        page = text(browser.get(sent(ADAM, TWIN)))
        assert "Цаплин Адам" in page
        assert "Tsaplin Adam" in page
        assert "They agree in: name, birth" in page

    def test_a_known_case_is_shown_by_its_alias_alone(self, browser, sent, mara, acting):
        with acting(mara):
            case = refer(referral(surname="Tsaplin", given_names="Adam", birth="1995"), by=mara)
        answer = browser.get(sent(ADAM))
        assert reverse("desk:case", args=[case.pk]) in answer.content.decode()
        assert "Kestrel" in text(answer)
        assert "Tsaplin" not in text(answer)

    def test_looking_again_compares_nothing_a_second_time(self, browser, sent, mara, acting):
        address = sent(ADAM)
        for _ in range(3):
            browser.get(address)
        with acting(mara):
            assert LedgerEntry.objects.filter(what="read.for_duplicates").count() == 1

    def test_no_place_is_on_a_page_with_a_name(self, browser, sent):
        address = sent(content=(REFERRALS / "hotline.csv").read_bytes())
        with (REFERRALS / "hotline.csv").open(encoding="utf-8-sig") as file:
            cities = {line.split(",")[6].strip() for line in file.read().splitlines()[1:] if line.count(",") > 9}
        page = text(browser.get(address))
        assert [city for city in cities if len(city) > 4 and city in page] == []

    def test_refused_rows_come_back_as_a_spreadsheet_with_formulas_disarmed(self, browser, sent):
        answer = browser.post(sent(ADAM, BAD) + "refused/", follow=True)
        header, row = load_workbook(io.BytesIO(answer.content)).active.values
        assert header[-1] == "Reason"
        assert row[1] == "'=1+1"
        assert answer["Cache-Control"] == "no-store"


class TestDeciding:
    def test_after_a_yes_a_worker_opens_the_cases_and_the_page_lists_them(self, browser, sent, mara, vera, acting):
        address = sent(ADAM, BAD)
        waiting = text(browser.post(address, {"import": ""}, follow=True))
        assert "0 of 1. You can leave this page." in waiting
        work(mara)
        page = text(browser.get(address))
        with acting(mara):
            case = Case.objects.visible_to(mara).get()
        assert "1 case was opened" in page
        assert case.alias in page
        assert "Nobody leads them yet" in page and "Name their leads" in page
        with acting(mara):
            name_lead(case.pk, vera, by=mara, reason="room")
        assert "Nobody leads them yet" not in text(browser.get(address))

    def test_the_look_for_duplicates_is_noted_for_whoever_resembles_nobody(self, browser, sent, mara, acting):
        browser.post(sent(ADAM, TWIN, ["3", "Чижов", "Артём", "1987", "", "да"]), {"import": ""})
        work(mara)
        with acting(mara):
            (looked,) = DuplicateCheck.objects.filter(by=mara)
            identity = Identity.objects.get(case=looked.case_id)
            assert vault.reveal(identity, "surname", by=mara, reason="checked") == "Чижов"
            assert not looked.found

    def test_a_row_can_be_left_out(self, browser, sent, mara, acting):
        browser.post(sent(ADAM, TWIN), {"import": "", "leave_out": "2"})
        work(mara)
        with acting(mara):
            assert Case.objects.visible_to(mara).count() == 1

    def test_a_second_yes_changes_nothing(self, browser, sent, mara, acting):
        address = sent(ADAM)
        browser.post(address, {"import": ""})
        browser.post(address, {"import": ""})
        work(mara)
        browser.post(address, {"import": ""})
        with acting(mara):
            assert Case.objects.visible_to(mara).count() == 1
            assert Outbox.objects.filter(kind="import_referrals").count() == 1

    def test_a_job_broken_off_goes_on_and_lists_every_case(self, browser, sent, mara, acting, monkeypatch):
        browser.post(address := sent(ADAM, ["2", "Чижов", "Артём", "1987", "", "да"]), {"import": ""})
        real = kept._finish
        monkeypatch.setattr(kept, "_finish", lambda *_: (_ for _ in ()).throw(OSError()))
        with pytest.raises(OSError):
            work(mara)
        monkeypatch.setattr(kept, "_finish", real)
        work(mara)
        assert "2 cases were opened" in text(browser.get(address))

    def test_the_same_file_again_adds_nobody_and_says_so(self, browser, sent, mara):
        browser.post(sent(ADAM), {"import": ""})
        work(mara)
        page = text(browser.get(sent(ADAM)))
        assert "0 people can be imported" in page
        assert "1 row was imported before" in page

    def test_what_the_file_told_is_forgotten_once_imported(self, browser, sent, mara, acting):
        browser.post(sent(ADAM), {"import": ""})
        work(mara)
        with acting(mara):
            file = ReferralFile.objects.get()
        assert (file.body, file.findings, file.left_out, file.name) == (None, None, None, None)

    def test_a_file_can_be_forgotten(self, browser, sent, mara, acting):
        address = sent(ADAM)
        assert "Nothing was saved" in text(browser.post(address, {"cancel": ""}, follow=True))
        assert browser.get(address).status_code == 404
        with acting(mara):
            assert not ReferralFile.objects.exists()


class TestWhoMay:
    def test_a_colleague_finds_nothing_at_the_address_of_a_file(self, sent, ilya, signed_in):
        address = sent(ADAM)
        for method in ("get", "post"):
            assert getattr(signed_in(ilya), method)(address).status_code == 404
        assert signed_in(ilya).post(address + "refused/").status_code == 404

    def test_the_database_itself_shows_a_file_to_its_owner_alone(self, sent, mara, ilya, acting):
        sent(ADAM)
        with acting(ilya):
            assert not ReferralFile.objects.exists()
        with acting(mara):
            assert ReferralFile.objects.count() == 1

    def test_hosts_and_officers_have_no_such_page(self, hanna, elise, signed_in):
        assert [signed_in(one).get(PAGE).status_code for one in (hanna, elise)] == [404, 404]

    def test_somebody_of_no_organisation_is_told_so(self, browser, signed_in):
        nobodys = Account.objects.create(username="noor", name="Noor Haan", part="desk")
        assert "belongs to no organisation" in text(signed_in(nobodys).get(PAGE))

    def test_an_upload_without_the_forms_token_is_refused(self, mara):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(mara, backend="django.contrib.auth.backends.ModelBackend")
        answer = browser.post(PAGE, {"file": SimpleUploadedFile("a.csv", as_csv(HEADER, ADAM).getvalue())})
        assert answer.status_code == 403

    def test_in_an_invented_world_real_people_are_kept_out(self, browser, sent, monkeypatch):
        monkeypatch.setattr("relocation.desk.fictional.is_fictional", lambda: True)
        assert "Real people do not belong here" in text(sent(ADAM))


class TestKeeping:
    def test_an_upload_never_touches_a_disk(self, sent, monkeypatch):
        monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", lambda *_, **__: pytest.fail("a temporary file"))
        rows = [[str(number), "Чижов", "Артём", "1987", "", "да", "x" * 3000] for number in range(1000)]
        assert isinstance(sent(content=as_csv([*HEADER, "Комментарий"], *rows).getvalue()), str)

    def test_the_file_is_sealed_in_the_database(self, sent, mara, acting):
        sent(ADAM)
        with acting(mara):
            file = ReferralFile.objects.get()
        assert "Цаплин".encode() not in file.body.raw
        assert str(file.body) == "•••"

    def test_after_an_hour_it_is_not_there_any_more_and_the_next_upload_removes_it(self, browser, sent, mara, acting):
        address = sent(ADAM)
        expire(mara)
        assert browser.get(address).status_code == 404
        sent(ADAM)
        with acting(mara):
            assert ReferralFile.objects.count() == 1

    def test_the_retention_sweep_may_remove_what_is_late_and_nothing_else(self, sent, mara):
        sent(ADAM)
        with acting_as(system_account("retention")):
            assert forget_expired() == 0
        expire(mara)
        with acting_as(system_account("retention")):
            assert forget_expired() == 1


def expire(by):
    """Let the hour pass."""
    with acting_as(by.pk):
        ReferralFile.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

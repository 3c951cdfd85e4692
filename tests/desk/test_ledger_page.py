"""The auditor's page: everything that happened, no case, no reason; reading it is an entry too."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from relocation.jobs import anchoring
from relocation.models import LedgerEntry
from relocation.safety import ledger
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied

PAGE = "/ledger/"


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.HARBOUR_ANCHOR_FOLDER = str(tmp_path)


@pytest.fixture
def looked_at(kestrel, vera, charlie, signed_in):
    """Vera opened the case and gave a reason for a surname; Charlie was refused."""
    signed_in(vera).get(reverse("desk:case", args=[kestrel.pk]))
    with acting_as(vera.pk):
        ledger.record("reveal.identity.surname", kestrel.pk, by=vera, reason="her brother rang")
    with acting_as(charlie.pk):
        ledger.keep(Denied(kestrel.pk, "case.open", charlie.pk))
    return kestrel


def told(page):
    text = re.sub(r"<[^>]+>", " ", page.content.decode())
    return re.sub(r"\s+", " ", text)


def entries(by, **which):
    with acting_as(by.pk):
        return list(LedgerEntry.objects.filter(actor_id=by.pk, **which))


class TestThePage:
    def test_an_auditor_reads_what_happened_without_case_or_reason(self, looked_at, anton, signed_in):
        browser = signed_in(anton)
        assert browser.get(reverse("office")).headers["Location"] == PAGE
        page = browser.get(PAGE)
        said = told(page)
        for words in ("Looked at: the case", "Refused, for want of access", "A reason was given", "Vera", "Charlie"):
            assert words in said, words
        assert not [word for word in ("Kestrel", "brother", "Эльфова", looked_at.code) if word in page.content.decode()]
        assert browser.get(reverse("desk:case", args=[looked_at.pk])).status_code == 404

    def test_each_reading_is_one_entry(self, looked_at, anton, signed_in):
        browser = signed_in(anton)
        for n in (1, 2):
            browser.get(PAGE)
            assert len(entries(anton, what="view.desk.ledger", case_id=anton.pk)) == n

    def test_it_is_not_there_for_anybody_else(self, kestrel, vera, greta, mara, signed_in):
        for somebody in (vera, mara, greta):
            browser = signed_in(somebody)
            answers = [browser.get(PAGE), browser.get("/ledger/export/"), browser.post(PAGE), browser.get("/nothing/")]
            assert {answer.status_code for answer in answers} == {404} and len({answer.content for answer in answers}) == 1
            assert len(entries(somebody, what="denied.office.auditor")) == 3

    def test_it_is_narrowed_by_kind_account_chain_and_days(self, looked_at, anton, vera, signed_in):
        browser, today = signed_in(anton), timezone.now().date()
        tomorrow = today + timedelta(days=1)
        for asked, there, gone in (
            ("kind=view", "Looked at: the case", "Refused, for"),
            ("kind=denied", "Refused, for", "Looked at: the case"),
            (f"account={vera.username}", "Looked at: the case", "Refused, for"),
            (f"chain={looked_at.pk}&since={today}&until={today}", "Looked at: the case", "Looked at: the ledger"),
            (f"since={tomorrow}", "No entry fits", "Looked at: the case"),
        ):
            said = told(browser.get(f"{PAGE}?{asked}"))
            assert there in said and gone not in said, asked
        for asked in ("kind=everything", "account=nobody.here", "chain=x", "since=soon", f"since={tomorrow}&until={today}"):
            assert "Correct what is marked above" in told(browser.get(f"{PAGE}?{asked}")), asked

    def test_older_entries_are_a_page_further_and_none_is_shown_twice(self, anton, signed_in):
        with acting_as(anton.pk):
            for n in range(60):
                ledger.record("read.identity", anton.pk, by=anton, detail=str(n))
        browser = signed_in(anton)
        asked, numbers = "kind=read", []
        while asked:
            page = browser.get(f"{PAGE}?{asked}")
            numbers += [line.entry.seq for line in page.context["lines"]]
            asked = page.context["older"]
        assert len(numbers) == len(set(numbers)) == 60 and numbers == sorted(numbers, reverse=True)
        assert browser.get(f"{PAGE}?before=nonsense").status_code == 200


class TestVerifying:
    def test_the_page_says_that_the_ledger_holds_and_when_it_was_anchored(self, looked_at, anton, signed_in):
        browser = signed_in(anton)
        assert "Not verified yet" in told(browser.get(PAGE))
        made = anchoring.make()
        said = told(browser.post(PAGE, follow=True))
        assert "All of them hold. 1 anchor agrees." in said and f"Number {made.number}," in said and "Does not hold" not in said
        assert len(entries(anton, what="ledger.verified")) == 1

    def test_it_says_so_where_an_anchor_was_forged(self, looked_at, anton, signed_in, tmp_path):
        made = anchoring.make()
        (tmp_path / made.file_name).write_text("{}")
        said = told(signed_in(anton).post(PAGE, follow=True))
        assert "Anchor 1: It was changed, or was not signed here." in said and "Does not hold" in said


class TestTheTable:
    def test_it_leaves_with_formulas_disarmed_and_as_an_entry(self, looked_at, anton, vera, signed_in):
        type(vera).objects.filter(pk=vera.pk).update(name='=cmd|"/c calc"!A1')
        answer = signed_in(anton).get("/ledger/export/?kind=view")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[1][1] == '\'=cmd|"/c calc"!A1' and rows[1][3] == "view.desk.case" and rows[1][5] == str(looked_at.pk)
        assert "brother" not in answer.content.decode() and answer["Content-Disposition"].startswith("attachment")
        assert [len(entries(anton, what=what)) for what in ("export.desk.ledger_export", "view.desk.ledger_export")] == [1, 0]

    def test_what_does_not_fit_is_asked_again(self, anton, signed_in):
        answer = signed_in(anton).get("/ledger/export/?since=soon")
        assert answer.headers["Location"] == "/ledger/?since=soon" and not entries(anton, what__startswith="export.")

"""The second person's word."""

import pytest
from django.core import mail

from relocation.models import Approval, LedgerEntry
from relocation.safety.actor import acting_as

WHY = "They fled alone last night"


@pytest.fixture
def asked(signed_in, mara, kestrel):
    told = {"version": kestrel.version, "reason": WHY, "stage": "sheltered", "evidence": "a letter"}
    signed_in(mara).post(f"/cases/{kestrel.pk}/steps/enter/", told)
    with acting_as(mara.pk):
        return Approval.objects.get(case=kestrel)


class TestApprovals:
    def test_whoever_may_answer_sees_what_which_case_and_who_asks(self, signed_in, asked, ilya):
        html = signed_in(ilya).get("/approvals/").content.decode()
        for words in ("Enter where they already are", "Kestrel", "Mara Kask asks"):
            assert words in html

    def test_my_own_question_is_listed_as_waiting_and_not_for_me(self, signed_in, asked, mara):
        context = signed_in(mara).get("/approvals/").context
        assert context["for_me"] == []
        assert [one.approval for one in context["mine"]] == [asked]

    def test_a_lead_answers_nothing(self, signed_in, asked, vera):
        assert signed_in(vera).get("/approvals/").context["for_me"] == []
        assert signed_in(vera).get(f"/approvals/{asked.pk}/").status_code == 404
        assert signed_in(vera).post(f"/approvals/{asked.pk}/", {"answer": "agree"}).status_code == 404

    def test_a_stranger_sees_no_question(self, signed_in, asked, charlie):
        assert signed_in(charlie).get(f"/approvals/{asked.pk}/").status_code == 404


class TestRemind:
    def test_whoever_waits_notes_whom_they_reminded_and_nothing_is_sent(self, signed_in, asked, mara, ilya, vera, charlie):
        page, remind, client = f"/cases/{asked.case_id}/steps/enter/", f"/approvals/{asked.pk}/remind/", signed_in(mara)
        assert "I reminded somebody" in client.get(page).content.decode()
        mail.outbox.clear()
        html = client.post(remind, {"whom": ilya.pk, "how": "phone"}, follow=True).content.decode()
        assert "Noted that you reminded Ilya Brandt." in html and "Ilya Brandt was reminded by phone" in html
        with acting_as(mara.pk):
            assert LedgerEntry.objects.get(what="approval.reminded").about == ilya.pk
        assert mail.outbox == []
        for told in ({"whom": charlie.pk, "how": "phone"}, {"whom": vera.pk, "how": "phone"}, {"whom": ilya.pk, "how": "owl"}):
            assert client.post(remind, told).status_code == 404
        for other in (ilya, vera, charlie):
            assert signed_in(other).post(remind, {"whom": ilya.pk, "how": "phone"}).status_code == 404


class TestAnswer:
    def test_the_reason_is_read_and_the_answer_says_where_it_went(self, signed_in, asked, ilya):
        client = signed_in(ilya)
        assert WHY in client.get(f"/approvals/{asked.pk}/").content.decode()
        html = client.post(f"/approvals/{asked.pk}/", {"answer": "agree"}, follow=True).content.decode()
        assert "You agreed. Mara Kask has been told" in html
        with acting_as(ilya.pk):
            assert Approval.objects.get(pk=asked.pk).given is True

    def test_declining_changes_nothing_and_says_so(self, signed_in, asked, ilya):
        html = signed_in(ilya).post(f"/approvals/{asked.pk}/", {"answer": "decline"}, follow=True).content.decode()
        assert "You did not agree." in html
        with acting_as(ilya.pk):
            assert Approval.objects.get(pk=asked.pk).given is False

    def test_nobody_agrees_with_themselves(self, signed_in, asked, mara):
        for page in (
            signed_in(mara).get(f"/approvals/{asked.pk}/"),
            signed_in(mara).post(f"/approvals/{asked.pk}/", {"answer": "agree"}),
        ):
            assert page.status_code == 409 and "somebody else must answer" in page.content.decode()
        with acting_as(mara.pk):
            assert Approval.objects.get(pk=asked.pk).given is None

    def test_an_answer_that_is_neither_yes_nor_no_is_none(self, signed_in, asked, ilya):
        assert signed_in(ilya).post(f"/approvals/{asked.pk}/", {"answer": "perhaps"}).status_code == 200
        with acting_as(ilya.pk):
            assert Approval.objects.get(pk=asked.pk).given is None

    def test_a_question_is_answered_once(self, signed_in, asked, ilya):
        client = signed_in(ilya)
        client.post(f"/approvals/{asked.pk}/", {"answer": "decline"})
        page = client.post(f"/approvals/{asked.pk}/", {"answer": "agree"})
        assert page.status_code == 409 and "answered already" in page.content.decode()

    @pytest.mark.parametrize("device", ["device of mara", ""])
    def test_not_from_the_device_that_asked_nor_from_an_unknown_one(self, signed_in, asked, ilya, device):
        browser = signed_in(ilya, device)
        if not device:
            del browser.cookies["device"]
        assert browser.post(f"/approvals/{asked.pk}/", {"answer": "agree"}).status_code == 409
        with acting_as(ilya.pk):
            assert Approval.objects.get(pk=asked.pk).given is None
        assert signed_in(ilya).post(f"/approvals/{asked.pk}/", {"answer": "agree"}).status_code == 302

"""The papers of a case: ordering, watching, downloading, the password, releasing, revoking."""

import hashlib
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from relocation.journey import approvals, recording
from relocation.models import Application, Approval, Case, Checklist, Consent, LedgerEntry, Outbox, Paper


def papers(case: Case) -> str:
    return reverse("desk:papers", args=[case.pk])


def of(paper: Paper) -> str:
    return reverse("desk:paper", args=[paper.case_id, paper.pk])


@pytest.fixture
def application(kestrel, vera, acting) -> Application:
    """An application that is being prepared, to a post with which the person agreed to share."""
    with acting(vera):
        chosen = recording.choose_post(kestrel, Checklist.objects.get(post__code="R2"), by=vera)
        chosen.state = "applying"
        chosen.save(update_fields=["state"])
        today = timezone.localdate()
        consent = Consent(case=kestrel, purpose="share", post=chosen.post, data=["claim", "documents", "identity"])
        consent.given_on, consent.expires_on = today, today + timedelta(days=90)
        recording.write(consent, by=vera)
    return chosen


@pytest.fixture
def paper(application, kestrel, vera, acting) -> Paper:
    """A dossier that is ready, as if a worker had made it."""
    body = b"%PDF-1.7 sealed"
    with acting(vera):
        made = Paper(case=kestrel, by=vera, kind="dossier", state="ready", about=application.pk, recipient="R2")
        made.body, made.password, made.sha256 = body, "amber-cloud-7", hashlib.sha256(body).digest()
        made.save(force_insert=True)
    return made


@pytest.fixture
def ordered(paper, vera, acting) -> Paper:
    with acting(vera):
        Paper.objects.filter(pk=paper.pk).update(state="ordered", part=2, parts=5)
    same: Paper = paper
    return same


class TestOrdering:
    def test_the_lead_orders_a_dossier_in_the_language_of_the_post(self, kestrel, application, vera, signed_in, acting):
        browser = signed_in(vera)
        assert 'value="fr" selected' in browser.get(papers(kestrel)).content.decode()
        assert browser.post(papers(kestrel), {"application": application.pk, "language": "fr"}).status_code == 302
        with acting(vera):
            paper = Paper.objects.get(case=kestrel)
            assert (paper.state, paper.language, paper.recipient) == ("ordered", "fr", "R2")
            assert Outbox.objects.filter(kind="make_paper").exists()

    def test_without_a_post_it_says_what_comes_first(self, kestrel, vera, signed_in):
        assert "Choose a post first." in signed_in(vera).get(papers(kestrel)).content.decode()

    def test_a_coordinator_who_does_not_read_the_account_orders_none(self, kestrel, application, mara, signed_in):
        browser = signed_in(mara)
        assert "The case lead makes the dossier" in browser.get(papers(kestrel)).content.decode()
        assert browser.post(papers(kestrel), {"application": application.pk, "language": "fr"}).status_code == 404

    @pytest.mark.parametrize("who", ["charlie", "tomas"])
    def test_whoever_may_not_know_the_post_sees_no_papers(self, kestrel, paper, ground, signed_in, who):
        assert signed_in(ground[who]).get(papers(kestrel)).status_code == 404
        assert signed_in(ground[who]).get(of(paper)).status_code == 404


class TestWatching:
    def test_a_paper_that_is_being_made_says_how_far_it_is_and_asks_again(self, ordered, vera, signed_in):
        page = signed_in(vera).get(of(ordered)).content.decode()
        assert "part 2 of 5" in page and 'hx-trigger="every 3s"' in page
        assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page

    def test_the_part_that_is_asked_for_is_only_the_part(self, ordered, vera, signed_in):
        part = signed_in(vera).get(of(ordered), headers={"HX-Request": "true"}).content.decode()
        assert "part 2 of 5" in part and "<html" not in part

    def test_it_stops_asking_once_it_is_ready(self, paper, vera, signed_in):
        browser = signed_in(vera)
        assert "hx-get" not in browser.get(of(paper), headers={"HX-Request": "true"}).content.decode()
        assert "refresh" not in browser.get(papers(paper.case)).content.decode()

    def test_one_that_could_not_be_made_says_why(self, paper, vera, signed_in, acting):
        with acting(vera):
            Paper.objects.filter(pk=paper.pk).update(state="failed", trouble="There is no summary for papers yet.")
        assert "There is no summary for papers yet." in signed_in(vera).get(papers(paper.case)).content.decode()


class TestTheFile:
    def test_it_is_downloaded_under_a_name_that_says_nothing(self, paper, vera, signed_in):
        served = signed_in(vera).post(of(paper), {"download": "1"}, follow=True)
        assert served.content == b"%PDF-1.7 sealed"
        assert served["Content-Disposition"] == 'attachment; filename="paper.pdf"' and served["Cache-Control"] == "no-store"

    def test_one_that_is_not_ready_is_not_downloaded(self, ordered, vera, signed_in):
        assert signed_in(vera).post(of(ordered), {"download": "1"}).status_code == 404

    def test_the_password_is_shown_once_for_a_reason(self, paper, vera, signed_in, acting):
        browser = signed_in(vera)
        assert "amber-cloud-7" not in browser.post(of(paper), {"password": "1", "reason": ""}).content.decode()
        assert "amber-cloud-7" in browser.post(of(paper), {"password": "1", "reason": "told by phone"}).content.decode()
        assert "amber-cloud-7" not in browser.get(of(paper)).content.decode()
        with acting(vera):
            assert LedgerEntry.objects.filter(what="reveal.paper.password", about=paper.pk).count() == 1


class TestReleasing:
    def asked(self, browser, paper: Paper, mara, acting, *, given: bool) -> None:
        assert browser.post(of(paper), {"ask": "1", "reason": "complete"}).status_code == 302
        with acting(mara):
            approvals.answer(Approval.objects.get(given=None).pk, given=given, by=mara, session="device of mara")

    def test_once_a_second_person_agrees_the_post_can_open_it(self, paper, application, vera, mara, signed_in, acting):
        browser = signed_in(vera)
        self.asked(browser, paper, mara, acting, given=True)
        assert "Mara Kask agreed." in browser.get(of(paper)).content.decode()
        assert browser.post(of(paper), {"release": "1"}).status_code == 302
        with acting(vera):
            assert Application.objects.get(pk=application.pk).dossier_id == paper.pk
        assert "has not been acknowledged yet" in browser.get(of(paper)).content.decode()

    def test_nobody_releases_alone(self, paper, application, vera, signed_in, acting):
        assert signed_in(vera).post(of(paper), {"release": "1"}).status_code == 409
        with acting(vera):
            assert Application.objects.get(pk=application.pk).released_at is None

    def test_while_waiting_one_is_not_asked_to_ask_again(self, paper, vera, signed_in):
        browser = signed_in(vera)
        browser.post(of(paper), {"ask": "1", "reason": "complete"})
        page = browser.get(of(paper)).content.decode()
        assert "Waiting for a second person" in page and 'name="ask"' not in page

    def test_after_a_no_it_stays_here(self, paper, vera, mara, signed_in, acting):
        browser = signed_in(vera)
        self.asked(browser, paper, mara, acting, given=False)
        assert "Mara Kask did not agree." in browser.get(of(paper)).content.decode()
        assert browser.post(of(paper), {"release": "1"}).status_code == 409


class TestRevoking:
    def test_it_is_taken_back_for_a_reason(self, paper, vera, signed_in, acting):
        browser = signed_in(vera)
        assert browser.post(of(paper), {"revoke": "1", "reason": ""}).status_code == 200
        assert browser.post(of(paper), {"revoke": "1", "reason": "wrong post"}).status_code == 302
        with acting(vera):
            assert Paper.objects.get(pk=paper.pk).state == "revoked"
        assert browser.post(of(paper), {"download": "1"}).status_code == 404

    def test_a_worker_takes_none_back(self, paper, nina, mara, signed_in, acting):
        from relocation.safety import access
        from relocation.safety.policy import Role

        with acting(mara):
            access.admit(nina, Role.WORKER, paper.case_id, by=mara, reason="documents")
        assert signed_in(nina).post(of(paper), {"revoke": "1", "reason": "x"}).status_code == 404


class TestWhoOpens:
    def test_a_coordinator_opens_neither_the_dossier_nor_its_password(self, paper, mara, signed_in):
        browser = signed_in(mara)
        assert 'name="download"' not in browser.get(of(paper)).content.decode()
        assert browser.post(of(paper), {"download": "1"}).status_code == 404
        assert browser.post(of(paper), {"password": "1", "reason": "told by phone"}).status_code == 404


class TestWhoReleases:
    def test_a_coordinator_is_told_who_does(self, paper, mara, signed_in):
        browser = signed_in(mara)
        assert "Only the case lead releases it" in browser.get(of(paper)).content.decode()
        assert browser.post(of(paper), {"ask": "1", "reason": "complete"}).status_code == 404

    def test_without_consent_nobody_is_asked_and_the_page_says_why(self, paper, vera, signed_in, acting):
        with acting(vera):
            recording.withdraw_consent(Consent.objects.get(case=paper.case_id, purpose="share"), by=vera)
        browser = signed_in(vera)
        page = browser.get(of(paper)).content.decode()
        assert "has not agreed to share name, account and documents" in page and 'name="ask"' not in page
        assert browser.post(of(paper), {"ask": "1", "reason": "complete"}).status_code == 409

    def test_no_page_names_the_post_itself(self, paper, vera, signed_in):
        browser = signed_in(vera)
        assert "R2" in browser.get(papers(paper.case)).content.decode()
        assert "Ruritania" not in browser.get(papers(paper.case)).content.decode() + browser.get(of(paper)).content.decode()

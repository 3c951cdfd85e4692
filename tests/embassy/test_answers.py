"""An officer asks for more, or decides; the case moves through the one door that moves it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from fiction.story import as_
from relocation.embassy import dossiers, thread
from relocation.embassy.held import Turn, version_of
from relocation.journey.facts import VisaGranted, Withdrawal
from relocation.journey.refusals import Blocked
from relocation.models import Application, Case, LedgerEntry, Message, Paper
from relocation.safety.refusal import Denied, Stale
from tests import drawn
from tests.embassy.conftest import put_dossier
from tests.embassy.test_inbox import entries, page


def today(days: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def version(paper: Paper, officer) -> int:
    with as_(officer):
        return version_of(dossiers.open_dossier(paper.pk, officer), officer)


def granting(version: int, **rest: object) -> dict[str, object]:
    usual = {
        "version": version,
        "evidence": "note 17/26",
        "valid_from": today(),
        "valid_until": today(90),
        "entries": "1",
    }
    return usual | rest


@pytest.fixture
def acknowledged(lodged, dossier, elise):
    with as_(elise):
        dossiers.acknowledge(dossiers.open_dossier(dossier.pk, elise), elise)
    return dossier


def stage(story):
    with as_(story.ground["vera"]) as vera:
        return Case.objects.visible_to(vera).get(pk=story.case_id).stage


class TestDecide:
    def test_a_visa_moves_the_case_and_keeps_its_dates(self, lodged, acknowledged, elise, vera, signed_in):
        answer = signed_in(elise).post(page("decide", acknowledged), granting(version(acknowledged, elise)))
        assert answer.status_code == 302
        assert stage(lodged) == "granted"
        with as_(vera):
            assert Application.objects.get(dossier=acknowledged).valid_until == date.fromisoformat(today(90))
        assert entries(elise, "step.grant") == 1

    def test_the_dossier_shows_the_decision_afterwards(self, lodged, acknowledged, elise, signed_in):
        browser = signed_in(elise)
        browser.post(page("decide", acknowledged), granting(version(acknowledged, elise)))
        assert "note 17/26" in browser.get(page("dossier", acknowledged)).content.decode()

    def test_a_refusal_needs_reasons(self, lodged, acknowledged, elise, signed_in):
        told = {
            "version": version(acknowledged, elise),
            "evidence": "note 18/26",
            "reasons": " ",
            "appeal_by": today(30),
        }
        answer = signed_in(elise).post(page("decide", acknowledged) + "?outcome=refused", told)
        assert answer.status_code == 200
        assert "note 18/26" in answer.content.decode()
        assert stage(lodged) == "lodged"

    def test_a_refusal_with_reasons_opens_the_way_to_another_application(self, lodged, acknowledged, elise, signed_in):
        told = {
            "version": version(acknowledged, elise),
            "evidence": "note 18/26",
            "reasons": "No link to us.",
            "appeal_by": today(30),
        }
        answer = signed_in(elise).post(page("decide", acknowledged) + "?outcome=refused", told)
        assert answer.status_code == 302
        assert stage(lodged) == "documenting"
        with as_(elise):
            found = dossiers.open_dossier(acknowledged.pk, elise)
            assert found.turn == Turn.REFUSED
            assert "No link to us." in dossiers.decision(found, elise)

    def test_dates_that_cannot_be_right_are_told_beside_the_form(self, lodged, acknowledged, elise, signed_in):
        told = granting(version(acknowledged, elise), valid_until=today(-10), valid_from=today(-20))
        answer = signed_in(elise).post(page("decide", acknowledged), told)
        assert answer.status_code == 200
        assert stage(lodged) == "lodged"
        assert entries(elise, "blocked.step.grant") == 1

    def test_whoever_wrote_while_the_case_changed_keeps_the_words_and_may_send_again(
        self, lodged, acknowledged, elise, signed_in
    ):
        browser = signed_in(elise)
        stale = browser.post(page("decide", acknowledged), granting(0))
        assert stale.status_code == 200
        assert "note 17/26" in stale.content.decode()
        assert f'value="{version(acknowledged, elise)}"' in stale.content.decode()
        assert entries(elise, "stale.step.grant") == 1

    def test_the_standing_of_the_person_is_not_told(self, lodged, acknowledged, elise, signed_in):
        lodged.agreed_step("withdraw", "vera", facts=Withdrawal(lodged.verified_channel()), reason="she no longer wants to go")
        answer = signed_in(elise).post(page("decide", acknowledged), granting(version(acknowledged, elise)))
        assert answer.status_code == 200
        assert "ithdrawn" not in answer.content.decode()
        assert stage(lodged) == "lodged"

    def test_who_hears_of_a_danger_says_so_and_learns_nothing(self, lodged, acknowledged, elise, pierre, signed_in):
        said = {"words": "a man asked for her at the counter"}
        assert signed_in(pierre).post(page("wrong", acknowledged), said).status_code == 404
        told = signed_in(elise).post(page("wrong", acknowledged), said, follow=True).content.decode()
        assert "people on call are being told" in told and "ompromised" not in told and "a man asked" not in told
        with as_(lodged.ground["vera"]) as vera:
            assert Case.objects.visible_to(vera).get(pk=lodged.case_id).standing == "compromised"
        told = signed_in(elise).post(page("wrong", acknowledged), said, follow=True).content.decode()
        assert "Added to the alarm that you raised" in told
        signed_in(elise).post(page("wrong", acknowledged), {"held": "1"})
        told = signed_in(elise).post(page("wrong", acknowledged), {"do": "well"}, follow=True).content.decode()
        assert "You said that all is well" in told and "etained" not in told
        assert signed_in(elise).post(page("wrong", acknowledged), {"do": "well"}).status_code == 404
        with as_(lodged.ground["vera"]) as vera:
            assert Case.objects.visible_to(vera).get(pk=lodged.case_id).standing == "detained"

    def test_nothing_is_decided_before_it_is_lodged(self, applying, dossier, elise):
        with as_(elise):
            found = dossiers.open_dossier(dossier.pk, elise)
            facts = VisaGranted(found.application.pk, timezone.localdate(), timezone.localdate() + timedelta(days=9), "note 1")
        with pytest.raises(Blocked), as_(elise):
            dossiers.decide(found, facts, version=version(dossier, elise), by=elise)

    def test_another_post_decides_nothing(self, lodged, acknowledged, pierre, signed_in):
        assert signed_in(pierre).post(page("decide", acknowledged), granting(0)).status_code == 404
        assert stage(lodged) == "lodged"


class TestAskMore:
    def test_a_question_is_kept_in_the_thread_and_the_lead_has_a_deadline(self, lodged, acknowledged, elise, vera, signed_in):
        told = {"version": version(acknowledged, elise), "asked": "the birth certificate", "answer_by": today(7)}
        assert signed_in(elise).post(page("ask", acknowledged), told).status_code == 302
        with as_(elise):
            found = dossiers.open_dossier(acknowledged.pk, elise)
            assert found.turn == Turn.OURS
            assert thread.messages(found, elise)[0].words.startswith("the birth certificate")
        with as_(vera):
            assert lodged.case(vera).deadlines.filter(kind="answer").exists()

    def test_our_answer_bears_the_organisations_name_and_no_persons(self, lodged, acknowledged, elise, vera, signed_in):
        with as_(vera):
            application = Application.objects.get(dossier=acknowledged)
            answer = Message(
                case_id=lodged.case_id, by=vera, application=application, dossier=acknowledged, words="It is enclosed."
            )
            answer.save(force_insert=True)
        body = signed_in(elise).get(page("dossier", acknowledged)).content.decode()
        assert "It is enclosed." in body
        assert "Northern Light" in body
        assert "Vera" not in drawn.without(body)

    def test_the_thread_goes_on_when_a_newer_version_answers_it(self, lodged, acknowledged, elise):
        with as_(elise):
            found = dossiers.open_dossier(acknowledged.pk, elise)
            told = {"asked": "page 4 again", "answer_by": timezone.localdate(), "version": version_of(found, elise)}
            dossiers.ask_more(found, **told, by=elise)
        newer = put_dossier(lodged, lodged.application(), version=2)
        lodged.release_dossier(newer)
        with as_(elise):
            assert "page 4 again" in thread.messages(dossiers.open_dossier(newer.pk, elise), elise)[0].words

    def test_a_day_that_has_passed_is_refused_beside_its_field(self, lodged, acknowledged, elise, signed_in):
        told = {"version": version(acknowledged, elise), "asked": "the birth certificate", "answer_by": today(-1)}
        answer = signed_in(elise).post(page("ask", acknowledged), told)
        assert answer.status_code == 200
        assert "the birth certificate" in answer.content.decode()

    def test_a_question_with_an_old_version_leaves_no_message(self, lodged, acknowledged, elise):
        with as_(elise):
            found = dossiers.open_dossier(acknowledged.pk, elise)
        with pytest.raises(Stale), as_(elise):
            dossiers.ask_more(found, asked="more", answer_by=timezone.localdate(), version=0, by=elise)
        with as_(elise):
            assert not Message.objects.exists()

    def test_another_post_reads_no_thread(self, lodged, acknowledged, elise, pierre):
        with as_(elise):
            found = dossiers.open_dossier(acknowledged.pk, elise)
            dossiers.ask_more(found, asked="more", answer_by=timezone.localdate(), version=version_of(found, elise), by=elise)
        with as_(pierre):
            assert thread.messages(found, pierre) == []
        with pytest.raises(Denied), as_(pierre):
            dossiers.ask_more(found, asked="x", answer_by=timezone.localdate(), version=0, by=pierre)


def test_the_ledger_keeps_no_word_of_a_question(lodged, acknowledged, elise):
    with as_(elise):
        found = dossiers.open_dossier(acknowledged.pk, elise)
        dossiers.ask_more(
            found, asked="the certificate", answer_by=timezone.localdate(), version=version_of(found, elise), by=elise
        )
        assert not LedgerEntry.objects.filter(detail__contains="certificate").exists()

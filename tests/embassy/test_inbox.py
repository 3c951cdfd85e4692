"""What an officer finds, and what stays out of sight."""

from __future__ import annotations

import pytest
from django.urls import reverse

from fiction.story import Story, as_
from relocation.embassy import dossiers, pages
from relocation.embassy import held as held_module
from relocation.embassy.held import Turn, held
from relocation.embassy.held import find as found
from relocation.models import Application, LedgerEntry, Outbox, Paper
from relocation.paperwork.release import revoke
from relocation.safety.refusal import Denied
from tests import drawn
from tests.embassy.conftest import FILE, put_dossier

ABOUT_HER = ("Kestrel", "ELFOVA", "Эльфова", "Алёна", "ALENA", "751234567", "Отец")


def page(name: str, paper: Paper) -> str:
    return reverse(f"embassy:{name}", args=[paper.pk])


def entries(by, what: str) -> int:
    with as_(by):
        return LedgerEntry.objects.filter(actor_id=by.pk, what=what).count()


class TestInbox:
    def test_a_released_dossier_is_new(self, dossier, elise, signed_in):
        body = signed_in(elise).get("/embassy/").content.decode()
        assert "New" in body or "Nouveau" in body
        assert page("acknowledge", dossier) in body

    def test_another_posts_officer_finds_nothing(self, dossier, pierre, signed_in):
        body = signed_in(pierre).get("/embassy/").content.decode()
        assert str(dossier.pk) not in body

    def test_nothing_is_told_before_the_release(self, applying, elise):
        put_dossier(applying, applying.application())
        with as_(elise):
            assert held(elise) == []

    def test_case_workers_have_no_embassy_desk(self, vera, signed_in):
        assert signed_in(vera).get("/embassy/").status_code == 404

    def test_it_speaks_the_officers_language(self, dossier, elise, signed_in):
        elise.language = "fr"
        elise.save(update_fields=["language"])
        assert 'lang="fr"' in signed_in(elise).get("/embassy/").content.decode()

    def test_an_officer_of_another_post_who_was_let_in_by_mistake_finds_nothing(self, dossier, elise, ground):
        elise.post = ground.posts["R5"]
        with as_(elise):
            assert held(elise) == []


class TestDossierPage:
    def test_the_officer_opens_it_and_the_ledger_says_so(self, dossier, elise, signed_in):
        answer = signed_in(elise).get(page("dossier", dossier))
        assert answer.status_code == 200
        assert entries(elise, "dossier.opened") == 1

    def test_another_post_sees_the_page_of_nothing_and_the_ledger_holds_the_denial(self, dossier, pierre, signed_in):
        browser = signed_in(pierre)
        strangers, nothing = (
            browser.get(page("dossier", dossier)),
            browser.get("/embassy/00000000-0000-4000-8000-000000000000/"),
        )
        assert strangers.status_code == nothing.status_code == 404
        assert strangers.content == nothing.content
        assert entries(pierre, "denied.dossier.open") == 2

    @pytest.mark.parametrize("name", ["dossier", "ask", "decide"])
    def test_no_page_names_the_person_the_case_or_its_code(self, name, lodged, dossier, elise, signed_in):
        body = signed_in(elise).get(page(name, dossier)).content.decode()
        assert str(lodged.case_id) not in body
        assert not [word for word in (*ABOUT_HER, code_of(lodged)) if word in drawn.without(body)]

    def test_the_file_leaves_as_it_came_and_each_download_is_recorded(self, dossier, elise, signed_in):
        answer = signed_in(elise).post(page("file", dossier), follow=True)
        assert answer.content == FILE
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Type"] == "application/pdf"
        assert entries(elise, "reveal.paper.body") == entries(elise, "export.embassy.file") == 1

    def test_another_post_gets_no_file(self, dossier, pierre, signed_in):
        assert signed_in(pierre).post(page("file", dossier)).status_code == 404


class TestOnce:
    @pytest.mark.parametrize("name", ["dossier", "file", "acknowledge", "ask", "decide"])
    def test_what_is_held_is_looked_up_once_for_a_page(self, name, lodged, dossier, elise, signed_in, monkeypatch):
        asked, browser, told = [], signed_in(elise), {"asked": "page 4", "answer_by": "2099-01-01"}
        version = version_now(lodged)
        for module in (held_module, pages, dossiers):
            monkeypatch.setattr(module, "find", lambda *args, **rest: asked.append(args) or found(*args, **rest))
        posts = {"acknowledge": {}, "file": {}, "ask": told | {"version": version}}
        answer = browser.post(page(name, dossier), posts[name]) if name in posts else browser.get(page(name, dossier))
        assert answer.status_code in (200, 302, 303)
        assert len(asked) == 1

    def test_once_taken_back_no_answer_is_recorded_by_the_door_either(self, lodged, dossier, elise, vera):
        with as_(elise):
            opened = dossiers.open_dossier(dossier.pk, elise)
        with as_(vera):
            revoke(dossier, by=vera, reason="a mistake in it")
        with pytest.raises(Denied), as_(elise):
            dossiers.acknowledge(opened, elise)


class TestClosed:
    def test_a_replaced_dossier_says_so_and_offers_the_newer_one(self, applying, dossier, elise, signed_in):
        newer = put_dossier(applying, applying.application(), version=2)
        applying.release_dossier(newer)
        answer = signed_in(elise).get(page("dossier", dossier))
        assert answer.status_code == 410
        assert page("dossier", newer) in answer.content.decode()
        assert signed_in(elise).get(page("dossier", newer)).status_code == 200

    def test_a_withdrawn_dossier_gives_no_file_any_more(self, dossier, elise, vera, signed_in):
        with as_(vera):
            revoke(dossier, by=vera, reason="a mistake in it")
        assert signed_in(elise).post(page("file", dossier)).status_code == 410
        assert str(dossier.pk) not in signed_in(elise).get("/embassy/").content.decode()

    def test_a_question_about_it_is_not_recorded_and_the_words_are_given_back(self, lodged, dossier, elise, vera, signed_in):
        with as_(vera):
            revoke(dossier, by=vera, reason="a mistake in it")
        answer = signed_in(elise).post(
            page("ask", dossier), {"version": 0, "asked": "the birth certificate", "answer_by": "2099-01-01"}
        )
        assert answer.status_code == 410
        assert "the birth certificate" in answer.content.decode()


class TestAcknowledge:
    def test_one_click_from_the_inbox_tells_the_lead(self, applying, dossier, elise, vera, signed_in):
        answer = signed_in(elise).post(page("acknowledge", dossier))
        assert answer.status_code == 302
        assert answer["Location"] == "/embassy/"
        with as_(vera):
            assert Application.objects.get(dossier=dossier).acknowledged_at
        with as_(elise):
            assert Outbox.objects.filter(kind="tell_lead", originator=elise).count() == 1

    def test_a_second_click_changes_nothing(self, dossier, elise):
        with as_(elise):
            found = dossiers.open_dossier(dossier.pk, elise)
            assert dossiers.acknowledge(found, elise)
            assert not dossiers.acknowledge(found, elise)
        assert entries(elise, "dossier.acknowledged") == 1

    def test_another_post_acknowledges_nothing(self, dossier, elise, pierre):
        with as_(elise):
            found = dossiers.open_dossier(dossier.pk, elise)
        with pytest.raises(Denied), as_(pierre):
            dossiers.acknowledge(found, pierre)

    def test_it_is_registered_by_us_next(self, dossier, elise):
        with as_(elise):
            dossiers.acknowledge(dossiers.open_dossier(dossier.pk, elise), elise)
            assert dossiers.open_dossier(dossier.pk, elise).turn == Turn.REGISTERING


def version_now(story: Story) -> int:
    """The case's version, as Vera sees it."""
    with as_(story.ground["vera"]):
        return story.version()


def code_of(story: Story) -> str:
    """The case's code, as Vera sees it."""
    with as_(story.ground["vera"]) as vera:
        return story.case(vera).code

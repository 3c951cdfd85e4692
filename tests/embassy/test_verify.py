"""Anybody asks whether a paper is genuine, and learns nothing else."""

from __future__ import annotations

import logging

import pytest

from fiction.story import as_
from relocation.models import Paper
from relocation.paperwork.code import ALPHABET, new_code
from relocation.paperwork.release import revoke
from tests.embassy.conftest import put_dossier

CODE = new_code()


def ask(client, code: str) -> str:
    answer = client.post("/verify/", {"code": code})
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def paper(applying) -> Paper:
    return put_dossier(applying, applying.application(), code=CODE)


class TestVerify:
    def test_a_genuine_code_is_still_in_force(self, paper, client):
        body = ask(client, CODE.lower().replace("-", " "))
        assert "genuine paper, version 1. It is still in force." in body
        assert "Kestrel" not in body and "Ruritania" not in body

    def test_a_superseded_one_says_that_a_newer_version_exists(self, paper, applying, vera, client):
        with as_(vera):
            Paper.objects.filter(pk=paper.pk).update(state="superseded")
        assert "a newer version has replaced it" in ask(client, CODE)

    def test_a_revoked_one_is_not_to_be_relied_on(self, paper, vera, client):
        with as_(vera):
            revoke(paper, by=vera, reason="a mistake in it")
        assert "it has been revoked" in ask(client, CODE)

    def test_a_code_that_nobody_gave_out_is_unknown(self, paper, client):
        assert "No paper bears this code" in ask(client, new_code())

    def test_a_paper_that_was_never_finished_is_unknown(self, paper, vera, client):
        with as_(vera):
            Paper.objects.filter(pk=paper.pk).update(state="ordered")
        assert "No paper bears this code" in ask(client, CODE)

    def test_a_typing_error_is_told_apart(self, paper, client):
        wrong = ALPHABET[(ALPHABET.index(CODE[0]) + 1) % 32] + CODE[1:]
        body = ask(client, wrong)
        assert "typing error" in body
        assert "No paper bears this code" not in body
        assert wrong in body

    def test_nothing_is_read_from_the_address(self, paper, client):
        answer = client.get("/verify/", {"code": CODE}, follow=True)
        assert answer.redirect_chain == [("/verify/", 302)]
        assert CODE not in answer.content.decode()
        assert "genuine paper, version" not in answer.content.decode()

    def test_the_code_stands_in_no_log_and_no_address(self, paper, client, caplog):
        with caplog.at_level(logging.DEBUG):
            answer = client.post("/verify/", {"code": CODE})
        assert CODE not in caplog.text
        assert "Location" not in answer
        assert answer["Cache-Control"] == "no-store"

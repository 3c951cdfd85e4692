"""Guessing is slow, says nothing, and locks out no rightful person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from relocation.models import Account, system_account
from relocation.safety import throttle
from tests import drawn
from tests.accounts.conftest import is_in, try_code, try_password
from tests.cast import code_of

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def guess(client: Client, times: int, name: str = "vera", **how) -> list:
    return [try_password(client, name, f"wrong {number}", **how) for number in range(times)]


def bytes_of(answer) -> str:
    return drawn.without(answer.content.decode())


@pytest.fixture
def known(at_door, client):
    """The device on which Vera has signed in before."""
    try_password(client)
    try_code(client, code_of(at_door))
    client.post("/sign-out/")
    return client


class TestNoOracle:
    def test_a_wrong_password_and_a_name_that_nobody_has_are_the_same_bytes(self, at_door):
        """Also while one waits, for an account that was closed, and for one that only sweeps act as."""
        Account.objects.filter(username="mara").update(is_active=False)
        names = ("vera", "nobody", "mara", "system.outbox")
        for number in range(throttle.NAME_AND_ADDRESS + 2):
            answers = [try_password(Client(), name, "wrong", REMOTE_ADDR=f"203.0.113.{at}") for at, name in enumerate(names)]
            assert {answer.status_code for answer in answers} == {200 if number < throttle.NAME_AND_ADDRESS - 1 else 429}
            assert len({bytes_of(answer).replace(name, "") for answer, name in zip(answers, names, strict=True)}) == 1
            assert len({str({**answer.headers, "Content-Length": ""}) for answer in answers}) == 1

    def test_both_cost_the_same_statements_and_the_same_hash(self, at_door, settings, monkeypatch):
        hashed = []
        from django.contrib.auth import hashers

        encode = hashers.MD5PasswordHasher.encode
        monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda *told: hashed.append(1) or encode(*told))
        costs = []
        for name in ("vera", "nobody"):
            hashed.clear()
            with CaptureQueriesContext(
                connection,
            ) as asked:
                guess(Client(), 1, name)
            costs.append((len(asked), len(hashed)))
        assert costs[0] == costs[1]

    def test_no_name_and_no_address_is_kept(self, at_door):
        guess(Client(), 1, "a.name.typed", **ELSEWHERE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(a::text, '') FROM axes_accessattempt a")
            kept = cursor.fetchone()[0]
        assert "a.name" not in kept and "203.0.113" not in kept and "wrong" not in kept

    def test_the_ledger_knows_on_the_accounts_own_chain(self, at_door, told):
        guess(Client(), throttle.NAME_AND_ADDRESS, **ELSEWHERE)
        guess(Client(), 1, "nobody")
        assert told(at_door) == ["account.refused"] * (throttle.NAME_AND_ADDRESS - 1) + ["account.throttled"]
        assert told(Account(pk=system_account("door"))) == ["account.refused"]


class TestWaiting:
    def test_after_five_wrong_passwords_the_right_one_waits_too_and_is_told_how_long(self, at_door, client):
        guess(client, throttle.NAME_AND_ADDRESS)
        answer = try_password(client)
        assert answer.status_code == 429 and "wait 15 minutes" in answer.content.decode()
        AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=15, seconds=1))
        assert try_password(client).status_code == 302

    def test_trying_while_one_waits_makes_it_no_longer(self, at_door, client):
        guess(client, throttle.NAME_AND_ADDRESS)
        AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=10))
        guess(client, 3)
        assert "wait 5 minutes" in try_password(client).content.decode()

    def test_the_rightful_person_is_not_locked_out_by_others_who_guess(self, known):
        """Neither from elsewhere, nor from the same address."""
        for how in (ELSEWHERE, {}):
            assert guess(Client(), throttle.NAME_AND_ADDRESS + 1, **how)[-1].status_code == 429
        assert try_password(known).status_code == 302

    def test_nor_is_a_colleague_at_the_same_address_with_a_known_device(self, known):
        guess(Client(), throttle.ADDRESS, "nobody")
        for number in range(throttle.ADDRESS):
            try_password(Client(), f"nobody{number}", "x")
        assert try_password(Client()).status_code == 429
        assert try_password(known).status_code == 302

    def test_a_known_device_has_a_limit_of_its_own(self, known):
        assert guess(known, throttle.NAME_AND_DEVICE)[-1].status_code == 429
        assert try_password(known).status_code == 429

    def test_the_mark_of_a_device_is_worth_nothing_on_another(self, known):
        thief = Client()
        thief.get("/sign-in/")
        thief.cookies["known"] = known.cookies["known"].value
        guess(thief, throttle.NAME_AND_ADDRESS, **ELSEWHERE)
        assert try_password(thief, **ELSEWHERE).status_code == 429

    def test_codes_are_counted_too_and_a_right_one_waits(self, at_door, client, told):
        try_password(client)
        answers = [try_code(client, f"{number:06}x") for number in range(throttle.NAME_AND_ADDRESS)]
        assert answers[0].status_code == 200
        assert "Too many tries" in try_code(client, code_of(at_door)).content.decode()
        assert not is_in(client) and told(at_door)[-1] == "account.throttled"

    def test_codes_from_everywhere_are_counted_together(self, at_door):
        for number in range(throttle.CODE_ANYWHERE):
            one = Client(REMOTE_ADDR=f"203.0.113.{number}")
            try_password(one)
            try_code(one, "nothing")
        one = Client(REMOTE_ADDR="203.0.113.250")
        try_password(one)
        assert "Too many tries" in try_code(one, code_of(at_door)).content.decode()

    def test_coming_in_begins_anew(self, at_door, client):
        guess(client, throttle.NAME_AND_ADDRESS - 1)
        try_password(client)
        try_code(client, code_of(at_door))
        assert not AccessAttempt.objects.exists()

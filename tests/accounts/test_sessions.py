"""How long somebody stays signed in, and what ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.db.models import F
from django.urls import reverse

from relocation.models import Account, Session
from relocation.safety import session as sessions
from relocation.safety.session import LENGTHS, SessionStore, digest
from tests.accounts.conftest import is_in, try_code, try_password
from tests.cast import code_of, prove


def row(client) -> Session:
    return Session.objects.get(session_key=digest(client.session.session_key))


class TestLength:
    @pytest.mark.parametrize("who", ["vera", "hanna", "otto", "elise", "greta"])
    def test_each_part_has_its_own(self, ground, signed_in, who):
        length, found = LENGTHS[ground[who].part], row(signed_in(ground[who]))
        assert found.expire_date - found.started_at == length.whole
        assert found.quiet_until - found.seen_at == found.quiet_for == length.quiet

    def test_unused_it_ends(self, vera, signed_in):
        client = signed_in(vera)
        Session.objects.update(quiet_until=F("quiet_until") - timedelta(hours=1, seconds=1))
        assert not is_in(client)

    def test_used_it_lives_on_but_not_beyond_its_whole_length(self, vera, signed_in):
        client = signed_in(vera)
        ends = row(client).expire_date
        Session.objects.update(quiet_until=F("quiet_until") - timedelta(minutes=59), seen_at=F("seen_at") - timedelta(minutes=59))
        before = row(client).quiet_until
        assert is_in(client)
        assert row(client).quiet_until > before and row(client).expire_date == ends
        prove(client)  # what is written later does not move the end either
        assert row(client).expire_date == ends
        Session.objects.update(expire_date=F("expire_date") - timedelta(hours=12, seconds=1))
        assert not is_in(client)

    def test_a_hosts_outlives_the_browser_and_a_case_workers_does_not(self, at_door, hanna, client):
        try_password(client)
        assert try_code(client, code_of(at_door)).cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""
        assert LENGTHS["house"].outlives_browser and LENGTHS["house"].quiet == timedelta(days=30)

    def test_expired_rows_are_swept(self, vera, signed_in):
        signed_in(vera)
        Session.objects.update(quiet_until=F("quiet_until") - timedelta(days=1))
        SessionStore.clear_expired()
        assert not Session.objects.exists()


class TestWhatEndsIt:
    @pytest.fixture
    def two(self, vera, signed_in):
        return signed_in(vera, "desk"), signed_in(vera, "phone")

    def test_a_changed_password_ends_every_other(self, two, vera, told):
        here, there = two
        new = {"password": "four slow herons at dusk", "password_again": "four slow herons at dusk"}
        key = here.session.session_key
        assert here.post(reverse("password"), new)["Location"] == reverse("account")
        assert is_in(here) and not is_in(there)
        assert here.session.session_key != key
        assert told(vera)[-1] == "account.password_changed"

    def test_so_do_new_recovery_codes(self, two):
        here, there = two
        here.post(reverse("new-codes"))
        assert is_in(here) and not is_in(there)

    @pytest.mark.parametrize(
        "change",
        [
            {"part": "road"},
            {"offices": ["auditor"]},
            {"organisation": None},
            {"is_active": False},
            {"ended": 7},
            {"password": "x"},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_so_does_every_change_of_the_account(self, vera, change):
        """What a session must agree with; part and offices are changed by the operator alone."""
        before = vera.get_session_auth_hash()
        for name, value in change.items():
            setattr(vera, name, value)
        assert vera.get_session_auth_hash() != before or not vera.is_active

    def test_a_closed_account_is_out_at_once(self, two, vera):
        Account.objects.filter(pk=vera.pk).update(is_active=False)
        assert not any(is_in(client) for client in two)

    def test_all_can_be_ended_from_outside(self, two, vera):
        sessions.end_everywhere(vera)
        assert not any(is_in(client) for client in two)

    def test_one_is_ended_from_the_other_and_nobody_elses(self, two, vera, mara, signed_in):
        (here, there), mine = two, signed_in(mara)
        mine.post(reverse("end-session"), {"session": row(there).session_key})
        assert is_in(there)
        assert here.post(reverse("end-session"), {"session": "\0"}).status_code == 404 and is_in(there)
        here.post(reverse("end-session"), {"session": row(there).session_key})
        assert is_in(here) and not is_in(there) and is_in(mine)

    def test_a_request_that_still_runs_brings_none_back(self, two, vera):
        here, _there = two
        running = SessionStore(here.session.session_key)
        running["typed"] = "while it was ended"
        sessions.end_everywhere(vera)
        with pytest.raises(UpdateError):
            running.save()
        assert not Session.objects.filter(account=vera).exists() and not is_in(here)

    def test_nor_does_one_that_was_written_before_but_with_an_old_stamp(self, two, vera):
        here, _there = two
        told = dict(here.session.items())
        sessions.end_everywhere(vera)
        revived = SessionStore()
        revived.update(told)
        revived.create()
        here.cookies[settings.SESSION_COOKIE_NAME] = revived.session_key
        assert told[SESSION_KEY] == str(vera.pk) and not is_in(here)


class TestAtRest:
    def test_the_table_holds_no_key_that_opens_anything(self, vera, signed_in):
        client = signed_in(vera)
        stored = Session.objects.get(account=vera).session_key
        assert stored != client.session.session_key
        client.cookies[settings.SESSION_COOKIE_NAME] = stored
        assert not is_in(client)

    def test_no_cookie_holds_a_sentence(self, vera, signed_in):
        client = signed_in(vera)
        client.post(reverse("end-session"))
        assert "messages" not in client.cookies and "Ended" in client.get(reverse("account")).content.decode()


class TestAccountPage:
    def test_it_says_where_since_when_and_what_is_left(self, at_door, client):
        agent = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
        try_password(client, HTTP_USER_AGENT=agent)
        try_code(client, code_of(at_door), HTTP_USER_AGENT=agent)
        page = client.get(reverse("account")).content.decode()
        assert "Firefox, Android" in page and "this one" in page and "Authenticator" in page and "0 left" in page

    def test_the_last_factor_stays(self, at_door, signed_in, told):
        client, only = signed_in(at_door), at_door
        from relocation.safety import factors

        number = factors.held(only)[0].pk
        page = client.post(reverse("remove-factor"), {"factor": number}, follow=True).content.decode()
        assert "This one stays" in page and factors.has_one(at_door)

    @pytest.mark.parametrize(
        ("agent", "words"), [("", ""), ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari Edg/140", "Edge, Windows")]
    )
    def test_devices_are_said_in_words(self, agent, words):
        assert sessions.in_words(agent) == words

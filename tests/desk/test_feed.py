"""A calendar feed: aliases and times for whoever has the secret, and nothing any more once it is revoked."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from relocation.desk import feed
from relocation.desk.feed_events import Event
from relocation.journey import feeds
from relocation.models import Account, Deadline, Feed, LedgerEntry
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from tests.logistics.conftest import MEET, ride, seat, way

__all__ = ["ride", "seat", "way"]
ADDRESS = re.compile(r"https?://[^<\s]+/calendar/([\w-]{43})\.ics")


@pytest.fixture
def address(signed_in, vera):
    """Vera's feed, as she was shown it."""
    found = ADDRESS.search(signed_in(vera).post("/account/calendar/").content.decode())
    assert found
    return f"/calendar/{found[1]}.ics"


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    return answer.content


def summaries(body):
    return sorted(str(event["summary"]) for event in Calendar.from_ical(body).walk("VEVENT"))


class TestTheFeed:
    def test_shows_deadlines_and_legs_by_alias_and_no_place(self, client, address, seat, kestrel, vera):
        with acting_as(vera.pk):
            Deadline(case=kestrel, by=vera, kind="answer", due_at=timezone.now() + timedelta(days=3)).save(force_insert=True)
        body = read(client, address)
        assert summaries(body) == ["Due: Kestrel", "On the way: Kestrel"]
        said = body.decode()
        hidden = [
            seat.leg.from_place,
            seat.leg.to_place,
            MEET,
            str(kestrel.pk),
            kestrel.code,
            "Otto",
            str(vera.organisation),
            "Vera",
        ]
        assert [word for word in hidden if word in said] == []
        again = [str(e["uid"]) for e in Calendar.from_ical(read(client, address)).walk("VEVENT")]
        assert sorted(again) == sorted(str(e["uid"]) for e in Calendar.from_ical(body).walk("VEVENT")), "an event keeps its id"

    def test_an_escort_has_their_own_leg_and_a_stranger_nothing(self, signed_in, client, seat, otto, charlie):
        for who, expected in ((otto, ["On the way: Kestrel"]), (charlie, [])):
            found = ADDRESS.search(signed_in(who).post("/account/calendar/").content.decode())
            assert summaries(read(client, f"/calendar/{found[1]}.ics")) == expected

    def test_is_judged_anew_at_each_reading(self, client, address, seat, kestrel, vera, mara):
        assert summaries(read(client, address))
        with acting_as(mara.pk):
            access.dismiss(vera, Role.LEAD, kestrel.pk, by=mara)
        assert summaries(read(client, address)) == []

    @pytest.mark.parametrize("end", ["revoked", "renewed", "left", "wrong"])
    def test_is_dead_as_if_it_had_never_been(self, client, signed_in, address, vera, end):
        if end == "revoked":
            assert "opens nothing" in signed_in(vera).post("/account/calendar/revoke/", follow=True).content.decode()
        elif end == "renewed":
            signed_in(vera).post("/account/calendar/")
        elif end == "left":
            with acting_as(vera.pk):
                Account.objects.filter(pk=vera.pk).update(is_active=False)
        tried = "/calendar/" + "A" * 43 + ".ics" if end == "wrong" else address
        answer, never = client.get(tried), client.get("/nowhere/at/all/")
        assert (answer.status_code, answer.content) == (404, never.content)

    def test_whoever_tries_many_secrets_waits_even_with_a_right_one(self, client, address):
        for number in range(6):
            assert client.get(f"/calendar/{number}.ics").status_code == 404
        assert client.get(address).status_code == 404

    def test_the_secret_is_kept_nowhere_and_the_ledger_knows_of_the_first_reading_of_a_day(self, client, address, vera):
        for _ in range(3):
            read(client, address)
        with acting_as(vera.pk):
            whats = list(
                LedgerEntry.objects.filter(case_id=vera.pk, what__startswith="account.feed").values_list("what", flat=True)
            )
            assert sorted(whats) == ["account.feed_made", "account.feed_read"]
            assert address[10:53] not in str(Feed.objects.values_list().get())
            assert feeds.standing(vera).read_on == timezone.now().date()

    def test_nothing_but_reading_it_is_possible(self, client, address):
        assert client.post(address).status_code == 405
        assert read(client, address) and client.get(address)["Cache-Control"] == "no-store"


@pytest.mark.nodb
class TestTheFormat:
    def test_lines_are_folded_ended_and_escaped_as_the_standard_says(self):
        start = datetime(2026, 12, 3, 22, tzinfo=UTC)
        long = "Кестрель, der; sehr\\lange\nAlias " * 5
        body = feed.written(
            [Event("way", long, Feed().pk, start, start + timedelta(hours=2)),
             Event("stay", "Heron", Feed().pk, date(2026, 12, 3), date(2026, 12, 6))]
        )  # fmt: skip
        assert body.endswith(b"\r\n") and b"\n" not in body.replace(b"\r\n", b"")
        assert max(len(line) for line in body.split(b"\r\n")) <= 75
        way, stay = Calendar.from_ical(body).walk("VEVENT")
        assert (way["dtstart"].dt, way["dtend"].dt, str(way["summary"])) == (
            start,
            start + timedelta(hours=2),
            f"On the way: {long}",
        )
        assert (stay["dtstart"].dt, stay["dtend"].dt) == (date(2026, 12, 3), date(2026, 12, 6))
        calendar = Calendar.from_ical(body)
        assert calendar["version"] == "2.0" and calendar["prodid"] and "method" not in calendar
        assert b"DTSTART:20261203T220000Z" in body and b"VALUE=DATE" in body

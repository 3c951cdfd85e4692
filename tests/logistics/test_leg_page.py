"""The page of one leg at the desk, and what escort and receiver see of its changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from logistics import clock, dates, dispatch
from logistics.models import Alternate, Leg, Passage, Seat
from relocation.models import BorderCheck, Document, LedgerEntry
from relocation.safety.actor import acting_as
from tests.logistics.conftest import leg


@pytest.fixture
def here(seat):
    return reverse("passages:leg", args=[seat.case_id, seat.passage_id, seat.pk])


def text(response) -> str:
    return str(response.content.decode())


def whole(ride: Leg, prefix: str, **changes) -> dict:
    """Everything that the form of a leg asks for."""
    told = {
        "mode": ride.mode, "carrier": ride.carrier, "number": ride.number, "from_place": ride.from_place,
        "to_place": ride.to_place, "from_zone": ride.from_zone, "to_zone": ride.to_zone, "crossing": ride.crossing,
        "departs_at": f"{ride.departs_local:%Y-%m-%dT%H:%M}", "arrives_at": f"{ride.arrives_local:%Y-%m-%dT%H:%M}",
        "escort": str(ride.escort_id or ""), "seats": "2",
    }  # fmt: skip
    return {f"{prefix}-{name}": value for name, value in (told | changes).items()}


class TestChange:
    def test_a_new_place_is_told_to_the_escort_until_they_have_seen_it(self, signed_in, vera, otto, seat, here):
        desk, phone = signed_in(vera), signed_in(otto)
        assert "Something about it has changed" in text(desk.get(here))
        done = desk.post(here, {"do": "change", **whole(seat.leg, "change", from_place="Birch")}, follow=True)
        assert "told to look" in text(done) and "Has not seen the last change yet" in text(done) and "Birch" in text(done)
        home = text(phone.get(reverse("passages:escort")))
        assert "This leg has changed." in home and "was <bdi>Alder</bdi>" in home and "Birch" in home
        own = reverse("passages:escort_seat", args=[seat.pk])
        assert "Noted that you have seen it." in text(phone.post(own, {"do": "seen"}, follow=True))
        assert "This leg has changed." not in text(phone.get(own))
        assert "Has not seen" not in text(desk.get(here))

    def test_a_time_that_cannot_be_keeps_what_was_typed(self, signed_in, vera, seat, here):
        wrong = whole(seat.leg, "change", arrives_at="2020-01-01T10:00", from_place="Birch")
        shown = text(signed_in(vera).post(here, {"do": "change", **wrong}))
        assert "before the departure" in shown and "Birch" in shown
        with acting_as(vera.pk):
            assert Leg.objects.get(pk=seat.leg_id).from_place == "Alder"

    def test_cancelled_it_says_what_to_do(self, signed_in, vera, otto, seat, here):
        desk = signed_in(vera)
        assert "cancelled" in text(desk.post(here, {"do": "cancel"}, follow=True))
        assert "Find another one" in text(desk.get(reverse("passages:passage", args=[seat.case_id, seat.passage_id])))
        assert "This leg is cancelled." in text(signed_in(otto).get(reverse("passages:escort")))

    def test_who_may_only_read_sees_no_form_and_a_stranger_nothing(self, signed_in, tomas, otto, oskar, seat, here):
        reads = signed_in(tomas)
        assert "Save and tell them" not in text(reads.get(here)) and reads.post(here, {"do": "cancel"}).status_code == 404
        assert {signed_in(account).get(here).status_code for account in (otto, oskar)} == {404}


class TestReady:
    def test_a_leg_stands_ready_and_is_switched_to(self, signed_in, vera, seat, here):
        desk = signed_in(vera)
        soon = seat.leg.departs_local + timedelta(hours=1)
        times = {"departs_at": f"{soon:%Y-%m-%dT%H:%M}", "arrives_at": f"{soon + timedelta(hours=3):%Y-%m-%dT%H:%M}"}
        told = whole(seat.leg, "new", mode="train", escort="", to_place="Point D", **times)
        assert "stands ready now" in text(desk.post(here, {"do": "new", **told}, follow=True))
        with acting_as(vera.pk):
            ready = Alternate.objects.get()
        page = text(desk.get(here))
        assert "Point D" in page and "2 seats free" in page and "Switch to this leg" in page
        after = desk.post(here, {"do": "switch", "alternate": str(ready.pk), "meeting_point": "the blue door"}, follow=True)
        assert "goes by this leg now" in text(after)
        with acting_as(vera.pk):
            assert Seat.objects.get(given_up_at=None).leg_id == ready.leg_id
        assert desk.get(here).status_code == 404, "the seat that was given back is no more"

    def test_an_alternate_of_nobody_is_not_switched_to(self, signed_in, vera, here):
        assert signed_in(vera).post(here, {"do": "switch", "alternate": "x"}).status_code == 404


class TestHold:
    def test_it_is_noted_in_the_time_of_the_place_and_shown_before_it_runs_out(self, signed_in, vera, seat, here):
        desk, until = signed_in(vera), seat.leg.departs_local - timedelta(hours=2)
        done = desk.post(here, {"do": "hold", "hold-until": f"{until:%Y-%m-%dT%H:%M}"}, follow=True)
        assert "The hold is noted." in text(done) and f"{until:%H:%M}" in text(done)
        for page in ("/", reverse("desk:case", args=[seat.case_id])):
            assert "The carrier holds the seat no longer" in text(desk.get(page))
        late = seat.leg.departs_local + timedelta(hours=1)
        refused = desk.post(here, {"do": "hold", "hold-until": f"{late:%Y-%m-%dT%H:%M}"})
        assert "not after the departure" in text(refused)


class TestClock:
    @pytest.fixture
    def leaving(self, kestrel, vera, as_vera):
        """A flight into the area in five weeks, with a passport that will not do."""
        start = timezone.now() + timedelta(weeks=5)
        way = dispatch.plan(kestrel, "departure", [], by=vera, needs_exit_permission=True, cover="to a wedding in Omsk")
        flight = dispatch.add_leg(leg(start, mode="plane", to_zone="Europe/Berlin", crossing=Leg.Crossing.IN), by=vera)
        dispatch.take_seat(way, flight, by=vera)
        old = Document(
            case=kestrel, by=vera, kind="passport", issued_on=start.date() - timedelta(days=3700),
            expires_on=start.date() + timedelta(days=30), blank_pages=1, number="1", surname="ELFOVA",
            verified_at=timezone.now(), verified_by=vera,
        )  # fmt: skip
        old.save(force_insert=True)
        BorderCheck(case=kestrel, by=vera, kind="wanted", outcome="skipped", words="no").save(force_insert=True)
        return way

    def test_what_is_missing_is_a_deadline_weeks_before_and_says_how_it_is_mended(self, signed_in, vera, leaving, kestrel):
        desk = signed_in(vera)
        page = text(desk.get(reverse("passages:passage", args=[kestrel.pk, leaving.pk])))
        case = text(desk.get(reverse("desk:case", args=[kestrel.pk])))
        for sentence in (
            "three months beyond the stay",
            "ten years old",
            "It has 1 blank page.",
            "only with a permission",
            "lodge it",
        ):
            assert sentence in page and sentence in case
        assert "in order" in page and "Wanted list: not looked at" in page
        assert "ten years old" in text(desk.get("/")), "six weeks before are over already"
        with acting_as(vera.pk):
            [findings] = clock.read([Passage.objects.select_related("case").get(pk=leaving.pk)]).values()
        assert all(one.due for one in findings if not one.holds)

    def test_who_is_kept_from_the_documents_is_told_nothing_rather_than_something_wrong(self, signed_in, tomas, leaving, kestrel):
        page = text(signed_in(tomas).get(reverse("passages:passage", args=[kestrel.pk, leaving.pk])))
        assert "ten years old" not in page and "Papers on the days" not in page

    def test_what_others_are_told_is_words_and_no_part_of_the_way(self, signed_in, vera, leaving, kestrel):
        """A decoy is sealed words: it has no leg, no day and no place of its own, and nothing judges or prints it."""
        desk, here = signed_in(vera), reverse("passages:passage", args=[kestrel.pk, leaving.pk])
        assert "wedding" not in text(desk.get(here)) + text(desk.get(reverse("desk:case", args=[kestrel.pk])))
        assert "to a wedding in Omsk" in text(desk.post(here, {"do": "cover"}))
        with acting_as(vera.pk):
            assert LedgerEntry.objects.filter(what="read.passage", detail="cover").count() == 1
            raw = bytes(Passage.objects.get(pk=leaving.pk).cover.raw)
        assert b"wedding" not in raw

    def test_a_day_asks_the_database_no_more_for_more_people(self, leaving, kestrel, another, vera, as_vera):
        counted = []
        for alias in ("Heron", "Plover"):
            flight = dispatch.add_leg(leg(timezone.now() + timedelta(weeks=5), crossing="in"), by=vera)
            dispatch.plan(another(alias), "departure", [flight], by=vera)
            with CaptureQueriesContext(connection) as asked:
                todos = list(dates.of_day(vera))
            counted.append((len(asked), {todo.case.alias for todo in todos}))
        assert [aliases for _number, aliases in counted] == [{"Kestrel", "Heron"}, {"Kestrel", "Heron", "Plover"}]
        assert counted[0][0] == counted[1][0]

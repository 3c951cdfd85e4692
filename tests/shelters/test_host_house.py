"""The host's page beyond the beds: closed nights, what was seen, an alarm, the words for the door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from relocation.desk import panels
from relocation.journey import approvals
from relocation.models import Alarm, LedgerEntry, Outbox
from relocation.safety.actor import acting_as
from shelters import moving, watching
from shelters.models import Closure, FreeBeds, House, Sighting
from tests.shelters.conftest import tonight

HOME = "/host/"
DAY = timedelta(days=1)


@pytest.fixture
def phone(signed_in, hanna):
    """Hanna's phone."""
    return signed_in(hanna)


def text(response) -> str:
    return str(response.content.decode())


class TestNights:
    def test_closing_takes_three_taps_and_one_takes_it_back(self, phone, alder, hanna):
        first = tonight()[0]
        page = text(phone.post("/host/nights/", {"house": alder.pk, "first": first, "nights": "2"}, follow=True))
        assert "Nobody new is sent to you" in page and "Open again" in page and "has a bed with you" not in page
        with acting_as(hanna.pk):
            closure = Closure.objects.get()
        assert (closure.nights.lower, closure.nights.upper) == (first, first + 2 * DAY)
        page = text(phone.post("/host/nights/open/", {"house": alder.pk, "closure": closure.pk}, follow=True))
        assert "Open again. People may be sent" in page

    def test_who_is_expected_is_counted_and_the_lead_is_told(self, phone, alder, confirmed, hanna, vera):
        page = text(phone.post("/host/nights/", {"house": alder.pk, "first": tonight()[0], "nights": "7"}, follow=True))
        assert "1 person has a bed with you on these nights" in page
        with acting_as(hanna.pk):
            assert Outbox.objects.filter(kind="house_changed").count() == 1
        with acting_as(vera.pk):
            assert [todo for todo in panels._days["houses"](vera) if "closes on nights of this stay" in todo.sentence]

    @pytest.mark.parametrize("typed", [{"nights": "3"}, {"first": "soon"}, {"nights": "99999999999"}, {"first": "9999-12-30"}])
    def test_what_is_on_no_button_closes_nothing(self, phone, alder, hanna, typed):
        sent = {"house": alder.pk, "first": tonight()[0], "nights": "7"} | typed
        assert "Choose for how many nights" in text(phone.post("/host/nights/", sent, follow=True))
        with acting_as(hanna.pk):
            assert not Closure.objects.exists()

    def test_the_house_of_others_is_not_there(self, phone, birch, quentin):
        assert phone.post("/host/nights/", {"house": birch.pk, "first": tonight()[0], "nights": "1"}).status_code == 404
        assert phone.post("/host/nights/open/", {"house": birch.pk, "closure": "x"}).status_code == 404
        assert phone.post("/host/seen/", {"house": birch.pk, "what": "car"}).status_code == 404
        assert phone.post("/host/alarm/", {"house": birch.pk}).status_code == 404

    def test_an_old_answer_is_asked_about_and_one_tap_says_it_is_still_so(self, phone, alder, hanna):
        with acting_as(hanna.pk):
            FreeBeds(house=alder, beds=3, by=hanna, at=timezone.now() - timedelta(days=3)).save()
        page = text(phone.get(HOME))
        assert "You last said 3 free" in page and "Is it still so?" in page
        page = text(phone.post("/host/free/", {"house": alder.pk, "free": "3"}, follow=True))
        assert "Is it still so?" not in page and ": 3 free" in page


class TestSeen:
    def test_two_taps_write_it_down_sealed_and_the_desk_is_told(self, phone, alder, hanna, vera):
        page = text(phone.post("/host/seen/", {"house": alder.pk, "what": "car", "plate": "B 77 OX"}, follow=True))
        assert "the desk is told" in page and "B 77" not in text(phone.get(HOME))
        with acting_as(vera.pk):
            sighting = Sighting.objects.get()
            assert (sighting.what, sighting.by_id, str(sighting.plate)) == ("car", hanna.pk, "•••")
            assert watching.opened(sighting, by=vera)["plate"] == "B 77 OX"

    def test_the_same_plate_is_known_again_without_being_read(self, alder, birch, vera):
        with acting_as(vera.pk):
            for house, plate in ((alder, "b77ox"), (birch, "C 1"), (birch, "B 77-OX")):
                last = watching.report(house, "car", by=vera, said={"plate": plate})
            assert watching.seen_before(last, "B 77 OX") == 1
            assert watching.seen_before(last, "") == 0
            assert "seen 1 time before" in watching.known_again(last, "B77OX") and not watching.known_again(last, "C 2")

    def test_what_is_on_no_button_is_nothing(self, phone, alder):
        assert phone.post("/host/seen/", {"house": alder.pk, "what": "ghost"}).status_code == 404


class TestAlarm:
    def test_for_everybody_in_the_house_at_once(self, phone, alder, confirmed, kestrel, vera):
        page = text(phone.post("/host/alarm/", {"house": alder.pk, "words": "they are at the door"}, follow=True))
        assert "people on call are being told" in page
        page = text(phone.post("/host/alarm/", {"house": alder.pk, "words": "they went"}, follow=True))
        assert "Added to the alarm that you raised" in page and "all is well in the house" in page
        with acting_as(vera.pk):
            assert Alarm.objects.filter(case=kestrel).count() == 1
        page = text(phone.post("/host/alarm/", {"house": alder.pk, "do": "well"}, follow=True))
        assert "They make sure of it" in page and "all is well in the house" not in page
        assert phone.post("/host/alarm/", {"house": alder.pk, "do": "well"}).status_code == 404
        with acting_as(vera.pk):
            assert Alarm.objects.filter(case=kestrel, closed_at=None).count() == 1

    def test_and_when_nobody_stays_there_what_was_seen_before_silences_nothing(self, phone, signed_in, alder, hanna, vera):
        well = {"house": alder.pk, "do": "well"}
        assert phone.post("/host/alarm/", well).status_code == 404
        phone.post("/host/seen/", {"house": alder.pk, "what": "other"})
        assert self.alarms(hanna) == 0
        for said in ("are being told now", "Added to the alarm"):
            assert said in text(phone.post("/host/alarm/", {"house": alder.pk}, follow=True))
        page = text(phone.get(HOME))
        assert self.alarms(hanna) == 1 and "Your alarm is open for" in page and "A mistake: all is well" in page
        page = text(phone.post("/host/alarm/", well, follow=True))
        assert "They make sure of it" in page and "A mistake: all is well" not in page
        assert self.alarms(hanna) == 2, "the people on call are told that it was taken back"
        assert phone.post("/host/alarm/", well).status_code == 404
        with acting_as(hanna.pk):
            assert LedgerEntry.objects.filter(case_id=alder.pk, what="house.all_is_well", actor_id=hanna.pk).count() == 1
            assert not Sighting.objects.exclude(settled_at=None).exists(), "it closes nothing"
        page = text(signed_in(vera).get(f"/stays/houses/{alder.pk}/"))
        assert "Alarm raised" in page and "says that all is well" in page and 'value="alarm"' not in page
        phone.post("/host/alarm/", {"house": alder.pk})
        assert self.alarms(hanna) == 3, "raised anew, it wakes again"

    def test_once_the_desk_has_looked_nothing_is_taken_back_and_nobody_else_does_it(
        self, phone, signed_in, alder, birch, quentin, vera, hanna
    ):
        phone.post("/host/alarm/", {"house": alder.pk})
        for house in (alder, birch):
            assert signed_in(quentin).post("/host/alarm/", {"house": house.pk, "do": "well"}).status_code == 404
        with acting_as(vera.pk):
            watching.settle(Sighting.objects.get(), by=vera, reason="It was the neighbour.")
        assert phone.post("/host/alarm/", {"house": alder.pk, "do": "well"}).status_code == 404
        assert phone.post("/host/seen/", {"house": alder.pk, "what": "well"}).status_code == 404

    def alarms(self, by):
        with acting_as(by.pk):
            return Outbox.objects.filter(kind="tell_danger", originator=by).count()


class TestWords:
    def test_the_host_reads_them_once_they_are_agreed(self, phone, signed_in, confirmed, hanna, vera, alder):
        with acting_as(vera.pk):
            house = House.objects.get(pk=alder.pk)
            house.door_protocol = "Look through the window first."
            house.save()
        address = f"/host/{confirmed.pk}/words/"
        assert "No words were agreed" in text(phone.get(address))
        desk = signed_in(vera)
        assert "Write both" in text(desk.post(f"/stays/{confirmed.pk}/greeting/", {"greeting": "lamp"}, follow=True))
        page = text(desk.post(f"/stays/{confirmed.pk}/greeting/", {"greeting": "a lamp", "reply": "a green one"}, follow=True))
        assert "Agreed" in page and "green" not in page
        page = text(phone.get(address))
        assert "a lamp" in page and "a green one" in page and "Look through the window" in page
        with acting_as(vera.pk):
            assert (
                LedgerEntry.objects.filter(case_id=confirmed.case_id, what="reveal.stay.greeting", actor_id=hanna.pk).count() == 2
            )

    def test_nobody_else_reads_or_writes_them(self, signed_in, confirmed, quentin, mara, vera):
        with acting_as(vera.pk):
            moving.greet(confirmed, "a lamp", "green", by=vera)
        assert signed_in(quentin).get(f"/host/{confirmed.pk}/words/").status_code == 404
        assert signed_in(mara).post(f"/stays/{confirmed.pk}/greeting/", {"greeting": "x", "reply": "y"}).status_code == 404
        assert signed_in(mara).get(f"/stays/{confirmed.pk}/move/").status_code == 404


class TestDeskChanges:
    def test_the_lead_moves_and_prolongs_by_screen(self, signed_in, confirmed, birch, vera):
        desk = signed_in(vera)
        address = f"/stays/{confirmed.pk}/"
        longer = confirmed.nights.upper + DAY
        assert "day of leaving has changed" in text(desk.post(address + "until/", {"until": longer}, follow=True))
        assert "comes after tonight" in text(desk.post(address + "until/", {"until": timezone.localdate()}, follow=True))
        assert "Choose a day" in text(desk.post(address + "until/", {"until": "soon"}, follow=True))
        page = text(desk.get(address + "move/"))
        assert "Move Kestrel to another bed" in page and page.count("Move here") == 8
        with acting_as(vera.pk):
            bed = birch.beds.first()
        first = timezone.localdate()
        window = {"expected_from": f"{first}T18:00", "expected_until": f"{first}T21:00"}
        page = text(
            desk.post(address + "move/", {"first_night": first, "leave_day": longer, "bed": bed.pk} | window, follow=True)
        )
        assert "Moved." in page and "House Birch" in page

    def test_the_address_opens_once_a_second_person_agreed_and_it_is_written_down(
        self, signed_in, confirmed, kestrel, vera, mara
    ):
        desk, address = signed_in(vera), f"/stays/{confirmed.pk}/address/"
        page = text(desk.post(address, follow=True))
        assert "A second person agrees first" in page and "lane 4" not in page
        with acting_as(vera.pk):
            asked = approvals.ask_to_look(kestrel, by=vera, reason="the escort asks", session="device of vera")
        with acting_as(mara.pk):
            approvals.answer(asked.pk, given=True, by=mara, session="device of mara")
        page = text(desk.post(address))
        assert "Alder lane 4" in page and "tram stop" in page
        with acting_as(vera.pk):
            assert LedgerEntry.objects.filter(case_id=confirmed.house_id, what="reveal.house.address", actor_id=vera.pk).exists()
        assert signed_in(mara).post(address).status_code == 302, "nobody agreed to Mara's own look"

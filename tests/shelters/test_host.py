"""The host's page: one tap saves, and nothing on it gives anybody away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from relocation.models import Alarm, Document, LedgerEntry
from relocation.safety.actor import acting_as
from shelters.models import FreeBeds, Keeper, Stay
from tests import drawn
from tests.cast import afresh
from tests.shelters.conftest import tonight

HOME = "/host/"


@pytest.fixture
def phone(signed_in, hanna):
    """Hanna's phone."""
    return signed_in(hanna)


def said(alder, by):
    with acting_as(by.pk):
        return [answer.beds for answer in FreeBeds.objects.filter(house=alder, undone_at=None)]


def text(response) -> str:
    return str(response.content.decode())


class TestPads:
    def test_a_tap_saves_at_once_and_says_so(self, phone, alder, hanna):
        response = phone.post("/host/free/", {"house": alder.pk, "free": "1"})
        assert (response.status_code, response["Location"]) == (303, HOME)
        assert said(alder, hanna) == [1]
        page = text(phone.get(HOME))
        assert ": 1 free" in page and 'value="1" aria-pressed="true"' in page

    def test_one_pad_for_each_bed_and_none(self, phone):
        page = text(phone.get(HOME))
        assert [n for n in range(12) if f'name="free" value="{n}"' in page] == [0, 1, 2, 3, 4, 5]

    @pytest.mark.parametrize("typed", ["6", "-1", "", "one", "²", "99999999999999999999"])
    def test_what_is_on_no_pad_is_not_saved(self, phone, alder, hanna, typed):
        response = phone.post("/host/free/", {"house": alder.pk, "free": typed}, follow=True)
        assert "could not be saved" in text(response)
        assert said(alder, hanna) == []

    def test_undo_brings_back_the_answer_before(self, phone, alder, hanna):
        for beds in "21":
            phone.post("/host/free/", {"house": alder.pk, "free": beds})
        with acting_as(hanna.pk):
            last = FreeBeds.objects.filter(house=alder)[0].pk
        response = phone.post("/host/undo/", {"house": alder.pk, "answer": last}, follow=True)
        assert "2 free beds count again" in text(response)
        phone.post("/host/undo/", {"house": alder.pk, "answer": last})  # the second of a double tap
        assert said(alder, hanna) == [2]

    def test_an_answer_of_last_week_is_not_shown_as_todays(self, phone, alder, hanna):
        with acting_as(hanna.pk):
            FreeBeds(house=alder, beds=3, by=hanna, at=timezone.now() - timedelta(days=7)).save()
        assert 'aria-pressed="true"' not in text(phone.get(HOME)).split("Arriving")[0]

    def test_the_house_of_somebody_else_is_not_there(self, phone, birch, quentin):
        assert phone.post("/host/free/", {"house": birch.pk, "free": "1"}).status_code == 404
        assert phone.post("/host/free/", {"house": "Birch", "free": "1"}).status_code == 404
        assert said(birch, quentin) == []


class TestArrivals:
    def test_arrived_is_one_tap(self, phone, confirmed, hanna):
        assert text(phone.get(HOME)).count("Arrived") == 1
        response = phone.post(f"/host/{confirmed.pk}/", {"here": "1"}, follow=True)
        assert "Kestrel has arrived" in text(response) and "Here tonight" in text(response)
        with acting_as(hanna.pk):
            assert Stay.objects.get().state == Stay.State.ARRIVED

    def test_not_here_is_one_tap_and_may_still_come(self, phone, confirmed):
        page = text(phone.post(f"/host/{confirmed.pk}/", {"here": "0"}, follow=True))
        assert "Did they come later?" in page and ">Not here<" not in page

    def test_who_comes_another_day_has_no_buttons_yet(self, phone, place, vera):
        from shelters import hosting

        soon = timezone.now() + timedelta(days=3)
        first, until = tonight()
        stay = place(nights=(first + timedelta(days=3), until), window=(soon, soon + timedelta(hours=2)))
        with acting_as(vera.pk):
            hosting.confirm(stay, by=vera)
        page = text(phone.get(HOME))
        assert "Kestrel" in page and 'name="here"' not in page and str(stay.pk) in page

    def test_a_held_bed_is_not_shown(self, phone, held):
        assert "Kestrel" not in text(phone.get(HOME))

    def test_the_host_of_another_house_gets_the_page_of_nothing(self, signed_in, quentin, confirmed, vera):
        client = signed_in(quentin)
        assert "Kestrel" not in text(client.get(HOME))
        foreign = client.post(f"/host/{confirmed.pk}/", {"here": "1"})
        never = client.post("/host/00000000-0000-4000-8000-000000000000/", {"here": "1"})
        assert foreign.status_code == never.status_code == 404
        assert foreign.content == never.content
        with acting_as(vera.pk):
            assert Stay.objects.get(pk=confirmed.pk).state == Stay.State.CONFIRMED

    def test_neither_yes_nor_no_is_nothing(self, phone, confirmed):
        assert phone.post(f"/host/{confirmed.pk}/", {"here": "maybe"}).status_code == 404


class TestSomethingIsWrong:
    @pytest.mark.parametrize(("more", "standing"), [({}, "compromised"), ({"held": "1"}, "detained")])
    def test_it_is_said_in_own_words_and_kept_sealed(self, phone, confirmed, kestrel, vera, hanna, more, standing):
        for answer in ("people on call are being told", "Added to the alarm that you raised"):
            told = phone.post(f"/host/{confirmed.pk}/wrong/", {"words": "two men rang the bell"} | more, follow=True)
            assert answer in text(told) and "two men" not in text(told)
        assert afresh(kestrel, vera).standing == standing
        with acting_as(vera.pk):
            assert Alarm.objects.filter(case=kestrel, by=hanna).count() == 1
            said_so = LedgerEntry.objects.filter(case_id=kestrel.pk, actor_id=hanna.pk, what__startswith="step.").get()
            assert said_so.reason and "two men" not in str(said_so.reason)

    def test_the_host_of_another_house_gets_the_page_of_nothing(self, signed_in, quentin, confirmed, kestrel, vera):
        assert signed_in(quentin).post(f"/host/{confirmed.pk}/wrong/", {"words": "x"}).status_code == 404
        assert afresh(kestrel, vera).standing == "active"


class TestWhatAHostKnows:
    def test_alias_window_needs_and_languages(self, phone, confirmed):
        page = text(phone.get(HOME))
        for known in ("Kestrel", "18:00", "21:00", "quiet room", "Russian", "House Alder"):
            assert known in page

    def test_no_name_document_address_case_id_or_code(self, phone, confirmed, kestrel, alder, vera):
        with acting_as(vera.pk):
            Document(case=kestrel, by=vera, kind="passport", number="CANARY4711").save(force_insert=True)
        for here in ("", "1"):
            if here:
                phone.post(f"/host/{confirmed.pk}/", {"here": here})
            page = text(phone.get(HOME))
            assert str(kestrel.pk) not in page and kestrel.pk.hex not in page
            told = ("Эльфова", "Алёна", "1992", "79224125684", "Новгород", "Отец", "CANARY4711", "lane 4", "bakery")
            for secret in (*told, kestrel.code, "verifying", "Vera Lind", "Northern Light"):
                assert secret not in drawn.without(page), secret

    def test_two_houses_are_two_sections(self, phone, birch, hanna, vera):
        with acting_as(vera.pk):
            Keeper.objects.create(house=birch, account=hanna)
        page = text(phone.get(HOME))
        assert page.count("Beds free tonight") == 2 and "House Birch" in page

    def test_whoever_keeps_no_house_is_told_what_to_do(self, signed_in, hanna, vera):
        with acting_as(vera.pk):
            Keeper.objects.all().delete()
        assert "You keep no house yet" in text(signed_in(hanna).get(HOME))

    def test_no_script_is_needed(self, phone, confirmed):
        page = text(phone.get(HOME))
        assert "hx-" not in page and page.count("<form") >= 2

    @pytest.mark.parametrize("who", ["vera", "otto", "elise", "greta"])
    def test_it_is_not_there_for_others(self, request, signed_in, who):
        assert signed_in(request.getfixturevalue(who)).get(HOME).status_code == 404

    def test_whoever_has_not_signed_in_signs_in_first(self, client, ground):
        assert client.get(HOME)["Location"].startswith(reverse("sign-in"))

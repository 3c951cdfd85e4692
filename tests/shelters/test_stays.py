"""The desk's pages of the houses: the calendar, a bed for a case, one stay; and what they say elsewhere."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from relocation.desk import panels
from relocation.models import Paper
from relocation.paperwork.contents import GATHERED, CannotMake
from relocation.safety.actor import acting_as
from shelters import hosting, tape
from shelters.models import FreeBeds, House, Stay
from tests import drawn
from tests.shelters.conftest import tonight


@pytest.fixture
def desk(signed_in, vera):
    """Vera's browser."""
    return signed_in(vera)


def text(response) -> str:
    return str(response.content.decode())


def asked(bed=None, **changes):
    """What Vera types when she looks for a bed."""
    first, leave = tonight()
    typed = {
        "first_night": first, "leave_day": leave, "expected_from": f"{first}T18:00", "expected_until": f"{first}T21:00",
    } | changes  # fmt: skip
    return {name: str(value) for name, value in typed.items()} | ({"bed": str(bed.pk)} if bed else {})


class TestCalendar:
    def test_ones_own_stays_are_shown_by_alias(self, desk, held):
        page = text(desk.get("/stays/"))
        assert "Held for Kestrel" in page and f"/stays/{held.pk}/" in page
        assert "8 of 9 beds free tonight" in page

    def test_anothers_stay_is_a_taken_bed_and_no_more(self, signed_in, charlie, confirmed, kestrel):
        page = text(signed_in(charlie).get("/stays/"))
        assert "Taken" in page and "8 of 9 beds free tonight" in page
        for secret in (str(confirmed.pk), str(kestrel.pk)):
            assert secret not in page
        assert "Kestrel" not in page and kestrel.code not in drawn.without(page)

    def test_a_person_with_two_beds_is_a_clash(self, desk, held, place, birch, vera):
        with acting_as(vera.pk):
            place(bed=birch.beds.first())
        page = text(desk.get("/stays/"))
        assert "Kestrel: also in Birch" in page and "One clash to settle" in page

    def test_the_hosts_answer_stands_beside_the_house(self, desk, alder, hanna):
        page = text(desk.get("/stays/"))
        assert "The host has not said anything yet" in page and "Not heard for two days" not in page
        with acting_as(hanna.pk):
            hosting.say_free(alder, 3, by=hanna)
        assert "The host said 3 free" in text(desk.get("/stays/"))

    def test_an_old_answer_is_no_answer(self, vera, alder, hanna):
        with acting_as(hanna.pk):
            FreeBeds(house=alder, beds=3, by=hanna, at=timezone.now() - timedelta(days=3)).save()
        with acting_as(vera.pk):
            heard = {rows.house.code: rows.not_heard for rows in tape.wind(vera, timezone.localdate()).houses}
        assert heard == {"Alder": True, "Birch": False}

    def test_a_closed_house_has_no_free_bed(self, desk, alder, vera):
        with acting_as(vera.pk):
            House.objects.filter(pk=alder.pk).update(is_open=False)
        page = text(desk.get("/stays/"))
        assert "Closed" in page and "4 of 4 beds free tonight" in page

    def test_every_night_is_in_the_row_once(self, vera, held, place, alder):
        with acting_as(vera.pk):
            place(nights=(tonight()[0] + timedelta(days=3), tonight()[1]), bed=alder.beds.last())
            for rows in tape.wind(vera, timezone.localdate() - timedelta(days=5)).houses:
                assert all(sum(cell.nights for cell in row.cells) == tape.NIGHTS for row in rows.rows)

    def test_it_asks_the_database_no_more_for_more_stays(self, vera, held, place, alder, django_assert_num_queries):
        with acting_as(vera.pk):
            for bed in alder.beds.all()[1:]:
                place(bed=bed)
            with django_assert_num_queries(5):
                tape.wind(vera, timezone.localdate())

    @pytest.mark.parametrize("asked_for", ["", "yesterday", "0001-01-01", "9999-12-31", "2026-13-45"])
    def test_any_night_may_be_asked_for(self, desk, held, asked_for):
        assert desk.get("/stays/", {"from": asked_for}).status_code == 200

    @pytest.mark.parametrize("who", ["hanna", "otto", "elise", "anton"])
    def test_it_is_not_there_for_others(self, request, signed_in, who):
        assert signed_in(request.getfixturevalue(who)).get("/stays/").status_code == 404


class TestFindABed:
    def test_free_beds_of_open_houses_are_offered(self, desk, kestrel):
        page = text(desk.get(f"/stays/find/{kestrel.pk}/"))
        assert page.count("Hold for 24 hours") == 9

    def test_a_tap_holds_it(self, desk, kestrel, bed, vera):
        response = desk.post(f"/stays/find/{kestrel.pk}/", asked(bed), follow=True)
        assert "The bed is held for 24 hours" in text(response)
        with acting_as(vera.pk):
            stay = Stay.objects.get()
        assert stay.bed_id == bed.pk
        assert stay.expected_from.astimezone(ZoneInfo("Europe/Moscow")).hour == 18  # the house's own time

    def test_other_nights_show_other_beds(self, desk, held, kestrel):
        leave = held.nights.upper
        window = {"expected_from": f"{leave}T18:00", "expected_until": f"{leave}T19:00"}
        later = asked(first_night=leave, leave_day=leave + timedelta(days=2), **window)
        assert text(desk.post(f"/stays/find/{kestrel.pk}/", asked())).count("Hold for 24 hours") == 8
        assert text(desk.post(f"/stays/find/{kestrel.pk}/", later)).count("Hold for 24 hours") == 9

    def test_a_bed_taken_meanwhile_is_said_beside_the_form(self, desk, kestrel, bed, place, heron_led, nina, vera):
        place(heron_led, by=nina)
        page = text(desk.post(f"/stays/find/{kestrel.pk}/", asked(bed, expected_until=f"{tonight()[0]}T22:15")))
        assert "This bed is taken for one of these nights" in page and "T22:15" in page
        assert "Heron" not in page
        with acting_as(vera.pk):
            assert not Stay.objects.exists()

    def test_so_is_a_house_that_closed(self, desk, kestrel, bed, vera):
        with acting_as(vera.pk):
            House.objects.filter(pk=bed.house_id).update(is_open=False)
        page = text(desk.post(f"/stays/find/{kestrel.pk}/", asked(bed)))
        assert "This house takes nobody now" in page and page.count("Hold for 24 hours") == 4

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("leave_day", "2020-01-01", "comes after the first night"),
            ("leave_day", "2099-01-01", "half a year at most"),
            ("first_night", "2020-01-01", "has passed"),
            ("expected_until", "2020-01-01T10:00", "ends after it begins"),
            ("expected_from", "2020-01-01T10:00", "arrives on the first night"),
            ("bed", "00000000-0000-4000-8000-000000000000", "no longer there"),
        ],
    )
    def test_what_cannot_be_is_said_beside_the_field(self, desk, kestrel, bed, vera, field, value, sentence):
        page = text(desk.post(f"/stays/find/{kestrel.pk}/", asked(bed) | {field: value}))
        assert sentence in page
        with acting_as(vera.pk):
            assert not Stay.objects.exists()

    @pytest.mark.parametrize("who", ["mara", "charlie", "hanna"])
    def test_only_the_lead_places(self, request, signed_in, kestrel, bed, who):
        client = signed_in(request.getfixturevalue(who))
        assert client.get(f"/stays/find/{kestrel.pk}/").status_code == 404
        assert client.post(f"/stays/find/{kestrel.pk}/", asked(bed)).status_code == 404


class TestOneStay:
    def test_the_lead_confirms_sees_the_arrival_and_frees_the_bed(self, desk, held):
        address = f"/stays/{held.pk}/"
        assert "The host now sees" in text(desk.post(address, {"do": "confirm"}, follow=True))
        assert "Arrival noted" in text(desk.post(address, {"do": "arrived"}, follow=True))
        page = text(desk.post(address, {"do": "release"}, follow=True))
        for line in ("Bed held", "Stay confirmed", "Arrival confirmed", "The person left"):
            assert line in page
        assert "Something was changed" not in page  # that somebody looked is no change

    def test_the_coordinator_looks_and_does_nothing(self, signed_in, mara, held, vera):
        client = signed_in(mara)
        page = text(client.get(f"/stays/{held.pk}/"))
        assert "The case lead confirms" in page and 'value="confirm"' not in page
        assert client.post(f"/stays/{held.pk}/", {"do": "confirm"}).status_code == 404
        with acting_as(vera.pk):
            assert Stay.objects.get().state == Stay.State.HELD

    @pytest.mark.parametrize("who", ["charlie", "tomas", "hanna"])
    def test_a_stranger_gets_the_page_of_a_stay_that_never_was(self, request, signed_in, confirmed, who):
        client = signed_in(request.getfixturevalue(who))
        foreign = client.get(f"/stays/{confirmed.pk}/")
        assert foreign.status_code == 404
        assert foreign.content == client.get("/stays/00000000-0000-4000-8000-000000000000/").content

    def test_it_says_no_name_and_no_address(self, desk, held):
        page = text(desk.get(f"/stays/{held.pk}/"))
        for secret in ("Эльфова", "lane 4", "bakery"):
            assert secret not in page

    def test_what_no_button_says_is_refused(self, desk, held):
        assert desk.post(f"/stays/{held.pk}/", {"do": "sell"}).status_code == 404

    def test_confirming_twice_is_said_in_a_sentence(self, desk, confirmed):
        response = desk.post(f"/stays/{confirmed.pk}/", {"do": "confirm"})
        assert response.status_code == 409 and "already" in text(response)


class TestHouseSheet:
    def test_the_lead_orders_it(self, desk, confirmed, vera):
        response = desk.post(f"/stays/{confirmed.pk}/", {"do": "sheet"})
        with acting_as(vera.pk):
            paper = Paper.objects.get(kind="house_sheet")
        assert str(paper.pk) in response["Location"]
        assert paper.about == confirmed.pk

    def test_it_says_alias_window_needs_and_languages(self, confirmed, vera):
        with acting_as(vera.pk):
            paper = Paper(case_id=confirmed.case_id, by=vera, kind="house_sheet", about=confirmed.pk, language="de")
            sheet = GATHERED["house_sheet"](paper, vera)
        assert (sheet.alias, sheet.needs, sheet.arrives_from.hour) == ("Kestrel", ("quiet room",), 18)
        assert sheet.languages in (("Russisch",), ("Russian",))

    def test_a_stay_that_is_over_has_none(self, confirmed, vera, charlie):
        paper = Paper(case_id=confirmed.case_id, by=vera, kind="house_sheet", about=confirmed.pk)
        with acting_as(charlie.pk), pytest.raises(CannotMake):
            GATHERED["house_sheet"](paper, charlie)
        with acting_as(vera.pk):
            hosting.release(confirmed, by=vera)
            with pytest.raises(CannotMake):
                GATHERED["house_sheet"](paper, vera)


class TestElsewhere:
    def test_the_case_page_shows_where_somebody_sleeps(self, held, kestrel, vera):
        with acting_as(vera.pk):
            panel = panels._panels["placement"](kestrel, vera)
        assert [stay.house.code for stay in panel.context["stays"]] == ["Alder"]
        assert panel.context["mine"]

    def test_and_the_page_itself_says_so(self, desk, held, kestrel):
        page = text(desk.get(f"/cases/{kestrel.pk}/"))
        assert "Placement" in page and "House Alder" in page and f"/stays/{held.pk}/" in page

    def test_but_no_page_leads_from_the_code_to_the_place(self, desk, held, kestrel):
        for path in (f"/cases/{kestrel.pk}/", f"/stays/{held.pk}/", "/stays/", f"/stays/find/{kestrel.pk}/"):
            page = desk.get(path).content.decode()
            assert "Alder" in page
            assert not [told for told in ("lane 4", "Harbourtown", "bakery", "Europe/") if told in page], path

    def test_not_to_whoever_may_not_know_the_location(self, held, kestrel, tomas):
        with acting_as(tomas.pk):
            assert panels._panels["placement"](kestrel, tomas) is None

    def test_the_day_names_a_hold_that_runs_out(self, place, vera):
        place(until=timezone.now() + timedelta(hours=5))
        with acting_as(vera.pk):
            (todo,) = panels._days["houses"](vera)
        assert "runs out" in todo.sentence and not todo.late

    def test_and_who_has_not_arrived(self, place, vera, hanna):
        earlier = timezone.now() - timedelta(hours=4)
        stay = place(window=(earlier, earlier + timedelta(hours=1)))
        with acting_as(vera.pk):
            hosting.confirm(stay, by=vera)
            (todo,) = panels._days["houses"](vera)
            assert todo.late and "not confirmed" in todo.sentence
        with acting_as(hanna.pk):
            hosting.not_here(stay.pk, by=hanna)
        with acting_as(vera.pk):
            (todo,) = panels._days["houses"](vera)
            assert todo.late and "Find out where they are" in todo.sentence

    def test_the_day_of_the_coordinator_is_not_the_leads(self, place, mara):
        place(until=timezone.now() + timedelta(hours=5))
        with acting_as(mara.pk):
            assert not list(panels._days["houses"](mara))

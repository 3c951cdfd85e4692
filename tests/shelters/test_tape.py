"""The calendar at a glance: where somebody can be placed from, what is closed, which nights lack beds, and how light it stays."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fiction import ground as fiction_ground
from relocation.safety.actor import acting_as
from shelters import hosting, tape
from shelters.models import Bed, Closure, House
from shelters.need import Need, Night, reckon
from tests.shelters.conftest import tonight

NODES = 1500  # of one page, as a slow phone draws it


@pytest.fixture
def desk(signed_in, vera):
    """Vera's browser."""
    return signed_in(vera)


def text(response) -> str:
    return str(response.content.decode())


def elements(page: str) -> int:
    return len(re.findall(r"<[a-z]", page))


class TestStartingAPlacement:
    def test_an_empty_night_leads_to_the_bed_and_the_night(self, desk, kestrel, vera, held, alder):
        with acting_as(vera.pk):
            bed, night = Bed.objects.filter(house=alder).order_by("name")[1], timezone.localdate() + timedelta(days=2)
        where = f"?bed={bed.pk}&amp;night={night:%Y-%m-%d}"
        assert f"/stays/start/{where}" in text(desk.get("/stays/"))
        started = text(desk.get("/stays/start/", {"bed": bed.pk, "night": night}))
        assert "Who sleeps here?" in started and "House Alder" in started
        form = text(desk.get(f"/stays/find/{kestrel.pk}/", {"bed": bed.pk, "night": night}))
        assert f'value="{night:%Y-%m-%d}"' in form and "chosen in the calendar" in form
        assert form.index(str(bed.pk)) < form.index("chosen in the calendar") + 400

    @pytest.mark.parametrize("said", [{}, {"bed": "no bed", "night": "no night"}, {"night": "2020-01-01"}])
    def test_what_is_no_bed_or_no_night_leads_nowhere(self, desk, bed, said):
        assert desk.get("/stays/start/", {"bed": bed.pk} | said).status_code == 404

    def test_a_bed_that_is_not_free_is_said_so(self, desk, held, bed):
        said = text(desk.get("/stays/start/", {"bed": bed.pk, "night": timezone.localdate()}))
        assert "not free that night any more" in said

    def test_it_is_not_there_for_a_host(self, signed_in, hanna, bed):
        assert signed_in(hanna).get("/stays/start/", {"bed": bed.pk, "night": timezone.localdate()}).status_code == 404


class TestWhatIsShown:
    def test_a_hold_says_until_when_and_a_stay_when_they_leave(self, desk, held, vera):
        assert "until" in text(desk.get("/stays/"))
        with acting_as(vera.pk):
            hosting.confirm(held, by=vera)
        page = text(desk.get("/stays/"))
        assert "leaves" in page

    def test_closed_nights_offer_nothing(self, desk, alder, vera, bed):
        first = timezone.localdate()
        with acting_as(vera.pk):
            nights = DateRange(first + timedelta(days=1), first + timedelta(days=4))
            Closure(house=alder, bed=bed, nights=nights, by=vera).save(force_insert=True)
            rows = tape.wind(vera, first).houses[0].rows[0]
        assert [(cell.kind, cell.nights) for cell in rows.cells][:3] == [("free", 1), ("shut", 3), ("free", 1)]
        assert "Closed" in text(desk.get("/stays/"))
        assert bed not in tape.free_beds(*tonight())

    def test_the_host_of_a_burned_house_is_not_asked_for_beds(self, desk, alder, vera):
        with acting_as(vera.pk):
            House.objects.filter(pk=alder.pk).update(compromised_at=timezone.now())
        assert "Burned" in text(desk.get("/stays/"))


class TestBedsNeeded:
    def test_one_sentence_says_when_beds_are_missing(self):
        day = timezone.localdate()
        enough = Need([Night(day, 9, 6, 1), Night(day + timedelta(days=1), 9, 6, 2)])
        assert "There is a bed for everybody" in enough.headline and enough.worst.spare == 1
        short = Need([Night(day, 9, 6, 1), Night(day + timedelta(days=1), 5, 6, 2), Night(day + timedelta(days=2), 5, 6, 3)])
        assert "Beds are missing from" in short.headline and "4" in short.headline
        assert "1 bed is missing" in Need([Night(day, 1, 1, 1)]).headline
        assert "none to spare" in Need([Night(day, 1, 1, 0)]).headline

    def test_who_waits_and_whose_house_is_closed_need_a_bed(self, vera, confirmed, alder):
        with acting_as(vera.pk):
            first = timezone.localdate()
            House.objects.filter(pk=alder.pk).update(is_open=False)
            wound = tape.wind(vera, first)
            night = reckon(wound.every_bed, wound.nights, [first], 3).nights[0]
        assert (night.open, night.taken, night.waiting, night.short) == (4, 1, 3, 0)

    def test_it_stands_on_the_page_as_sentence_chart_and_table(self, desk, held):
        page = text(desk.get("/stays/"))
        assert "Beds, next 14 nights" in page and "The same as a table" in page
        assert page.index("There is a bed for everybody") < page.index('<svg class="chart"')


class TestAtAGlance:
    def test_sixty_beds_stay_light_and_ask_no_more_of_the_database(self, desk, vera, hanna, held):
        few = self.asked(desk)
        with acting_as(vera.pk):
            for number in range(6):
                fiction_ground._house(f"Fir {number}", 10, hanna, vera)
        many, pages = self.asked(desk), 0
        assert many <= few, f"{few} questions for two houses, {many} for eight"
        for pages in range(1, 9):
            page = text(desk.get("/stays/", {"page": pages}))
            assert elements(page) <= NODES, f"part {pages} has {elements(page)} elements"
            if "More houses" not in page:
                break
        assert 1 < pages < 4

    def asked(self, desk) -> int:
        with CaptureQueriesContext(connection) as told:
            assert desk.get("/stays/").status_code == 200
        return len(told)

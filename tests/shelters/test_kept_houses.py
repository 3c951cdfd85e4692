"""A house that is kept for women or for men: the person says once whether it suits them, and nobody says it for them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from relocation.journey import house_for, household
from relocation.models import Case, LedgerEntry
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied
from shelters import hosting, moving
from shelters.fitting import AskFirst, NotSuited, last_word
from shelters.models import House, Stay
from tests.cast import afresh
from tests.shelters.conftest import this_evening, tonight


@pytest.fixture
def kept(alder, vera):
    """Alder is kept for women."""
    with acting_as(vera.pk):
        House.objects.filter(pk=alder.pk).update(takes=House.Takes.WOMEN)
    return alder


@pytest.fixture
def says(kestrel, vera):
    """Kestrel answers, and Vera notes it."""

    def answer(said: str) -> Case:
        with acting_as(vera.pk):
            house_for.answer(kestrel, Case.HouseFor(said), by=vera)
        return afresh(kestrel, vera)

    return answer


def text(response) -> str:
    return str(response.content.decode())


def nights(**more):
    first, until = tonight()
    return {"first_night": first, "leave_day": until, "arrives_from": "18:00", "arrives_until": "21:00"} | more


class TestTheDoor:
    def test_it_asks_first_and_holds_to_the_answer(self, kept, place, says, bed, birch, kestrel, vera):
        with pytest.raises(AskFirst) as asked:
            place()
        assert "Women, and children with them" in asked.value.sentence and "Ask the person" in asked.value.sentence
        for said in ("men", "neither"):
            with pytest.raises(NotSuited) as refused:
                place(says(said))
            assert not isinstance(refused.value, AskFirst) and "said that a house of this kind" in refused.value.sentence
        with acting_as(vera.pk):
            other = birch.beds.first()
        there = place(says("men"), bed=other)
        with acting_as(vera.pk), pytest.raises(NotSuited):
            moving.move(there, bed, window=this_evening(), by=vera)
        says("either")
        with acting_as(vera.pk):
            assert moving.move(there, bed, window=this_evening(), by=vera).bed == bed

    def test_what_is_held_is_looked_at_again_when_it_is_confirmed(self, held, kept, says, vera):
        with acting_as(vera.pk):
            with pytest.raises(AskFirst):
                hosting.confirm(held, by=vera)
            says("women")
            assert hosting.confirm(held, by=vera).state == Stay.State.CONFIRMED

    def test_children_come_with_their_household_and_alone_they_are_asked(self, kept, place, kestrel, vera):
        with acting_as(vera.pk):
            Case.objects.visible_to(vera).filter(pk=kestrel.pk).update(is_minor=True)
        with pytest.raises(AskFirst):
            place(afresh(kestrel, vera))
        with acting_as(vera.pk):
            household.join(kestrel, kestrel, by=vera)
        assert place(afresh(kestrel, vera))

    def test_the_database_says_so_too_and_its_refusal_is_the_same(self, held, kept, says, kestrel, vera):
        same = "case_id, by_id, house_id, bed_id, state, held_until, expected_from, expected_until"
        come = (
            f"INSERT INTO shelters_stay (id, {same}, nights) SELECT gen_random_uuid(), {same}, daterange(lower(nights) + 30, "
            "upper(nights) + 30) FROM shelters_stay WHERE id = %s"
        )
        longer = "UPDATE shelters_stay SET nights = daterange(lower(nights), upper(nights) + 1) WHERE id = %s"
        firm = "UPDATE shelters_stay SET state = 'confirmed' WHERE id = %s"

        def tries(statement: str) -> None:
            with acting_as(vera.pk), last_word(kestrel.pk, "stay.hold", vera), connection.cursor() as cursor:
                cursor.execute(statement, [held.pk])

        for said, refusal in (("", AskFirst), ("men", NotSuited), ("neither", NotSuited)):
            if said:
                says(said)
            for statement in (come, longer, firm):
                with pytest.raises(refusal) as refused:
                    tries(statement)
                assert isinstance(refused.value, AskFirst) is (not said) and refused.value.sentence
        says("women")
        for statement in (come, longer, firm):
            tries(statement)

    def test_the_database_lets_children_come_with_their_household_to_a_house_for_women_alone(self, held, kept, kestrel, vera):
        firm = "UPDATE shelters_stay SET state = 'confirmed' WHERE id = %s"
        for minor, whom, comes in ((False, "women", False), (True, "men", False), (True, "women", True)):
            with acting_as(vera.pk):
                if not minor:
                    household.join(kestrel, kestrel, by=vera)
                Case.objects.visible_to(vera).filter(pk=kestrel.pk).update(is_minor=minor)
                House.objects.filter(pk=kept.pk).update(takes=whom)
            with acting_as(vera.pk), connection.cursor() as cursor:
                if comes:
                    cursor.execute(firm, [held.pk])
                    continue
                with pytest.raises(IntegrityError, match="stay_once_asked"), transaction.atomic():
                    cursor.execute(firm, [held.pk])

    def test_only_who_writes_the_card_notes_it_and_the_ledger_never_says_what(self, kestrel, says, tomas, charlie, vera):
        for somebody in (tomas, charlie):
            with acting_as(somebody.pk), pytest.raises(Denied):
                house_for.answer(kestrel, Case.HouseFor.MEN, by=somebody)
        says("women")
        with acting_as(vera.pk):
            entry = LedgerEntry.objects.get(case_id=kestrel.pk, what="case.house_for")
            assert (entry.actor_id, entry.detail, entry.reason) == (vera.pk, "", None)


class TestThePages:
    def test_the_question_stands_where_somebody_is_placed_and_keeps_the_nights(self, kept, kestrel, alder, signed_in, vera):
        desk, address = signed_in(vera), f"/cases/{kestrel.pk}/places/"
        page = text(desk.get(address))
        assert "Ask Kestrel first" in page and "Ask first whether it suits them" in page
        assert "note it, then try again" in text(desk.post(address, nights(house=alder.pk)))
        until = tonight(9)[1]
        page = text(desk.post(address, nights(leave_day=until, suits=f"{kestrel.pk} women")))
        assert "Ask Kestrel first" not in page and "Kestrel said: A house for women" in page and f"{until}" in page
        assert "1 bed is held" in text(desk.post(address, nights(house=alder.pk), follow=True))

    def test_so_it_does_on_the_other_pages_and_nobody_elses_answer_is_taken(self, held, kept, kestrel, charlie, signed_in, vera):
        desk = signed_in(vera)
        for address in (f"/stays/{held.pk}/", f"/stays/{held.pk}/move/", f"/stays/find/{kestrel.pk}/"):
            assert "Ask Kestrel first" in text(desk.get(address)), address
            for wrong in (f"{held.pk} women", f"{kestrel.pk} both", "women"):
                assert desk.post(address, {"suits": wrong}).status_code == 404
            assert signed_in(charlie).post(address, {"suits": f"{kestrel.pk} men"}).status_code == 404
        assert "Ask Kestrel first" not in text(desk.post(f"/stays/{held.pk}/", {"suits": f"{kestrel.pk} men"}, follow=True))
        page = text(desk.get(f"/stays/find/{kestrel.pk}/"))
        assert "House Birch" in page and "House Alder" not in page.split("Free beds")[-1]

"""The door of the houses: two never share a bed and a night, and nobody holds what is not theirs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from conftest import BOTH
from relocation.models import LedgerEntry
from relocation.safety import chain
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied, Refusal
from shelters import hosting, tape
from shelters.models import Bed, Stay
from tests.shelters.conftest import this_evening, tonight


def state_of(stay, by):
    with acting_as(by.pk):
        return Stay.objects.get(pk=stay.pk).state


class TestHold:
    def test_the_lead_holds_a_bed_for_a_day(self, held, vera):
        assert held.state == Stay.State.HELD
        assert timedelta(hours=23) < held.held_until - timezone.now() <= timedelta(hours=24)
        with acting_as(vera.pk):
            assert LedgerEntry.objects.filter(what="stay.held", about=held.pk).exists()

    def test_two_never_share_a_bed_and_a_night(self, held, place, heron_led, nina):
        with pytest.raises(hosting.BedTaken):
            place(heron_led, by=nina, nights=(tonight()[0] + timedelta(days=13), tonight()[1] + timedelta(days=9)))

    def test_the_day_of_leaving_is_free_for_the_next(self, held, place, heron_led, nina):
        leave = held.nights.upper
        assert place(heron_led, by=nina, nights=(leave, leave + timedelta(days=2))).pk

    def test_nor_by_sql_as_the_apps_role(self, held, bed, vera):
        same = "case_id, by_id, house_id, bed_id, nights, state, held_until, expected_from, expected_until"
        sql = f"INSERT INTO shelters_stay (id, {same}) SELECT gen_random_uuid(), {same} FROM shelters_stay WHERE id = %s"
        with acting_as(vera.pk), connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == ("harbour_app",)
            with pytest.raises(IntegrityError, match="one_stay_per_bed_and_night"), transaction.atomic():
                cursor.execute(sql, [held.pk])

    def test_a_hold_that_ran_out_frees_the_bed_for_a_case_that_cannot_see_it(self, place, heron_led, nina, vera, anton):
        old = place(until=timezone.now() - timedelta(minutes=1))
        new = place(heron_led, by=nina)
        assert state_of(new, nina) == Stay.State.HELD
        assert state_of(old, vera) == Stay.State.RELEASED
        with acting_as(vera.pk):
            said = LedgerEntry.objects.get(case_id=old.case_id, what="stay.released", about=old.pk)
            assert (said.actor_id, said.detail) == (nina.pk, "ran out")
        with acting_as(anton.pk):
            assert chain.verify().broken is None

    def test_a_closed_house_takes_nobody(self, place, alder, vera):
        with acting_as(vera.pk):
            type(alder).objects.filter(pk=alder.pk).update(is_open=False)
        with pytest.raises(hosting.HouseClosed):
            place()

    def test_nor_does_a_compromised_one(self, place, alder, vera):
        with acting_as(vera.pk):
            type(alder).objects.filter(pk=alder.pk).update(compromised_at=timezone.now())
        with pytest.raises(hosting.HouseClosed):
            place()

    def test_a_stranger_holds_nothing(self, place, charlie):
        with pytest.raises(Denied):
            place(by=charlie)

    def test_nor_does_the_coordinator_who_only_looks(self, place, mara):
        with pytest.raises(Denied):
            place(by=mara)


class TestConfirm:
    def test_the_host_hears_of_it(self, confirmed, hanna):
        with acting_as(hanna.pk):
            assert Stay.objects.hosted_by(hanna).get().case.alias == "Kestrel"

    def test_a_hold_is_told_to_no_host(self, held, hanna):
        with acting_as(hanna.pk):
            assert not Stay.objects.exists()

    def test_the_host_of_another_house_sees_nothing(self, confirmed, quentin):
        with acting_as(quentin.pk):
            assert not Stay.objects.exists()
            assert not Stay.objects.hosted_by(quentin).exists()

    def test_not_in_a_house_that_closed_meanwhile(self, held, alder, vera):
        with acting_as(vera.pk):
            type(alder).objects.filter(pk=alder.pk).update(is_open=False)
            with pytest.raises(hosting.HouseClosed):
                hosting.confirm(held, by=vera)

    def test_not_twice(self, confirmed, vera):
        with acting_as(vera.pk), pytest.raises(Refusal):
            hosting.confirm(confirmed, by=vera)


class TestRelease:
    def test_what_the_host_knew_ends_with_it(self, confirmed, vera, hanna):
        with acting_as(vera.pk):
            hosting.release(confirmed, by=vera)
        with acting_as(hanna.pk):
            assert not Stay.objects.hosted_by(hanna).exists()
        assert state_of(confirmed, vera) == Stay.State.RELEASED

    def test_whoever_was_there_has_left(self, confirmed, vera, hanna):
        with acting_as(hanna.pk):
            hosting.arrived(confirmed.pk, by=hanna)
        with acting_as(vera.pk):
            hosting.release(confirmed, by=vera)
            assert state_of(confirmed, vera) == Stay.State.LEFT
            with pytest.raises(Refusal):
                hosting.release(confirmed, by=vera)

    def test_a_host_releases_nothing(self, confirmed, hanna):
        with acting_as(hanna.pk), pytest.raises(Denied):
            hosting.release(confirmed, by=hanna)


class TestAtTheDoor:
    def test_the_host_of_another_house_touches_nothing(self, confirmed, quentin, vera):
        with acting_as(quentin.pk), pytest.raises(Denied):
            hosting.arrived(confirmed.pk, by=quentin)
        assert state_of(confirmed, vera) == Stay.State.CONFIRMED

    def test_a_mistake_is_put_right(self, confirmed, hanna, vera):
        with acting_as(hanna.pk):
            hosting.arrived(confirmed.pk, by=hanna)
            hosting.not_here(confirmed.pk, by=hanna)
        assert state_of(confirmed, vera) == Stay.State.NOT_HERE

    def test_whoever_comes_late_finds_the_bed_given_away(self, confirmed, hanna, place, heron_led, nina):
        with acting_as(hanna.pk):
            hosting.not_here(confirmed.pk, by=hanna)
        place(heron_led, by=nina)
        with acting_as(hanna.pk), pytest.raises(hosting.BedTaken):
            hosting.arrived(confirmed.pk, by=hanna)

    def test_a_held_bed_is_entered_by_nobody(self, held, vera):
        with acting_as(vera.pk), pytest.raises(Refusal):
            hosting.arrived(held.pk, by=vera)


class TestFreeBeds:
    def test_the_host_says_and_takes_back(self, alder, hanna):
        with acting_as(hanna.pk):
            hosting.say_free(alder, 2, by=hanna)
            hosting.say_free(alder, 1, by=hanna)
            assert hosting.undo_free(alder, by=hanna).beds == 2
            assert hosting.undo_free(alder, by=hanna) is None

    def test_the_host_of_another_house_says_nothing(self, alder, quentin):
        with acting_as(quentin.pk), pytest.raises(Denied):
            hosting.say_free(alder, 2, by=quentin)


class TestTakenNights:
    def test_a_colleague_sees_that_and_not_who(self, held, charlie):
        first, until = tonight(3)
        with acting_as(charlie.pk):
            assert len(tape.taken_nights(first, until)) == 3
            assert not Stay.objects.exists()

    def test_the_day_of_leaving_is_not_a_night(self, held, charlie):
        leave = held.nights.upper
        with acting_as(charlie.pk):
            assert not tape.taken_nights(leave, leave + timedelta(days=30))

    def test_a_hold_that_ran_out_takes_nothing(self, place, charlie):
        place(until=timezone.now() - timedelta(minutes=1))
        with acting_as(charlie.pk):
            assert not tape.taken_nights(*tonight())

    def test_nobody_from_outside_the_desk_is_told(self, held, quentin, elise):
        for outsider in (quentin, elise):
            with acting_as(outsider.pk):
                assert not tape.taken_nights(*tonight())

    def test_nor_may_they_give_back_a_hold(self, place, bed, quentin, vera):
        old = place(until=timezone.now() - timedelta(minutes=1))
        with acting_as(quentin.pk), connection.cursor() as cursor:
            cursor.execute("SELECT harbour_give_back(%s)", [bed.pk])
        assert state_of(old, vera) == Stay.State.HELD


@pytest.mark.django_db(transaction=True, databases=BOTH)
class TestRace:
    def test_of_twenty_who_want_one_bed_one_has_it(self, request):
        with transaction.atomic():
            kestrel, bed, vera = (request.getfixturevalue(name) for name in ("kestrel", "bed", "vera"))

        def run(_n):
            try:
                with acting_as(vera.pk):
                    mine = Bed(pk=bed.pk, house_id=bed.house_id)
                    hosting.hold(mine, kestrel, tonight(), window=this_evening(), by=vera)
                return "held"
            except hosting.BedTaken:
                return "taken"
            finally:
                connections.close_all()

        with ThreadPoolExecutor(20) as pool:
            outcomes = list(pool.map(run, range(20)))
        assert sorted(outcomes) == ["held", *["taken"] * 19]

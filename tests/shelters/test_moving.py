"""Between two beds: nothing is lost, nothing is double, and what the database says besides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from relocation.journey.kin import NotAdmitted
from relocation.models import Bar, LedgerEntry, Outbox
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied, Refusal
from shelters import expiring, fitting, hosting, moving
from shelters.models import Closure, House, Stay, Vetting
from tests.shelters.conftest import this_evening, tonight

DAY = timedelta(days=1)


@pytest.fixture
def there(confirmed, hanna):
    """Kestrel in Alder, arrived."""
    with acting_as(hanna.pk):
        return hosting.arrived(confirmed.pk, by=hanna)


@pytest.fixture
def birch_bed(birch, vera):
    """The first bed in Birch."""
    with acting_as(vera.pk):
        return birch.beds.select_related("house").first()


def closed(house, by, first=0, nights=3, **where):
    """The house, or a part of it, closed from so many days after tonight for some nights."""
    day = tonight()[0] + first * DAY
    with acting_as(by.pk):
        return Closure.objects.create(house=house, by=by, nights=DateRange(day, day + nights * DAY), **where)


def who_hosts(stay, by):
    with acting_as(by.pk):
        return [grant.user.username for grant in access.holders(stay.case_id, Role.HOST).filter(scope=stay.pk)]


class TestMove:
    def test_one_stay_ends_where_the_next_begins_and_the_old_host_knows_nothing_more(self, there, birch_bed, vera):
        with acting_as(vera.pk):
            new = moving.move(there, birch_bed, window=this_evening(), by=vera)
            old = Stay.objects.get(pk=there.pk)
        assert (old.state, new.state, new.follows_id) == ("left", "confirmed", old.pk)
        assert (new.nights.lower, new.nights.upper) == (timezone.localdate(), there.nights.upper)
        assert (who_hosts(old, vera), who_hosts(new, vera)) == ([], ["pekka"])
        with acting_as(vera.pk):
            told = [row.ids["stay"] for row in Outbox.objects.filter(kind="stay_changed", originator=vera).order_by("-pk")[:2]]
            assert set(told) == {str(old.pk), str(new.pk)}
            assert LedgerEntry.objects.filter(what="stay.moved", about=new.pk).count() == 1

    def test_what_was_only_held_stays_held(self, held, birch_bed, vera):
        with acting_as(vera.pk):
            new = moving.move(held, birch_bed, window=this_evening(), by=vera)
        assert new.state == Stay.State.HELD and who_hosts(new, vera) == []

    def test_a_refused_move_leaves_everything_as_it_was(self, there, birch_bed, birch, vera, heron_led, nina, place):
        place(heron_led, bed=birch_bed, by=nina)
        with acting_as(vera.pk), pytest.raises(fitting.BedTaken):
            moving.move(there, birch_bed, window=this_evening(), by=vera)
        closure = closed(birch, vera, first=2)
        with acting_as(vera.pk):
            other = birch.beds.exclude(pk=birch_bed.pk).select_related("house").first()
            with pytest.raises(fitting.HouseClosed):
                moving.move(there, other, window=this_evening(), by=vera)
            Closure.objects.filter(pk=closure.pk).update(opened_at=timezone.now())
            Bar(case=there.case, by=vera, name="Birch").save(force_insert=True)
            with pytest.raises(NotAdmitted):
                moving.move(there, other, window=this_evening(), by=vera)
            with pytest.raises(Refusal):
                moving.move(there, there.bed, window=this_evening(), by=vera)
            assert [stay.state for stay in Stay.objects.filter(case=there.case)] == ["arrived"]
        assert who_hosts(there, vera) == ["hanna"]

    def test_nobody_but_the_lead_moves_and_what_is_over_stays_over(self, there, birch_bed, vera, mara, hanna, charlie):
        for stranger in (mara, hanna, charlie):
            with acting_as(stranger.pk), pytest.raises(Denied):
                moving.move(there, birch_bed, window=this_evening(), by=stranger)
        with acting_as(vera.pk):
            hosting.release(there, by=vera)
            with pytest.raises(Refusal):
                moving.move(there, birch_bed, window=this_evening(), by=vera)


class TestExtend:
    def test_the_host_knows_as_long_as_it_lasts(self, there, vera, hanna):
        for days in (5, -10):
            with acting_as(vera.pk):
                until = there.nights.upper + days * DAY
                assert moving.extend(there, until, by=vera).nights.upper == until
                (grant,) = access.holders(there.case_id, Role.HOST).filter(scope=there.pk)
            assert grant.expires_at.date() == until + DAY

    def test_not_over_anothers_nights_nor_closed_ones_nor_the_houses_limit(self, there, alder, place, heron_led, nina, vera):
        upper = there.nights.upper
        place(heron_led, by=nina, nights=(upper + 3 * DAY, upper + 9 * DAY))
        closure = closed(alder, vera, first=16, nights=1, bed_id=there.bed_id)
        with acting_as(vera.pk):
            with pytest.raises(fitting.BedTaken):
                Closure.objects.filter(pk=closure.pk).update(opened_at=timezone.now())
                moving.extend(there, upper + 4 * DAY, by=vera)
            Closure.objects.filter(pk=closure.pk).update(opened_at=None)
            with pytest.raises(fitting.HouseClosed):
                moving.extend(there, upper + 3 * DAY, by=vera)
            House.objects.filter(pk=alder.pk).update(stay_limit=14)
            with pytest.raises(fitting.NotSuited) as refused:
                moving.extend(there, upper + 1 * DAY, by=vera)
            assert "14 nights" in refused.value.sentence
            House.objects.filter(pk=alder.pk).update(stay_limit=15)
            assert moving.extend(there, upper + 1 * DAY, by=vera)

    def test_not_into_the_past_and_not_once_it_is_over(self, there, vera, mara):
        with acting_as(mara.pk), pytest.raises(Denied):
            moving.extend(there, there.nights.upper + DAY, by=mara)
        with acting_as(vera.pk):
            with pytest.raises(Refusal):
                moving.extend(there, timezone.localdate(), by=vera)
            hosting.release(there, by=vera)
            with pytest.raises(Refusal):
                moving.extend(there, there.nights.upper + DAY, by=vera)


class TestWhoMayCome:
    def test_a_house_says_whom_it_takes(self, place, alder, kestrel, vera):
        with acting_as(vera.pk):
            house = House.objects.filter(pk=alder.pk)
            house.update(largest_household=2)
            type(kestrel).objects.visible_to(vera).filter(pk=kestrel.pk).update(household_size=3, is_minor=True)
            kestrel.household_size, kestrel.is_minor = 3, True
            with pytest.raises(hosting.NotSuited):
                place()
            house.update(largest_household=3, takes=House.Takes.ADULTS)
            with pytest.raises(hosting.NotSuited):
                place()
            house.update(takes=House.Takes.EVERYBODY)
            assert place()

    def test_nobody_is_received_by_a_host_nobody_vouched_for(self, held, place, alder, bed, vera, quentin, birch):
        with acting_as(vera.pk):
            Vetting.objects.filter(house=alder).update(renew_by=timezone.localdate() - DAY)
            with pytest.raises(hosting.HouseClosed) as refused:
                hosting.confirm(held, by=vera)
            assert "vouched" in refused.value.sentence
            Vetting.objects.filter(house=alder).update(renew_by=timezone.localdate())
            assert hosting.confirm(held, by=vera).state == "confirmed"
            other = place(bed=birch.beds.first())
            hosting.confirm(other, by=vera)
        assert who_hosts(other, vera) == ["pekka"], "Quentin keeps Birch too, and nobody vouched for him"

    def test_a_hold_is_looked_at_again_when_it_is_confirmed(self, held, alder, bed, vera):
        closed(alder, vera, first=1, room_id=bed.room_id)
        with acting_as(vera.pk), pytest.raises(hosting.HouseClosed):
            hosting.confirm(held, by=vera)

    @pytest.mark.parametrize(
        ("named", "wrong"),
        [
            ("stay_in_open_house", "UPDATE shelters_house SET is_open = false WHERE id = %(house)s"),
            ("stay_in_open_house", "UPDATE shelters_house SET compromised_at = now() WHERE id = %(house)s"),
            ("stay_with_vetted_host", "UPDATE shelters_vetting SET withdrawn_at = now() WHERE house_id = %(house)s"),
            ("stay_on_open_nights", "INSERT INTO shelters_closure (id, house_id, nights, why, by_id) VALUES "
             "(gen_random_uuid(), %(house)s, '[today,tomorrow]', 'rest', %(by)s)"),
        ],
    )  # fmt: skip
    def test_the_database_says_so_too(self, held, named, wrong, vera):
        names = {"house": held.house_id, "by": vera.pk, "stay": held.pk}
        same = "case_id, by_id, house_id, bed_id, state, held_until, expected_from, expected_until"
        copy = (
            f"INSERT INTO shelters_stay (id, {same}, nights) SELECT gen_random_uuid(), {same}, daterange(lower(nights) - 9, "
            "upper(nights)) FROM shelters_stay WHERE id = %(stay)s"
        )
        longer = "UPDATE shelters_stay SET nights = daterange(lower(nights), upper(nights) + 1) WHERE id = %(stay)s"
        with acting_as(vera.pk), connection.cursor() as cursor:
            cursor.execute(wrong, names)
            for attack in (copy, longer, "UPDATE shelters_stay SET state = 'confirmed' WHERE id = %(stay)s"):
                with pytest.raises(IntegrityError, match=named), transaction.atomic():
                    cursor.execute(attack, names)

    def test_who_is_there_is_not_driven_out_by_it(self, confirmed, alder, vera, hanna):
        closed(alder, vera)
        with acting_as(vera.pk):
            House.objects.filter(pk=alder.pk).update(compromised_at=timezone.now())
        with acting_as(hanna.pk):
            assert hosting.arrived(confirmed.pk, by=hanna).state == "arrived"
        with acting_as(vera.pk):
            assert moving.extend(confirmed, confirmed.nights.upper - DAY, by=vera)


class TestHoldsExpire:
    def test_once_by_the_databases_clock_and_the_lead_is_told(self, place, kestrel, vera, birch):
        late = place(until=timezone.now() - timedelta(minutes=1))
        with acting_as(vera.pk):
            waits = place(bed=birch.beds.first())
        assert (expiring.run_out(), expiring.run_out()) == (1, 0)
        with acting_as(vera.pk):
            assert {stay.pk: stay.state for stay in Stay.objects.all()} == {late.pk: "released", waits.pk: "held"}
            said = LedgerEntry.objects.get(case_id=kestrel.pk, what="stay.released", about=late.pk)
            assert (said.actor_id, said.detail) == (expiring.OWNER, "ran out")
        with acting_as(expiring.OWNER):
            row = Outbox.objects.get(key=f"stay_changed:{late.pk}:ran-out")
            assert row.ids == {"stay": str(late.pk), "case": str(kestrel.pk)}

    def test_nobody_confirms_what_ran_out(self, place, vera):
        late = place(until=timezone.now() - timedelta(seconds=1))
        with acting_as(vera.pk), pytest.raises(Refusal) as refused:
            hosting.confirm(late, by=vera)
        assert "has run out" in refused.value.sentence

    def test_nobody_but_the_sweep_runs_holds_out(self, place, vera, mara):
        place(until=timezone.now() - timedelta(minutes=1))
        for somebody in (vera, mara):
            with acting_as(somebody.pk), connection.cursor() as cursor:
                cursor.execute("SELECT harbour_run_out()")
                assert cursor.fetchone() == (0,)

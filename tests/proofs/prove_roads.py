"""R1 to R3 and G15: days of documents, legs that stand ready, and seats that a carrier holds."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from fiction.telling import as_
from logistics import dispatch, document_clock, holds, schengen, switching
from logistics.document_clock import Held, Paper, Visa, Way
from logistics.models import Alternate, Leg, Passage, Seat
from logistics.schengen import Stay
from tests.proofs import owner
from tests.proofs.crowd import at_once
from tests.proofs.prove_faults import Breaks, Broken
from tests.proofs.tally import SEED, Tally, guarantee, scale
from tests.proofs.telling import Told
from tests.proofs.world import World, fresh

pytestmark = pytest.mark.usefixtures("lasting")
DAY = timedelta(days=1)
SPRING = [Stay(date(2024, 1, 1), date(2024, 3, 30))]
TWICE = [Stay(date(2024, 1, 1), date(2024, 1, 10)), Stay(date(2024, 3, 1), date(2024, 4, 19))]
# What the calculator of the Commission and the visa offices' own examples say.
VECTORS = [
    ("90 days in a row", schengen.used(SPRING, date(2024, 3, 30)), 90),
    ("a day too early", schengen.on_entry(SPRING, date(2024, 6, 28)), 91),
    ("a day too early is refused", schengen.may_enter(SPRING, date(2024, 6, 28)), False),
    ("the next day", schengen.on_entry(SPRING, date(2024, 6, 29)), 90),
    ("the next day is allowed", schengen.may_enter(SPRING, date(2024, 6, 29)), True),
    ("the first day", schengen.first_day(SPRING, date(2024, 4, 1)), date(2024, 6, 29)),
    ("its last day", schengen.last_day(SPRING, date(2024, 6, 29)), date(2024, 9, 26)),
    ("two stays", schengen.used(TWICE, date(2024, 4, 19)), 60),
    ("what is left", schengen.left(TWICE, date(2024, 4, 19)), 30),
    ("90 days away", schengen.last_day(SPRING, date(2024, 6, 29) + 0 * DAY), date(2024, 9, 26)),
    ("a permit does not count", schengen.used([Stay(date(2024, 1, 1), counts=False)], date(2024, 6, 1)), 0),
    ("a leap day counts", schengen.used([Stay(date(2024, 2, 28), date(2024, 3, 1))], date(2024, 3, 1)), 3),
]
ENTRY = date(2026, 12, 3)
WAY = Way(ENTRY, ENTRY, (ENTRY,), (ENTRY,))
VISA = Visa(ENTRY, ENTRY + 30 * DAY)
GOOD = Paper(date(2020, 1, 1), document_clock.months_after(VISA.last, 3), 2)
# One paper, and which rule it breaks: each on its last good day beside its first bad one.
PAPERS = [
    (GOOD, None),
    (Paper(GOOD.issued_on, GOOD.expires_on and GOOD.expires_on - DAY, 2), "lasts"),
    (Paper(date(2016, 12, 4), GOOD.expires_on, 2), None),
    (Paper(date(2016, 12, 3), GOOD.expires_on, 2), "issued"),
    (Paper(GOOD.issued_on, GOOD.expires_on, 1), "pages"),
]


@guarantee("R1")
def test_the_authorities_own_examples(tally: Tally) -> None:
    for words, found, expected in VECTORS:
        tally.check(found == expected, f"{words}: {found} and not {expected}")
    for paper, broken in PAPERS:
        held = Held(documents=(paper,), visas=(VISA,))
        rules = {f.rule.value for f in document_clock.judge(WAY, held) if not f.holds} - {"debts", "wanted"}
        tally.check(rules == ({broken} if broken else set()), f"{paper}: {rules}")
    tally.count("vectors", len(VECTORS) + len(PAPERS))


@guarantee("R1")
def test_counting_each_day_by_hand_gives_the_same(tally: Tally) -> None:
    chance, start = random.Random(SEED), date(2023, 1, 1)
    for number in range(scale(2000, 100)):
        firsts = sorted(start + chance.randrange(900) * DAY for _ in range(chance.randrange(6)))
        stays = [Stay(first, first + chance.randrange(120) * DAY, chance.random() < 0.8) for first in firsts]
        on = start + chance.randrange(1000) * DAY
        days = [on - back * DAY for back in range(180)]
        by_hand = sum(any(s.counts and s.first <= day <= (s.last or day) for s in stays) for day in days)
        tally.check(schengen.used(stays, on) == by_hand, f"draw {number}")
    tally.count("draws", scale(2000, 100))


def ride(by: Any, seats: int = 2, hours: int = 6) -> Leg:
    leaves = timezone.now() + timedelta(hours=hours)
    leg = Leg(mode="car", from_place="A", to_place="B", departs_at=leaves, arrives_at=leaves + timedelta(hours=3), seats=seats)
    return dispatch.add_leg(leg, by=by)


def seated(told: Told, leg: Leg, other: Leg, by: Any) -> Alternate:
    """Somebody with a seat, and a leg that stands ready for it."""
    way = dispatch.plan(told.case(by), Passage.Purpose.EXTRACTION, [leg], by=by)
    return switching.stand_by(way.seats.get(), other, by=by)


WRITTEN = "SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM {} x WHERE x.case_id = %s"


def written(case_id: Any) -> list[Any]:
    """What a switch writes of one case."""
    tables = ("logistics_seat", "logistics_alternate", "relocation_casegrant", "relocation_ledgerentry")
    return [owner.rows(WRITTEN.format(table), case_id) for table in tables]


def live_seats(case_id: Any) -> Any:
    return owner.rows("SELECT count(*) FROM logistics_seat WHERE case_id = %s AND given_up_at IS NULL", case_id)[0][0]


@guarantee("R2")
def test_a_switch_that_breaks_anywhere_leaves_one_seat(world: World, tally: Tally) -> None:
    told = fresh(world)
    with as_(world["vera"]) as vera:
        ready = seated(told, ride(vera), ride(vera, hours=8), vera)

    for after in range(300):
        before = written(told.case_id)
        try:
            with connection.execute_wrapper(Breaks(after)), as_(world["vera"]) as vera:
                switching.switch(Alternate.objects.get(pk=ready.pk), by=vera)
        except Broken:
            tally.check(written(told.case_id) == before, f"broken before statement {after + 1}, something stayed")
            tally.check(live_seats(told.case_id) == 1, f"broken before statement {after + 1}, not one seat")
            continue
        tally.check(written(told.case_id) != before, "the switch did nothing")
        break
    tally.check(live_seats(told.case_id) == 1, "after the switch there is not one seat")
    tally.count("statements", after)


@guarantee("R2")
def test_of_many_who_switch_to_the_same_leg_as_many_go_as_there_are_seats(world: World, tally: Tally) -> None:
    people = [fresh(world) for _ in range(scale(8, 4))]
    with as_(world["vera"]) as vera:
        common = ride(vera, seats=2, hours=9)
        ready = [seated(told, ride(vera), common, vera) for told in people]

    def switch(number: int) -> None:
        with as_(world["vera"]) as vera:
            switching.switch(Alternate.objects.get(pk=ready[number % len(ready)].pk), by=vera)

    many = scale(100, 12)
    outcomes = at_once(switch, many)
    tally.check(outcomes["done"] == 2, f"switches: {dict(outcomes)}")
    tally.check(set(outcomes) <= {"done", "NoSeat", "NotNow"}, f"outcomes: {dict(outcomes)}")
    for told in people:
        tally.check(live_seats(told.case_id) == 1, "somebody has two seats, or none")
    tally.count("threads", many)


@guarantee("R3")
def test_a_hold_that_ran_out_is_given_back_once_by_the_clock_of_the_database(world: World, tally: Tally) -> None:
    told, many = fresh(world), scale(20, 6)
    with as_(world["vera"]) as vera:
        seat = dispatch.plan(told.case(vera), Passage.Purpose.EXTRACTION, [ride(vera)], by=vera).seats.get()
        holds.hold(seat, timezone.now() + timedelta(hours=1), by=vera)
    tally.check(holds.sweep() == 0 and live_seats(told.case_id) == 1, "given back too early")
    with as_(world["vera"]):
        Seat.objects.filter(pk=seat.pk).update(held_until=timezone.now() - timedelta(seconds=1))
    outcomes = at_once(lambda _number: holds.sweep(), many)
    tally.check(outcomes == {"done": many}, f"sweeps: {dict(outcomes)}")
    entries = owner.rows("SELECT count(*) FROM relocation_ledgerentry WHERE about = %s AND what = 'seat.ran_out'", seat.pk)
    jobs = owner.rows("SELECT count(*) FROM relocation_outbox WHERE key = %s", f"hold_over:{seat.pk}")
    tally.check(live_seats(told.case_id) == 0 and entries == jobs == [(1,)], f"entries {entries}, jobs {jobs}")
    tally.count("told_twice", jobs[0][0] - 1)

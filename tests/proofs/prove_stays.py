"""H1, H3 and G15 of beds: a hold ends by itself and once; a move happens wholly or not at all; no bed is taken twice by moves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from fiction import ground
from fiction.telling import as_
from relocation.models import Account, Stage
from shelters import expiring, hosting, moving
from shelters.models import Bed, Stay
from tests.proofs import owner
from tests.proofs.crowd import at_once
from tests.proofs.prove_faults import state, whole_or_nothing
from tests.proofs.tally import QUICK, Tally, guarantee, scale
from tests.proofs.telling import Told
from tests.proofs.world import World, fresh

pytestmark = pytest.mark.usefixtures("lasting")
LATE = "UPDATE shelters_stay SET held_until = statement_timestamp() - %s::interval WHERE id = ANY(%s)"
STATES = "SELECT state, count(*) FROM shelters_stay WHERE id = ANY(%s) GROUP BY 1"
SAID = "SELECT about, count(*) FROM relocation_ledgerentry WHERE what = 'stay.released' AND about = ANY(%s) GROUP BY 1"
TOLD = "SELECT key, count(*) FROM relocation_outbox WHERE key = ANY(%s) GROUP BY 1"
TWICE = """SELECT count(*) FROM shelters_stay a JOIN shelters_stay b ON a.bed_id = b.bed_id AND a.id < b.id
  WHERE a.nights && b.nights AND a.state = ANY(%s) AND b.state = ANY(%s)"""
TAKES = ["held", "confirmed", "arrived"]
RUNS = "SELECT count(*) FROM shelters_stay WHERE case_id = %s AND state IN ('held', 'confirmed', 'arrived', 'not_here')"


def beds(code: str, many: int) -> list[Bed]:
    """So many beds of a house that nobody has. Raises where other proofs have left fewer."""
    free = "SELECT bed_id FROM shelters_stay WHERE state IN ('held', 'confirmed', 'arrived')"
    taken = [pk for (pk,) in owner.rows(free)]
    found = list(Bed.objects.filter(house__code=code).exclude(pk__in=taken).select_related("house").order_by("pk")[:many])
    if len(found) < many:
        raise LookupError(f"{code} has {len(found)} free beds and not {many}")
    return found


def held(told: Told, bed: Bed, by: Account) -> Stay:
    today, now = timezone.localdate(), timezone.now()
    nights = (today, today + timedelta(days=9))
    return hosting.hold(bed, told.case(by), nights, window=(now, now + timedelta(hours=2)), by=by)


def move(stay: Stay, bed: Bed, by: Account) -> Stay:
    now = timezone.now()
    return moving.move(stay, bed, window=(now, now + timedelta(hours=2)), by=by)


@guarantee("H1")
def test_a_hold_ends_by_itself_and_once(world: World, tally: Tally) -> None:
    told, many = fresh(world).until(Stage.ACCEPTED), scale(24, 8)
    ground.open_houses(world.ground, {"Spruce": many + 1})
    with as_(world["vera"]) as vera:
        stays = [held(told, bed, vera) for bed in beds("Spruce", many + 1)]
    *late, waits = [stay.pk for stay in stays]
    # Some ran out a minute ago, some while everything was switched off.
    owner.rows(LATE, "1 minute", late[::2])
    owner.rows(LATE, "9 days", late[1::2])
    with as_(world["vera"]):
        standing = set(Stay.objects.filter(pk__in=[*late, waits]).standing().values_list("pk", flat=True))
    tally.check(standing == {waits}, "a hold that ran out still keeps its bed before any sweep")
    outcomes = at_once(lambda _number: expiring.run_out(), scale(20, 6))
    tally.check(outcomes == {"done": scale(20, 6)}, f"sweeps at once: {dict(outcomes)}")
    tally.check(expiring.run_out() == 0, "something was left for a later sweep")
    tally.check(dict(owner.rows(STATES, [*late, waits])) == {"released": many, "held": 1}, "states after the sweep")
    tally.check(dict(owner.rows(SAID, late)) == dict.fromkeys(late, 1), "entries of the ledger, one for each hold")
    keys = [f"stay_changed:{pk}:ran-out" for pk in late]
    tally.check(dict(owner.rows(TOLD, keys)) == dict.fromkeys(keys, 1), "jobs that tell the lead, one for each hold")
    tally.count("holds", many)


@guarantee("H1")
def test_only_the_databases_clock_ends_it(world: World, tally: Tally) -> None:
    told = fresh(world).until(Stage.ACCEPTED)
    with as_(world["vera"]) as vera:
        stay = held(told, beds("Elm", 1)[0], vera)
    for days in (-1, 1):
        with patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(days=days)):
            tally.check(expiring.run_out() == 0, f"a machine whose clock is {days} day off ends a hold")
    owner.rows(LATE, "1 second", [stay.pk])
    with patch("django.utils.timezone.now", return_value=timezone.now() - timedelta(days=1)):
        with as_(world["vera"]) as vera:
            outcome = at_once(lambda _number: _confirm(stay, world), 1)
        tally.check(outcome == {"Refusal": 1}, f"a hold that ran out was confirmed: {dict(outcome)}")
        tally.check(expiring.run_out() == 1, "a machine whose clock is slow keeps a hold")


def _confirm(stay: Stay, world: World) -> None:
    with as_(world["vera"]) as vera:
        hosting.confirm(stay, by=vera)


@guarantee("H3")
def test_a_move_that_breaks_leaves_nothing_behind(world: World, tally: Tally) -> None:
    told = fresh(world).until(Stage.ACCEPTED)
    with as_(world["vera"]) as vera:
        first, second = beds("Rowan", 1)[0], beds("Elm", 1)[0]
        stay = hosting.confirm(held(told, first, vera), by=vera)
    whole_or_nothing("move", lambda: _move(stay, second, world), tally)
    with as_(world["vera"]):
        now = Stay.objects.filter(case=told.case_id).latest("at")
    until = now.nights.upper + timedelta(days=1)
    if not QUICK:
        whole_or_nothing("extend", lambda: _extend(now, until, world), tally)
    tally.check(owner.rows(RUNS, told.case_id) == [(1,)], "the person has one bed")


def _move(stay: Stay, bed: Bed, world: World) -> None:
    with as_(world["vera"]) as vera:
        move(stay, bed, vera)


def _extend(stay: Stay, until: Any, world: World) -> None:
    with as_(world["vera"]) as vera:
        moving.extend(stay, until, by=vera)


class Killed:
    """Lets so many statements pass; then the database ends the connection in the middle of the next, as a dying server does."""

    def __init__(self, after: int) -> None:
        self.left, self.killed = after, False

    def __call__(self, execute: Callable[..., Any], *told: Any) -> Any:
        if not self.left and not self.killed:
            self.killed = True
            with owner.connect() as eyes:
                eyes.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
        self.left -= 1
        return execute(*told)


@guarantee("H3")
def test_a_database_that_dies_in_a_move_leaves_nothing_double_and_nothing_lost(world: World, tally: Tally) -> None:
    told = fresh(world).until(Stage.ACCEPTED)
    with as_(world["vera"]) as vera:
        here, there = beds("Rowan", 1)[0], beds("Elm", 1)[0]
        stay = hosting.confirm(held(told, here, vera), by=vera)
    for after in range(0, 90, scale(1, 12)):
        before, killed = state(), Killed(after)
        outcome = at_once(lambda _number, killed=killed: _die(killed, stay, there, world), 1)  # type: ignore[misc]
        if outcome == {"done": 1}:
            tally.check(not killed.killed, f"statement {after + 1}: the move went on although its connection was ended")
            break
        whole = state() == before
        tally.check(whole, f"killed before statement {after + 1}, something stayed")
        tally.count("partial_states", not whole)
        tally.count("kills")
    if not owner.rows("SELECT 1 FROM shelters_stay WHERE follows_id = %s", stay.pk):
        _move(stay, there, world)
    tally.check(owner.rows(RUNS, told.case_id) == [(1,)], "moved once more, the person has one bed")
    tally.check(owner.rows(TWICE, TAKES, TAKES) == [(0,)], "two have one bed")


def _die(killed: Killed, stay: Stay, bed: Bed, world: World) -> None:
    try:
        with connection.execute_wrapper(killed):
            _move(stay, bed, world)
    except psycopg.Error as error:
        raise OperationalError from error


@guarantee("G15")
def test_a_bed_that_many_move_into_is_given_once(world: World, tally: Tally) -> None:
    told = [fresh(world).until(Stage.ACCEPTED) for _ in range(scale(8, 3))]
    with as_(world["vera"]) as vera:
        *homes, wanted = beds("Elm", len(told) + 1)
        stays = [held(one, bed, vera) for one, bed in zip(told, homes, strict=True)]

    def take(number: int) -> None:
        with as_(world["vera"]) as vera:
            move(stays[number % len(stays)], wanted, vera)

    many = scale(100, 12)
    outcomes = at_once(take, many)
    tally.check(outcomes["done"] == 1, f"moves: {dict(outcomes)}")
    tally.check(set(outcomes) <= {"done", "BedTaken", "Refusal"}, f"moves: {dict(outcomes)}")
    tally.check(owner.rows(TWICE, TAKES, TAKES) == [(0,)], "two have one bed")
    for one in told:
        tally.check(owner.rows(RUNS, one.case_id) == [(1,)], "somebody has lost their bed, or has two")
    tally.count("overbooked", owner.rows(TWICE, TAKES, TAKES)[0][0])

"""P1: a placement that is killed at any moment is made once, and what was accepted is held once, whole or not at all."""

from collections.abc import Callable
from contextlib import suppress
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from fiction.telling import as_
from relocation.models import Outbox
from relocation.safety.actor import acting_as
from relocation.safety.keys import keys_in_hand
from shelters.models import Proposal
from shelters.placement import proposing, solver
from tests.proofs import owner
from tests.proofs.prove_faults import Breaks, Broken
from tests.proofs.tally import Tally, guarantee, scale
from tests.proofs.telling import Told
from tests.proofs.world import World, fresh

pytestmark = [guarantee("P1"), pytest.mark.usefixtures("lasting")]
OFFERS = "SELECT count(*), count(stay_id) FROM shelters_offered WHERE proposal_id = %s"
HELD = "SELECT count(*) FROM shelters_stay WHERE case_id = %s AND state = 'held'"
STATE = "SELECT state FROM shelters_proposal WHERE id = %s"
FAR = timedelta(days=120)  # nights that no other proof asks for


def ordered(world: World, told: Told) -> tuple[Proposal, Outbox]:
    """A proposal for one person that waits in the outbox."""
    first = timezone.localdate() + FAR
    with as_(world["vera"]) as vera:
        nights = (first, first + timedelta(days=3))
        made = proposing.ask(uuid4(), [told.case_id], nights, (time(18), time(21)), by=vera)
        return made, Outbox.objects.select_related("originator").get(kind="propose", key=f"propose:{made.pk}")


def work(world: World, row: Outbox) -> None:
    """Do the job as a worker does, without what it does after a failure."""
    with acting_as(world["vera"].pk), keys_in_hand():
        proposing.propose(row)


def broken_everywhere(act: Callable[[], Any], nothing: Callable[[], bool], words: str, tally: Tally) -> None:
    """Break before many of its statements, then let it happen."""
    for after in range(0, 2000, scale(1, 11)):
        try:
            with connection.execute_wrapper(Breaks(after)):
                act()
        except Broken:
            whole = nothing()
            tally.check(whole, f"{words}: broken before statement {after + 1}, something stayed")
            tally.count("partial_states", not whole)
            continue
        return


def test_broken_anywhere_it_is_made_once_and_accepted_once(world: World, tally: Tally) -> None:
    told = fresh(world)
    made, row = ordered(world, told)
    broken_everywhere(lambda: work(world, row), lambda: owner.rows(OFFERS, made.pk) == [(0, 0)], "made", tally)
    tally.check(owner.rows(STATE, made.pk) == [("ready",)], "it was never made")
    work(world, row)
    tally.check(owner.rows(OFFERS, made.pk) == [(1, 0)], "it was made twice, or holds a bed by itself")
    broken_everywhere(lambda: accepted(world, told, made), lambda: untouched(told, made), "accepted", tally)
    accepted(world, told, made)
    once = owner.rows(HELD, told.case_id) == [(1,)] and owner.rows(OFFERS, made.pk) == [(1, 1)]
    tally.check(once, "accepted twice it is not held once")
    tally.count("held_twice", not once)


def accepted(world: World, told: Told, made: Proposal) -> None:
    with as_(world["vera"]) as vera:
        proposing.accept(made.pk, told.case_id, by=vera)


def untouched(told: Told, made: Proposal) -> bool:
    return owner.rows(HELD, told.case_id) == [(0,)] and owner.rows(OFFERS, made.pk) == [(1, 0)]


def test_a_database_that_dies_while_it_is_solved_loses_nothing(
    world: World, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = fresh(world)
    made, row = ordered(world, told)
    solve = solver.solve

    def while_the_database_dies(*asked: Any, **rest: Any) -> Any:
        with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return solve(*asked, **rest)

    monkeypatch.setattr(solver, "solve", while_the_database_dies)
    try:
        work(world, row)
        tally.check(False, "the database did not die")
    except (DatabaseError, InterfaceError):
        tally.check(owner.rows(OFFERS, made.pk) == [(0, 0)], "half of it was written")
    finally:
        connection.close()
    monkeypatch.setattr(solver, "solve", solve)
    work(world, row)
    tally.check(owner.rows(OFFERS, made.pk) == [(1, 0)] and owner.rows(STATE, made.pk) == [("ready",)], "it was not made after")

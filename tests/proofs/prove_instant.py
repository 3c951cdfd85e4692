"""G47: a grant that is given in the very moment in which its case is locked, or opened again, fits the lock seconds later."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.db import connection

from conftest import BOTH
from relocation.jobs import tasks
from relocation.models import Account, Case
from relocation.safety import access, locks
from relocation.safety.policy import Role
from tests.proofs.crowd import at_once
from tests.proofs.tally import Tally, guarantee, scale
from tests.safety.committed import as_, kestrel, referred
from tests.safety.raw import sql

__all__ = ["kestrel", "referred"]
pytestmark = [guarantee("G47"), pytest.mark.django_db(transaction=True, databases=BOTH)]
SEES = "SELECT 1 FROM relocation_case WHERE id = %s"
SECONDS = 10


def test_a_grant_in_the_moment_of_a_lock_is_closed_and_in_the_moment_of_its_end_is_opened(
    kestrel: Case, ground: Any, tally: Tally
) -> None:
    mara, greta, nina = ground["mara"], ground["greta"], ground["nina"]
    for _round in range(scale(10, 1)):
        _in_one_moment(lambda: _lock(kestrel, mara), kestrel, greta, nina, tally)
        tally.count("fell into the moment", _sees(kestrel, nina))
        tasks.sweep()
        tally.count("open", not tally.check(not _sees(kestrel, nina), "a grant is open though the case is locked"))
        _lift(kestrel, mara)
        _lift(kestrel, greta)
        tally.check(_sees(kestrel, nina), "the case is open again and the grant is not")
        _dismiss(kestrel, greta, nina)

        _lock(kestrel, mara)
        _lift(kestrel, mara)
        _in_one_moment(lambda: _lift(kestrel, greta), kestrel, greta, nina, tally)
        tally.count("fell into the moment", not _sees(kestrel, nina))
        tasks.sweep()
        tally.count("kept out", not tally.check(_sees(kestrel, nina), "the case was opened again and the grant was not"))
        _dismiss(kestrel, greta, nina)


def _in_one_moment(act: Callable[[], None], case: Case, by: Account, whom: Account, tally: Tally) -> None:
    """The grant is given and not yet committed while the act begins and ends."""
    given, acted = Event(), Event()

    def until_acted(execute: Callable[..., Any], statement: str, *told: Any) -> Any:
        done = execute(statement, *told)
        if 'INSERT INTO "relocation_casegrant"' in statement:
            given.set()
            acted.wait(SECONDS)
        return done

    def one(number: int) -> None:
        if number:
            with connection.execute_wrapper(until_acted), as_(by):
                access.admit(whom, Role.LAWYER, case.pk, by=by, reason="counsels")
            return
        given.wait(SECONDS)
        act()
        acted.set()

    outcomes = at_once(one, 2)
    tally.check(outcomes == {"done": 2}, f"outcomes: {dict(outcomes)}")


def _lock(case: Case, by: Account) -> None:
    with as_(by):
        locks.lock("case", case.pk, by=by, label=case.code)


def _lift(case: Case, by: Account) -> None:
    with as_(by):
        locks.lift(locks.live().get(subject_id=case.pk).pk, by=by)


def _dismiss(case: Case, by: Account, whom: Account) -> None:
    with as_(by):
        access.dismiss(whom, Role.LAWYER, case.pk, by=by)


def _sees(case: Case, by: Account) -> bool:
    """What PostgreSQL itself lets through."""
    with as_(by):
        return bool(sql(SEES, case.pk))

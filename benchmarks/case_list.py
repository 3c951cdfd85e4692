"""The second lock over the list of cases: row-level security on against off, over the same grant-ordered page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.http import QueryDict

from benchmarks import ground
from benchmarks.figure import Figure, Pairs, figure, in_turn
from relocation.desk.cases import page_of, wanted
from relocation.models import Account
from relocation.safety.walls import all_rules

SIZES = {"full": ((10_000, 100_000), 12), "small": ((2_000,), 4)}  # cases, rounds
HELD = (50, 5_000)  # grants of whoever asks
REQUESTS = 5  # in one round


def measure(scale: str) -> Iterator[Figure]:
    """The database's part, and the whole request, for two people with few and with many cases."""
    sizes, rounds = SIZES[scale]
    for cases in sizes:
        yield from _at(cases, rounds)
        ground.empty()


def _at(cases: int, rounds: int) -> Iterator[Figure]:
    laid = ground.lay(cases)
    for account, most in zip((laid["vera"], laid["nina"]), HELD, strict=True):
        ground.owner_runs(ground.grants(account, "lead", most, by=laid["greta"]), ("ANALYZE relocation_casegrant", {}))
        name = f"case_list_{cases // 1000}k_k{most}_second_lock"
        yield figure(name, _locked_and_not(_request(account), rounds), "<= 1.7", against="the same request, walls off")
        rows = _locked_and_not(partial(_rows, account), rounds)
        yield figure(f"{name}_query", rows, "<= 2.2", against="the same query of the page, walls off")


def _request(account: Account) -> Callable[[], None]:
    client = ground.browser(account)

    def ask() -> None:
        for _n in range(REQUESTS):
            answer = client.get("/cases/")
            if answer.status_code != 200 or b"Bird" not in answer.content:
                raise AssertionError("the page that is measured is not the list")

    return ask


def _rows(account: Account) -> None:
    with ground.acting(account):
        for _n in range(REQUESTS):
            page_of(wanted(account, QueryDict()), "", account)


def _locked_and_not(work: Callable[[], Any], rounds: int) -> Pairs:
    """Both in turn; the walls are switched in between, by the owner, and one request lets PostgreSQL plan anew."""
    with ground.beside() as owner:

        def switch(name: str) -> None:
            verb = "ENABLE" if name == "ours" else "DISABLE"
            for table in all_rules():
                owner.execute(f"ALTER TABLE {table} {verb} ROW LEVEL SECURITY")
            work()

        try:
            return in_turn(work, work, rounds, between=switch)
        finally:
            switch("ours")

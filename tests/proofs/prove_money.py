"""M1 and F1: large sums need two people and every sum is exact; a calendar feed tells aliases alone, and is dead once revoked."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from fiction.telling import as_
from logistics.models import Expense
from logistics.money import amounts, budgets, limits, spending
from logistics.money.spending import Payment
from relocation.journey import approvals
from relocation.models import Approval, Deadline, Stage
from relocation.safety import access
from relocation.safety.policy import Role
from tests.proofs import owner
from tests.proofs.canaries import told_by
from tests.proofs.crowd import at_once
from tests.proofs.matrix import SignIn
from tests.proofs.tally import SEED, Tally, guarantee, scale
from tests.proofs.telling import Told
from tests.proofs.world import World, fresh

pytestmark = pytest.mark.usefixtures("lasting")
LIMITS = {"EUR": 50_000, "JPY": 80_000, "KWD": 20_000}
SECRET = re.compile(r"/calendar/([\w-]{43})\.ics")
SUMS = (
    "SELECT currency, sum(CASE WHEN reverses_id IS NULL THEN minor ELSE -minor END)::bigint FROM logistics_expense "
    "WHERE case_id = %s AND state = 'booked' GROUP BY 1"
)
COUNTED = "SELECT state, decided_by_id FROM logistics_expense WHERE id = %s"


def payer(world: World) -> Told:
    """A case of this proof's own, coordinated by Mara and Ilya, with limits that both agreed to."""
    told = fresh(world)
    with as_(world["mara"]) as mara:
        access.admit(world["ilya"], Role.COORDINATOR, told.case_id, by=mara, reason="second person")
    for currency, minor in LIMITS.items():
        with as_(world["mara"]) as mara:
            limit = limits.propose(currency, minor, by=mara, device="hers")
        with as_(world["ilya"]) as ilya:
            limits.agree(limit.pk, by=ilya, device="his")
    return told


def pay(world: World, told: Told, minor: int, currency: str = "EUR", by: str = "vera") -> Expense:
    with as_(world[by]) as account:
        what = Payment("food", currency, minor, timezone.localdate(), payee="a shop")
        return spending.enter(told.case(account), what, by=account, device=f"of {by}")


def agree(world: World, expense: Expense, by: str, given: bool = True) -> None:
    with as_(world[by]) as account:
        asked = Approval.objects.get(what=spending.WHAT, about=expense.pk)
        approvals.answer(asked.pk, given=given, by=account, session=f"of {by}")


@guarantee("M1")
def test_every_sum_is_exact_and_what_waits_or_was_declined_is_in_none(world: World, tally: Tally) -> None:
    chance, told, sums = Random(SEED), payer(world), Counter[str]()
    for _ in range(scale(60, 9)):
        currency = chance.choice(sorted(LIMITS))
        expense = pay(world, told, chance.randrange(1, LIMITS[currency] * 2), currency)
        if expense.state == "waiting":
            given = chance.random() < 0.6
            agree(world, expense, "mara", given)
            sums[currency] += expense.minor * given
        else:
            sums[currency] += expense.minor
        if owner.rows(COUNTED, expense.pk)[0][0] == Expense.State.BOOKED and chance.random() < 0.3:
            undone = _taken_back(world, expense)
            sums[currency] -= undone.minor if undone.state == "booked" else 0
        tally.check(_standing(world, told) == _nonzero(sums), f"{_standing(world, told)} is not {dict(sums)}")
    tally.check(_nonzero(dict(owner.rows(SUMS, told.case_id))) == _nonzero(sums), "the tables have other sums")
    for minor in (1, 99, 100, 123_456, 10**13):
        for currency in ("EUR", "JPY"):
            tally.check(amounts.read(amounts.plain(minor, currency), currency) == minor, f"{minor} {currency} is read as another")


def _nonzero(sums: Mapping[str, int]) -> dict[str, int]:
    return {currency: minor for currency, minor in sums.items() if minor}


def _taken_back(world: World, expense: Expense) -> Expense:
    with as_(world["vera"]) as vera:
        row = Expense.objects.select_related("case").get(pk=expense.pk)
        return spending.take_back(row, by=vera, reason="wrong", device="of vera")


def _standing(world: World, told: Told) -> dict[str, int]:
    with as_(world["vera"]) as vera:
        return _nonzero(budgets.totals(Expense.objects.filter(case=told.case(vera), state="booked")))


@guarantee("M1")
def test_above_the_limit_nobody_pays_alone_and_of_many_answers_one_counts(world: World, tally: Tally) -> None:
    told, answers = payer(world), (("mara", True), ("ilya", False), ("mara", False), ("ilya", True))
    for _ in range(scale(12, 2)):
        expense = pay(world, told, LIMITS["EUR"] + 1)
        found = at_once(lambda number, one=expense: agree(world, one, *answers[number]), len(answers))  # type: ignore[misc]
        tally.check(found["done"] == 1 and sum(found.values()) == len(answers), f"{dict(found)}")
        [(state, decided)] = owner.rows(COUNTED, expense.pk)
        tally.check(state in ("booked", "declined") and decided in (world["mara"].pk, world["ilya"].pk), f"{state} by {decided}")
        tally.count("answers", len(answers))
    own = pay(world, told, LIMITS["EUR"] + 1, by="mara")
    found = at_once(lambda number: agree(world, own, "mara"), 2)
    tally.check(found["NotAnswered"] == 2, "somebody agreed with themselves")
    for by, who in (("vera", "vera"), ("vera", "mara"), ("mara", "mara"), ("ilya", "mara"), ("ilya", "ilya")):
        tally.check(not _forced(world, own, by, world[who].pk), f"{by} booked it by hand as {who}")
        tally.count("forced", 0)


def _forced(world: World, expense: Expense, by: str, who: UUID) -> bool:
    """Whether the application's own role can book it without an answer."""
    try:
        with as_(world[by]), transaction.atomic():
            Expense.objects.filter(pk=expense.pk).update(state="booked", decided_by=who, booked_at=timezone.now())
    except DatabaseError:
        return False
    return owner.rows(COUNTED, expense.pk)[0][0] == "booked"  # type: ignore[no-any-return]


@guarantee("M1")
def test_two_payments_in_one_moment_do_not_both_pass_below_the_limit(world: World, tally: Tally) -> None:
    for _ in range(scale(8, 2)):
        told = payer(world)
        at_once(lambda number, one=told: pay(world, one, LIMITS["EUR"] * 6 // 10), 3)  # type: ignore[misc]
        states = Counter(s for (s,) in owner.rows("SELECT state FROM logistics_expense WHERE case_id = %s", told.case_id))
        tally.check(states == {"booked": 1, "waiting": 2}, f"{dict(states)}")
        tally.count("split", max(0, states["booked"] - 1))


@guarantee("F1")
def test_a_feed_tells_aliases_alone_and_is_dead_when_revoked(world: World, signed_in: SignIn, tally: Tally) -> None:
    with as_(world["vera"]) as vera:
        case_id = world.one(Stage.LODGED)
        Deadline(case_id=case_id, by=vera, kind="answer", due_at=timezone.now() + timedelta(days=2)).save(force_insert=True)
    never = Client().get("/nowhere/at/all/").content
    for username in ("vera", "mara", "otto", "hanna", "charlie"):
        client = signed_in(world[username])
        address = _made(client)
        body = Client().get(address)
        events = Calendar.from_ical(body.content).walk("VEVENT")
        tally.check(username == "charlie" or username in ("otto", "hanna") or events, f"{username} reads nothing")
        tally.check(username != "charlie" or not events, "whoever has no case reads something")
        told = [canary.place for canary in world.canaries.found_in(told_by(body)) if canary.place != "relocation_case.alias"]
        tally.check(not told, f"{username}'s feed tells {told[:3]}")
        tally.count("leaks", len(told))
        tally.count("events", len(events))
        client.post("/account/calendar/revoke/")
        dead = Client().get(address)
        tally.check(dead.status_code == 404 and dead.content == never, f"{username}'s feed lives on")
        kept: Any = owner.rows(
            "SELECT count(*) FROM relocation_feed WHERE position(%s in encode(digest, 'escape')) > 0", address[10:53]
        )
        tally.check(kept == [(0,)], "the secret is kept")


def _made(client: Client) -> str:
    found = SECRET.search(client.post("/account/calendar/").content.decode())
    assert found
    return found[0]

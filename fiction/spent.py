"""What the wave of the world has cost: a limit that two agreed to, a funder, a budget, and payments of two quarters."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from fiction.living import FLIES, SEEKS, Living
from fiction.story import as_
from logistics.models import Funder
from logistics.money import budgets, limits, reporting, spending

LIMIT, BUDGET, ONE, DEAR = 60_000, 1_800_000, 150_000, 124_000  # in cents
FUNDER = "Lindgren Fund"
AsOwner = Callable[[str], AbstractContextManager[None]]
Payments = tuple[tuple[str, int, str, tuple[str, ...]], ...]
# Category, how much for each, to whom, and for whom.
EARLIER: Payments = (
    ("housing", 28_000, "A guest house", (*SEEKS, "Redstart", "Whinchat")),
    ("food", 7_450, "A market", SEEKS),
    ("travel_inside", 4_300, "A taxi", ("Plover", "Dunlin", *SEEKS[:4])),
    ("medical", 9_900, "A dentist", ("Nuthatch", "Dipper")),
)
LATELY: Payments = (
    ("departure", 21_400, "North Air", FLIES[:-1]),
    ("documents", 6_500, "A translator", ("Siskin", "Redstart", "Whinchat")),
    ("food", 5_200, "A market", ("Wagtail", "Kestrel", "Heron")),
)
# What a funder is told of is what counted in a quarter that is over: an invented world has had one.
PAST = """UPDATE logistics_expense SET booked_at = booked_at - interval '3 months'
  WHERE funder_id IN (SELECT id FROM logistics_funder WHERE name = %s)"""


def tell(wave: Living, as_owner: AsOwner | None) -> Iterator[str]:
    """Limit, budgets, payments; with `as_owner` a report of the last quarter too."""
    funder = _agree(wave)
    for category, minor, payee, aliases in EARLIER:
        _pay(wave, category, minor, payee, aliases, funder)
    for category, minor, payee, aliases in LATELY:
        _pay(wave, category, minor, payee, aliases)
    _pay(wave, "medical", DEAR, "A clinic", ("Sanderling",))
    yield "a budget, and what was paid"
    if as_owner is not None:
        _report(wave, funder, as_owner)
        yield "a report of the last quarter"


def _agree(wave: Living) -> Funder:
    with as_(wave.ground["mara"]) as mara:
        limit = limits.propose("EUR", LIMIT, by=mara, device="device of mara")
        funder = limits.add_funder(FUNDER, by=mara)
        budgets.plan_wave(wave.wave.pk, "EUR", BUDGET, by=mara)
        limits.propose("CHF", LIMIT, by=mara, device="device of mara")
    with as_(wave.ground["ilya"]) as ilya:
        limits.agree(limit.pk, by=ilya, device="device of ilya")
    with as_(wave.ground["vera"]) as vera:
        for alias in ("Kestrel", "Sanderling"):
            budgets.plan(wave.stories[alias].case(vera), "EUR", ONE, by=vera)
    return funder


def _pay(wave: Living, category: str, minor: int, payee: str, aliases: tuple[str, ...], funder: Funder | None = None) -> None:
    lately = timezone.localdate() - timedelta(days=4)
    with as_(wave.ground["vera"]) as vera:
        for alias in aliases:
            paid = spending.Payment(category, "EUR", minor, lately, payee=payee, funder=funder)
            spending.enter(wave.stories[alias].case(vera), paid, by=vera, device="device of vera")


def _report(wave: Living, funder: Funder, as_owner: AsOwner) -> None:
    with as_owner("default"), connection.cursor() as cursor:
        cursor.execute(PAST, [FUNDER])
    with as_(wave.ground["mara"]) as mara:
        reporting.make(funder.pk, reporting.quarters()[0], by=mara)

"""What may be spent, what is spent and what is left, for a case and for a wave; amounts in minor units, never converted."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Case as Either
from django.db.models import F, QuerySet, Sum, When

from logistics.models import CaseBudget, Expense, WaveBudget
from relocation.journey.recording import held
from relocation.journey.waves import may_begin
from relocation.models import Account, Case, Wave
from relocation.safety import access, ledger
from relocation.safety.refusal import Denied

SIGNED = Either(When(reverses=None, then=F("minor")), default=-F("minor"))


@dataclass(frozen=True)
class Standing:
    """One currency: the budget where there is one, what counts as spent, and what waits for a second person."""

    currency: str
    budget: int | None
    spent: int
    waiting: int = 0

    @property
    def left(self) -> int | None:
        return None if self.budget is None else self.budget - self.spent

    @property
    def is_over(self) -> bool:
        return self.left is not None and self.left < 0

    @property
    def over(self) -> int:
        """How much more is spent than was planned."""
        return max(0, -(self.left or 0))

    @property
    def filled(self) -> int:
        """How much of the budget is spent, in percent, for a bar."""
        return min(100, max(0, self.spent * 100 // self.budget)) if self.budget else 0


def of_case(case: Case) -> list[Standing]:
    """Each currency in which something is planned or spent for one person."""
    budgets = CaseBudget.objects.filter(case=case).order_by("at").values_list("currency", "minor")
    return _standings(dict(budgets), Expense.objects.filter(case=case))


def of_wave(wave: Wave, cases: Iterable[Case]) -> list[Standing]:
    """As `of_case`, for those people of a wave whom the account may open."""
    budgets = WaveBudget.objects.filter(wave=wave).order_by("at").values_list("currency", "minor")
    return _standings(dict(budgets), Expense.objects.filter(wave=wave, case__in=[case.pk for case in cases]))


def _standings(budgets: dict[str, int], expenses: QuerySet[Expense]) -> list[Standing]:
    spent, waiting = (totals(expenses.filter(state=state)) for state in (Expense.State.BOOKED, Expense.State.WAITING))
    found = sorted({*budgets, *spent, *waiting})
    return [Standing(one, budgets.get(one), spent.get(one, 0), waiting.get(one, 0)) for one in found]


def totals(expenses: QuerySet[Expense]) -> dict[str, int]:
    """Minor units by currency, what was taken back subtracted."""
    sums = expenses.order_by().values("currency").annotate(total=Sum(SIGNED)).values_list("currency", "total")
    return {currency: int(total) for currency, total in sums}


def plan(case: Case, currency: str, minor: int, *, by: Account) -> None:
    """Say what may be spent for one person from now on. Raises `Denied`."""
    with transaction.atomic():
        held(case.pk)
        access.require(by, "money.write", case.pk)
        budget = CaseBudget(case=case, by=by, currency=currency, minor=minor)
        budget.save(force_insert=True)
        ledger.record("budget.set", case.pk, by=by, about=budget.pk)


def plan_wave(wave_id: UUID, currency: str, minor: int, *, by: Account) -> None:
    """Say what may be spent for a wave, for whoever keeps it. Raises `Denied`."""
    with transaction.atomic():
        wave = Wave.objects.kept_by(by).filter(pk=wave_id, closed_at=None, organisation=by.organisation_id).first()
        if wave is None or not may_begin(by):
            raise Denied(wave_id, "wave.budget", by.pk)
        WaveBudget(wave=wave, by=by, currency=currency, minor=minor).save(force_insert=True)
        ledger.record("wave.budget", wave.pk, by=by)

"""What a wave costs: a limit that two agree to, a budget, a ticket for each, and one payment that nobody makes alone."""

from uuid import UUID

from django.utils import timezone

from fiction.crowd import TURNED_BACK
from fiction.story import Story, as_
from fiction.wave_houses import Housed
from logistics.models import Expense
from logistics.money import budgets, limits, spending
from relocation.journey import approvals
from relocation.models import Account, Approval

BUDGET, ALONE, TICKET, ROOM = 1_500_000, 50_000, 21_400, 62_000  # in cents


class Paid(Housed):
    """Money, booked on the budget of the wave."""

    def pay(self) -> None:
        self._agree_on_a_limit()
        with as_(self.mara) as mara:
            budgets.plan_wave(self.crowd.wave.pk, "EUR", BUDGET, by=mara)
        for story in self.crowd.stories:
            self._spend(story, "departure", TICKET, "North Air", "One ticket")
        self.say(f"{self.vera}: books a ticket for each of {len(self.crowd.ids)} on the budget of the wave")
        self._pay_together(self.crowd.stories[TURNED_BACK])
        with as_(self.mara) as mara:
            (left,) = budgets.of_wave(self.crowd.wave, [story.case(mara) for story in self.crowd.stories])
        self.say(f"{mara}: {left.spent / 100:.2f} of {BUDGET / 100:.2f} {left.currency} are spent")

    def _agree_on_a_limit(self) -> None:
        ilya = self.ground["ilya"]
        with as_(self.mara) as mara:
            limit = limits.propose("EUR", ALONE, by=mara, device="device of mara")
        self.walk.refused(self.mara, "agrees to her own limit", lambda: self._agree(limit.pk, self.mara, "another device"))
        with as_(ilya):
            self._agree(limit.pk, ilya, "device of ilya")
        self.say(f"{mara} and {ilya}: above {ALONE / 100:.2f} EUR two people agree")

    def _agree(self, limit_id: UUID, by: Account, device: str) -> None:
        limits.agree(limit_id, by=by, device=device)

    def _spend(self, story: Story, category: str, minor: int, payee: str, words: str) -> Expense:
        with as_(self.vera) as vera:
            paid = spending.Payment(category, "EUR", minor, timezone.localdate(), payee=payee, words=words)
            return spending.enter(story.case(vera), paid, by=vera, device="device of vera")

    def _pay_together(self, story: Story) -> None:
        """What is dear waits until somebody else has agreed."""
        spent = self._spend(story, "housing", ROOM, "A guest house", "Four nights, after they were turned back")
        with as_(self.vera):
            asked = Approval.objects.get(about=spent.pk, what=spending.WHAT)
        self.say(f"{self.vera}: {ROOM / 100:.2f} EUR {spent.get_state_display()}")
        again = "another device"
        self.walk.refused(
            self.vera,
            "agrees to her own payment",
            lambda: approvals.answer(asked.pk, given=True, by=self.vera, session=again),
        )
        with as_(self.mara) as mara:
            approvals.answer(asked.pk, given=True, by=mara, session="device of mara")
        self.say(f"{mara}: agrees to it")

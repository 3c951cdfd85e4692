"""What money says elsewhere: on the page of a case, of a wave, and beside the question to a second person."""

from logistics.models import Expense
from logistics.money import budgets, spending
from relocation.desk.panels import Panel, panel, question
from relocation.desk.wave_panels import WavePanel, wave_panel
from relocation.journey.readiness import Sight
from relocation.models import Account, Approval, Case, Wave
from relocation.safety import access
from relocation.safety.policy import Compartment


@panel("money")
def money(case: Case, account: Account) -> Panel | None:
    """Spent, budget and left; None for whoever may not know what somebody costs."""
    if not access.may(account, "money.read", case.pk):
        return None
    writes = access.may(account, "money.write", case.pk)
    return Panel("money/_case.html", {"case": case, "standings": budgets.of_case(case), "writes": writes})


@wave_panel("money")
def wave_money(sight: Sight) -> WavePanel | None:
    """The same for those of a wave whom the account may open."""
    seen = sight.sees(Compartment.MONEY)
    if not seen:
        return None
    kept = Wave.objects.kept_by(sight.by).filter(pk=sight.wave.pk, closed_at=None).exists()
    return WavePanel("money/_wave.html", {"standings": budgets.of_wave(sight.wave, seen), "wave": sight.wave, "keeps": kept})


@question(spending.WHAT)
def asked(approval: Approval, by: Account) -> Panel:
    """The payment that a second person is asked about."""
    expense = Expense.objects.filter(case=approval.case_id, pk__in=[approval.about]).select_related("by", "reverses").first()
    return Panel("money/_asked.html", {"expense": expense, "case": approval.case})

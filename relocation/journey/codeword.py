"""The words that were agreed with the person: compared here, never kept and never shown."""

from functools import partial

from relocation.models import Case, CheckInPlan
from relocation.safety import vault

CODEWORD, DURESS = "codeword", "duress_word"


def plan_of(case: Case) -> CheckInPlan | None:
    """The plan that holds the words: the person's newest. One for a passage has none of its own."""
    return CheckInPlan.objects.filter(case=case, about=None).last()


def is_agreed(plan: CheckInPlan | None, word: str, *which: str) -> bool:
    """Whether the word is one of `which` (`codeword`, `duress_word`) of the plan, whatever its case and the blanks around it."""
    return plan is not None and vault.ask(partial(_among, word), *((plan, name) for name in which))


def _among(given: str, *words: str) -> bool:
    return given.strip().casefold() in {word.strip().casefold() for word in words if word.strip()}

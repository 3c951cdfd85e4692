"""A step that is not possible yet: every reason, each with the way out."""

from typing import Any

from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Judgement
from relocation.safety.refusal import Refusal


class Blocked(Refusal):
    """Conditions are not met; nothing has changed."""

    kind = "blocked"
    template = "refusals/blocked.html"

    def __init__(self, attempt: Attempt, unmet: list[Judgement]) -> None:
        sentence = " ".join(str(j.outcome.sentence) for j in unmet)
        super().__init__(attempt.case.pk, f"step.{attempt.step.name}", attempt.by.pk, sentence)
        self.attempt, self.unmet = attempt, unmet

    @property
    def detail(self) -> str:
        return ",".join(j.name for j in self.unmet)[:120]

    def context(self) -> dict[str, Any]:
        return super().context() | {
            "case": self.attempt.case,
            "step": self.attempt.step,
            "unmet": [j.outcome for j in self.unmet],
        }

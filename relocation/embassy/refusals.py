"""What the embassy desk refuses, in words that tell a post nothing about the person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from relocation.journey.refusals import Blocked
from relocation.safety.refusal import Refusal, Stale


class Closed(Refusal):
    """The officer held this dossier once; it was replaced or withdrawn, or access has ended."""

    kind = "closed"
    status = 410
    template = "embassy/closed.html"

    def __init__(self, case_id: UUID, by: UUID, newer: UUID | None = None) -> None:
        super().__init__(case_id, "dossier.open", by)
        self.newer = newer

    def context(self) -> dict[str, Any]:
        """The newer dossier's id, which the officer may open."""
        return super().context() | {"newer": self.newer}


def in_plain_words(refusal: Stale | Blocked) -> list[str]:
    """What the officer reads: never a standing or a stage, only that it cannot be recorded now."""
    if isinstance(refusal, Stale):
        return [_("The application changed while you were writing. Read your words again, then send them once more.")]
    if any(judgement.name == "possible" for judgement in refusal.unmet):
        return [_("This cannot be recorded at the moment, and nothing was changed. Please contact us.")]
    return [str(judgement.outcome.sentence) for judgement in refusal.unmet]

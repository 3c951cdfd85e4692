"""What the embassy desk refuses, in words that tell a post nothing about the person."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from relocation.journey.refusals import Blocked
from relocation.safety.refusal import Refusal, Stale


class NotOpen(Refusal):
    """The dossier was replaced or withdrawn: nothing more is done with it."""

    def __init__(self, case_id: UUID, what: str, by: UUID) -> None:
        super().__init__(case_id, what, by, _("This dossier is no longer in force. Nothing was recorded."))


def in_plain_words(refusal: Refusal) -> list[str]:
    """What the officer reads. A standing or a stage of the journey is never told: only that it cannot be recorded now."""
    if isinstance(refusal, Stale):
        return [_("The application changed while you were writing. Your words are kept: read them again and send once more.")]
    if isinstance(refusal, Blocked) and not any(j.name == "possible" for j in refusal.unmet):
        return [str(j.outcome.sentence) for j in refusal.unmet]
    if isinstance(refusal, Blocked):
        return [_("This cannot be recorded at the moment. Nothing was changed, and your words are kept. Please contact us.")]
    return [refusal.sentence]

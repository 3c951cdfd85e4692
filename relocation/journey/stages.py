"""The graph as data: phases for the rail, and the pairs that the database allows, read from the steps."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext_lazy

from relocation.journey.step import STEPS
from relocation.journey.steps import Journey
from relocation.models import Stage, Standing


@dataclass(frozen=True)
class Phase:
    """A stretch of the journey, as the rail shows it."""

    label: Any
    stages: tuple[Stage, ...]


PHASES = (
    Phase(pgettext_lazy("phase", "Referral"), (Stage.REFERRED, Stage.VERIFYING, Stage.ACCEPTED, Stage.DECLINED)),
    Phase(pgettext_lazy("phase", "Extraction"), (Stage.EXTRACTING,)),
    Phase(pgettext_lazy("phase", "Safe house"), (Stage.SHELTERED,)),
    Phase(pgettext_lazy("phase", "Documents"), (Stage.DOCUMENTING,)),
    Phase(pgettext_lazy("phase", "Visa"), (Stage.APPLYING, Stage.LODGED, Stage.GRANTED)),
    Phase(pgettext_lazy("phase", "Travel"), (Stage.TRAVELLING,)),
    Phase(pgettext_lazy("phase", "Resettlement"), (Stage.RESETTLED, Stage.CLOSED)),
)

# The step that leads on from each stage; everything else is another way.
ONWARD = {
    Stage.REFERRED: "verify", Stage.VERIFYING: "accept", Stage.ACCEPTED: "extract", Stage.EXTRACTING: "shelter",
    Stage.SHELTERED: "document", Stage.DOCUMENTING: "apply", Stage.APPLYING: "lodge", Stage.LODGED: "grant",
    Stage.GRANTED: "depart", Stage.TRAVELLING: "arrive", Stage.RESETTLED: "close", Stage.DECLINED: "reopen",
    Stage.CLOSED: "reopen",
}  # fmt: skip
INITIAL = {"stage": Stage.REFERRED.value, "standing": Standing.ACTIVE.value}
PAIRS = {column: {pair for step in STEPS.values() if step.column == column for pair in step.pairs} for column in INITIAL}

__all__ = ["INITIAL", "ONWARD", "PAIRS", "PHASES", "STEPS", "Journey", "Phase"]

"""What upper rooms show on the page of a wave, under the names that the desk lists here: beds and seats against need."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from relocation.journey.readiness import Sight
from relocation.models.offers import Offers

# In the order of the page.
WAVE_PANELS = ("beds", "seats", "money")


@dataclass(frozen=True)
class Short:
    """How many of something are missing, in words after the number; none is said too."""

    number: int
    words: Any


@dataclass(frozen=True)
class WavePanel:
    """A part of the page of a wave: a template with its context, and what is short."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    short: Short | None = None


Shows = Callable[[Sight], WavePanel | None]
_offered: Offers[Shows] = Offers("the page of a wave", WAVE_PANELS)


def wave_panel(name: str) -> Callable[[Shows], Shows]:
    """Offer a part of the page, in a constant number of queries; None where the account may not see it."""
    return _offered.under(name)


def shown(sight: Sight) -> list[WavePanel]:
    """The parts that the account may see."""
    return [panel for panel in (_offered[name](sight) for name in WAVE_PANELS) if panel]

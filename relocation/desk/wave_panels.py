"""What upper rooms show on the page of a wave, under the names that the desk lists here: beds and seats against need."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from relocation.journey.readiness import Sight

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
_offered: dict[str, Shows] = {}


def wave_panel(name: str) -> Callable[[Shows], Shows]:
    """Offer a part of the page, in a constant number of queries; None where the account may not see it."""

    def register(shows: Shows) -> Shows:
        if _offered.setdefault(name, shows) is not shows:
            raise ImproperlyConfigured(f"Two rooms offer {name} to the page of a wave.")
        return shows

    return register


def shown(sight: Sight) -> list[WavePanel]:
    """The parts that the account may see."""
    return [panel for panel in (_offered[name](sight) for name in WAVE_PANELS) if panel]


def insist() -> None:
    """Raise `ImproperlyConfigured` where the page names what nobody offers."""
    if missing := [name for name in WAVE_PANELS if name not in _offered]:
        raise ImproperlyConfigured(f"The page of a wave shows what nobody offers: {', '.join(missing)}.")

"""Why a step is blocked, and what unblocks it.

A condition looks at one attempt and answers `Met` or `Unmet`. Those that only an upper room can judge are offered there under
a name (`@offer("bed_held")`) and named in the steps; a name that nobody offers stops the program at start.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from relocation.safety.policy import Role

if TYPE_CHECKING:
    from relocation.journey.attempt import Attempt


@dataclass(frozen=True)
class Link:
    """Where something is mended: the button's words and the page."""

    label: Any
    route: str
    arguments: tuple[Any, ...] = ()

    @property
    def url(self) -> str:
        return reverse(self.route, args=self.arguments)


@dataclass(frozen=True)
class Met:
    """It holds; `rests_on` lists the facts it holds by, so that an approval is void once one of them changes."""

    sentence: Any
    rests_on: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Unmet:
    """It does not hold: what is missing, where it is mended, who can mend it, since when and by when (UTC)."""

    sentence: Any
    mend: Link | None = None
    by: tuple[Role, ...] = (Role.LEAD,)
    since: datetime | None = None
    due: datetime | None = None


Condition = Callable[["Attempt"], Met | Unmet]
Need = Condition | str


@dataclass(frozen=True)
class Judgement:
    """One condition's answer in one attempt."""

    name: str
    outcome: Met | Unmet

    @property
    def met(self) -> bool:
        return isinstance(self.outcome, Met)


@dataclass
class _Offers:
    named: dict[str, Condition] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)


_offers = _Offers()


def offer(name: str) -> Callable[[Condition], Condition]:
    """An upper room offers a condition under the name by which steps need it."""

    def register(condition: Condition) -> Condition:
        if _offers.named.setdefault(name, condition) is not condition:
            raise ImproperlyConfigured(f"Two rooms offer the condition {name}.")
        return condition

    return register


def want(needs: Iterable[Need]) -> None:
    """A step needs these; names are looked up once every room is there."""
    _offers.wanted |= {need for need in needs if isinstance(need, str)}


def insist() -> None:
    """Raise `ImproperlyConfigured` where a step needs what nobody offers."""
    if missing := sorted(_offers.wanted - _offers.named.keys()):
        raise ImproperlyConfigured(f"Steps need conditions that nobody offers: {', '.join(missing)}.")


def name_of(need: Need) -> str:
    return need if isinstance(need, str) else need.__name__


def judge(needs: Iterable[Need], attempt: "Attempt") -> list[Judgement]:
    """Every condition's answer, in the order the step names them."""
    return [Judgement(name_of(need), (_offers.named[need] if isinstance(need, str) else need)(attempt)) for need in needs]

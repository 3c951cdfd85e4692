"""Why a step is blocked, and what unblocks it.

A condition looks at one attempt and answers `Met` or `Unmet`. Those that only an upper room can judge are offered there under
a name (`@offer("bed_held")`) and named in the steps; a name that nobody offers stops the program at start.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from relocation.models.offers import Offers
from relocation.safety import access
from relocation.safety.policy import Compartment, Role

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


@dataclass(frozen=True)
class Hidden:
    """Whether it holds cannot be seen by whoever asks: the rows it looks at are kept from them."""

    sentence: Any


Condition = Callable[["Attempt"], Met | Unmet]
Need = Condition | str


@dataclass(frozen=True)
class Judgement:
    """One condition's answer in one attempt."""

    name: str
    outcome: Met | Unmet | Hidden

    @property
    def met(self) -> bool:
        return isinstance(self.outcome, Met)


_offered: Offers[Condition] = Offers("the steps")
_eyes: dict[str, frozenset[Compartment]] = {}


def offer(name: str) -> Callable[[Condition], Condition]:
    """An upper room offers a condition under the name by which steps need it."""
    return _offered.under(name)


def looks_into(*compartments: Compartment) -> Callable[[Condition], Condition]:
    """Say in which compartments a condition finds its rows, besides the card; whoever reads nothing there is told no answer."""

    def register(condition: Condition) -> Condition:
        _eyes[condition.__name__] = frozenset(compartments)
        return condition

    return register


def want(needs: Iterable[Need]) -> None:
    """A step needs these; names are looked up once every room is there."""
    _offered.named.update(need for need in needs if isinstance(need, str))


def name_of(need: Need) -> str:
    return need if isinstance(need, str) else need.__name__


def judge(needs: Iterable[Need], attempt: "Attempt") -> list[Judgement]:
    """Every condition's answer, in the order the step names them."""
    return [Judgement(name_of(need), _dated(_condition(need)(attempt), attempt)) for need in needs]


def judge_for_eyes(needs: Iterable[Need], attempt: "Attempt") -> list[Judgement]:
    """As `judge`, for a page: no answer where whoever looks is kept from the rows that decide."""
    return [_unseen(need) if is_hidden(need, attempt) else judge([need], attempt)[0] for need in needs]


def is_hidden(need: Need, attempt: "Attempt") -> bool:
    """Whether the rows that a condition looks at are kept from whoever looks."""
    wanted = _eyes.get(_condition(need).__name__, frozenset())
    return not all(may_look_into(compartment, attempt) for compartment in wanted)


def may_look_into(compartment: Compartment, attempt: "Attempt") -> bool:
    """Whether whoever looks has rows of this compartment shown, sealed or not."""
    rights = ("reveal", "reveal_together")
    return any(access.may(attempt.by, f"{compartment}.{right}", attempt.case.pk) for right in rights)


def hidden() -> Hidden:
    """The one answer where there is none."""
    return Hidden(_("The case lead can see whether this is so."))


def _unseen(need: Need) -> Judgement:
    return Judgement(name_of(need), hidden())


def _condition(need: Need) -> Condition:
    return _offered[need] if isinstance(need, str) else need


def _dated(outcome: Met | Unmet, attempt: "Attempt") -> Met | Unmet:
    """What is in the way has been so since the case is where it is, unless the condition knows better."""
    if isinstance(outcome, Met) or outcome.since:
        return outcome
    return replace(outcome, since=getattr(attempt.case, f"{attempt.step.column}_since"))

"""What upper rooms show on the case page and in somebody's day, under the names that the desk lists here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from relocation.models import Account, Approval, Case

# The panels of the case page, in their order, and in which column each stands.
PANELS = {"travel": "main", "placement": "aside", "pursuers": "aside", "money": "aside"}
# Who else has something to say about somebody's day.
DAY = ("roads", "dates", "houses")


@dataclass(frozen=True)
class Todo:
    """One thing to be done about one case: what, why, by when (UTC), and the page on which it is done.

    Where one `rings`, the alarm can be raised beside it with one tap.
    """

    case: Case
    sentence: Any
    detail: Any = ""
    label: Any = ""
    url: str = ""
    due: datetime | None = None
    late: bool = False
    rings: bool = False


@dataclass(frozen=True)
class Panel:
    """A part of the case page: a template with its context, what is so urgent that it stands at the top, and its deadlines."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    alarm: Todo | None = None
    dues: tuple[Todo, ...] = ()


F = TypeVar("F")
ShowsPanel = Callable[[Case, Account], Panel | None]
FindsTodos = Callable[[Account], Iterable[Todo]]

ShowsQuestion = Callable[[Approval, Account], Panel]

_questions: dict[str, ShowsQuestion] = {}
_panels: dict[str, ShowsPanel] = {}
_days: dict[str, FindsTodos] = {}


def panel(name: str) -> Callable[[ShowsPanel], ShowsPanel]:
    """An upper room offers a part of the case page; it answers None where the account may not see it."""

    def register(shows: ShowsPanel) -> ShowsPanel:
        return _once(_panels, name, shows)

    return register


def day_items(name: str) -> Callable[[FindsTodos], FindsTodos]:
    """An upper room offers what an account has to do, in a constant number of queries."""

    def register(finds: FindsTodos) -> FindsTodos:
        return _once(_days, name, finds)

    return register


def question(what: str) -> Callable[[ShowsQuestion], ShowsQuestion]:
    """An upper room shows what a second person is asked about, where that lies in a room of its own."""

    def register(shows: ShowsQuestion) -> ShowsQuestion:
        return _once(_questions, what, shows)

    return register


def about(approval: Approval, by: Account) -> Panel | None:
    """What an upper room shows beside a question."""
    shows = _questions.get(approval.what)
    return shows(approval, by) if shows else None


def _once(register: dict[str, F], name: str, offered: F) -> F:
    if register.setdefault(name, offered) is not offered:
        raise ImproperlyConfigured(f"Two rooms offer {name} to the desk.")
    return offered


def shown(case: Case, by: Account) -> dict[str, list[Panel]]:
    """The panels of one case for one account, by column."""
    columns: dict[str, list[Panel]] = {"main": [], "aside": []}
    for name, column in PANELS.items():
        if offered := _panels[name](case, by):
            columns[column].append(offered)
    return columns


def todos(by: Account) -> list[Todo]:
    """What the upper rooms say about somebody's day."""
    return [todo for name in DAY for todo in _days[name](by)]


def insist() -> None:
    """Raise `ImproperlyConfigured` where the desk names what nobody offers."""
    missing = [name for name in PANELS if name not in _panels] + [name for name in DAY if name not in _days]
    if missing:
        raise ImproperlyConfigured(f"The desk shows what nobody offers: {', '.join(missing)}.")

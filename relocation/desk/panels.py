"""What upper rooms show on the case page and in somebody's day, under the names that the desk lists here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from relocation.models import Account, Approval, Case
from relocation.models.offers import Offers

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


ShowsPanel = Callable[[Case, Account], Panel | None]
FindsTodos = Callable[[Account], Iterable[Todo]]
ShowsQuestion = Callable[[Approval, Account], Panel]

_questions: Offers[ShowsQuestion] = Offers("the questions to a second person")
_panels: Offers[ShowsPanel] = Offers("the case page", PANELS)
_days: Offers[FindsTodos] = Offers("the day page", DAY)


def panel(name: str) -> Callable[[ShowsPanel], ShowsPanel]:
    """An upper room offers a part of the case page; it answers None where the account may not see it."""
    return _panels.under(name)


def day_items(name: str) -> Callable[[FindsTodos], FindsTodos]:
    """An upper room offers what an account has to do, in a constant number of queries."""
    return _days.under(name)


def question(what: str) -> Callable[[ShowsQuestion], ShowsQuestion]:
    """An upper room shows what a second person is asked about, where that lies in a room of its own."""
    return _questions.under(what)


def about(approval: Approval, by: Account) -> Panel | None:
    """What an upper room shows beside a question."""
    shows = _questions.get(approval.what)
    return shows(approval, by) if shows else None


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

"""A wave as a crowd: 28 invented people from one list, the houses and the legs that take them, and how each is told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from fiction.ground import Ground
from fiction.story import Story, Traveller, as_
from relocation.intake.preview import preview
from relocation.intake.referral import Referral
from relocation.models import Case, Wave
from relocation.models.names import to_latin

LIST = Path(__file__).parent / "data" / "wave.csv"
HOUSES = {"Cedar": 8, "Elm": 8, "Fir": 8, "Hazel": 8}
LOST, FORCED, TURNED_BACK, UNCHECKED = 9, 12, 17, 21  # by their place in the list
# Who travels together, by their place in the list.
HOUSEHOLDS = ((0, 1), (2, 3, 4), (5, 6))


@dataclass
class Crowd:
    """The people of one wave, each with a story of their own; nobody says every sentence of 28 journeys aloud."""

    ground: Ground
    wave: Wave
    stories: list[Story] = field(default_factory=list)

    @property
    def ids(self) -> list[UUID]:
        return [story.case_id for story in self.stories]

    def cases(self, by: str) -> list[Case]:
        """Their cases as one of the cast sees them now."""
        with as_(self.ground[by]) as account:
            return list(Case.objects.visible_to(account).filter(pk__in=self.ids).order_by("alias"))


def rows() -> tuple[Referral, ...]:
    """The list, as the door of referrals reads it."""
    return preview(LIST).good


def story_of(case_id: UUID, row: Referral, laid: Ground, number: int, jobs: Callable[[], None]) -> Story:
    """One of them, with the passport that they will show."""
    woman = row.surname.endswith("а")
    who = Traveller(
        to_latin(row.surname).upper(), to_latin(row.given_names).upper(), f"{row.surname} {row.given_names}",
        _birth(row), "F" if woman else "M", f"76{5000000 + number}",
    )  # fmt: skip
    return Story(laid, case_id, who, jobs=jobs)


def _birth(row: Referral) -> date:
    return date.fromisoformat(str(row.birth))

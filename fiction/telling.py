"""How a story is told: acting as one of the cast, taking steps, asking for a second person, writing records."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from fiction.ground import Ground
from relocation.jobs import tasks
from relocation.journey import approvals, channels, recording
from relocation.journey.advance import Moved, advance, ask_second
from relocation.models import (
    Account,
    Approval,
    Case,
    Channel,
    OnCase,
    system_account,
)
from relocation.paperwork import mrz
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.keys import keys_in_hand
from relocation.safety.ledger import refusals_kept


@contextmanager
def as_(account: Account) -> Iterator[Account]:
    """Act as somebody in one transaction, with an edge that keeps what is refused."""
    with acting_as(account.pk), keys_in_hand(), refusals_kept(), transaction.atomic():
        yield account


def do_jobs() -> None:
    """Do what waits in the outbox here and now, and what comes of it, by the same function that a worker runs."""
    while waiting := _waiting():
        for pk in waiting:
            tasks.perform(pk)


def _waiting() -> list[int]:
    """Jobs that can be done now, the oldest first; one that failed rests a while."""
    with acting_as(system_account("outbox")), transaction.atomic():
        return list(tasks.due().order_by("pk").values_list("pk", flat=True))


@dataclass
class Traveller:
    """What the documents of an invented person say."""

    surname: str = "ELFOVA"
    given_names: str = "ALENA"
    native_name: str = "Эльфова Алёна"
    birth: date = date(1992, 4, 28)
    sex: str = "F"
    number: str = "751234567"
    summary: str = "Threatened by relatives since September 2026; hidden by friends, found once, moved twice."

    def zone(self, expires: date) -> tuple[str, ...]:
        """The machine-readable lines of a passport like hers."""
        return tuple(
            mrz.compose(
                mrz.MRZ(
                    format="TD3",
                    document_code="P",
                    issuing_state="RUS",
                    surname=self.surname,
                    given_names=self.given_names,
                    number=self.number,
                    nationality="RUS",
                    birth=f"{self.birth:%y%m%d}",
                    sex=self.sex,
                    expires=f"{expires:%y%m%d}",
                )
            )
        )


@dataclass
class Telling:
    """A case on its way, and how its steps are told. `say` hears what happens; `jobs` waits until the outbox is empty."""

    ground: Ground
    case_id: Any
    traveller: Traveller = field(default_factory=Traveller)
    house: str = "Alder"
    post: str = "R2"
    silent_for: timedelta = timedelta(0)
    say: Callable[[str], None] = lambda sentence: None
    jobs: Callable[[], None] = do_jobs

    def case(self, by: Account) -> Case:
        return access.permitted(by, "card.read").get(pk=self.case_id)

    def version(self) -> int:
        """The version that whoever acts now sees."""
        return int(Case._base_manager.values_list("version", flat=True).get(pk=self.case_id))

    def step(self, name: str, by: str, **rest: Any) -> Moved:
        """Take a step as one of the cast, with the version that the case has now."""
        with as_(self.ground[by]) as account:
            moved = advance(self.case_id, name, by=account, version=self.version(), **rest)
        self.say(f"{account}: {moved.sentence}")
        return moved

    def agreed_step(self, name: str, by: str, second: str = "mara", **rest: Any) -> Moved:
        """Take a step that needs a second person: asked by one, given by another."""
        with as_(self.ground[by]) as account:
            asked = ask_second(self.case(account), name, by=account, version=self.version(), session=f"device of {by}", **rest)
        self.agree(asked, second)
        return self.step(name, by, **rest)

    def agree(self, asked: Approval, second: str = "mara") -> None:
        with as_(self.ground[second]) as account:
            approvals.answer(asked.pk, given=True, by=account, session=f"device of {second}")
        self.say(f"{account}: agrees to {asked.what}")

    def verified_channel(self, how: str = "in_person") -> UUID:
        """The telephone that the referral named, of which Vera has made sure."""
        with as_(self.ground["vera"]) as vera:
            channel = Channel.objects.filter(case_id=self.case_id).latest("at")
            return channels.verify(channel.pk, how, by=vera).pk

    def note(self, row: OnCase, by: str) -> OnCase:
        """Write a record as one of the cast."""
        with as_(self.ground[by]) as account:
            row.case_id, row.by = self.case_id, account
            recording.write(row, by=account)
        return row

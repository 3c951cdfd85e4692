"""A story with canaries: every record that it writes carries a word of its own in each free text."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from fiction import story
from fiction.telling import as_
from relocation.journey import facts
from relocation.models import OnCase, Stage, Standing
from relocation.safety.sealed import unseal
from relocation.safety.vault import sealed_fields
from shelters import hosting
from tests.proofs.canaries import MARKER, Canaries

# What has a form of its own, is drawn by chance or is a file: a word would break it.
FORMED = {
    "relocation_document": {"mrz", "birth_date", "sex", "nationality"},
    "relocation_identity": {"birth"},
    "relocation_paper": {"body", "content", "code", "password"},
    "relocation_approval": {"facts"},
}


class Told(story.Story):
    """A story of one column of the world: its own staff, house and post."""

    canaries: Canaries
    host: str = "hanna"

    def note(self, row: OnCase, by: str) -> OnCase:
        """Write a record with a canary in each free text."""
        season(row, self.case_id, self.canaries)
        return super().note(row, by)

    def watch(self) -> None:
        story.CODEWORD = self.codeword  # as if the module had been written about this case
        super().watch()

    def arrive(self) -> None:
        self.step("arrive", "vera", facts=facts.Arrived(self.codeword))

    @property
    def codeword(self) -> str:
        if "codeword" not in self.__dict__:
            self.__dict__["codeword"] = self.canaries.plant("relocation_checkinplan.codeword", self.case_id, "contacts")
        return str(self.__dict__["codeword"])

    def host_receives(self, stay: Any) -> None:
        with as_(self.ground[self.host]) as host:
            hosting.arrived(stay.pk, by=host)

    def decline(self) -> None:
        self.step("decline", "mara", reason="too far", facts=facts.Declined("a lawyer"))

    def close(self) -> None:
        self.withdraw()
        self.step("close", "mara", facts=facts.Closing())

    def withdraw(self) -> None:
        self.agreed_step("withdraw", "vera", reason="she says so", facts=facts.Withdrawal(self.verified_channel()))

    def until(self, state: Stage | Standing) -> "Told":
        """Every chapter up to a stage, or to `accepted` and then to a standing."""
        if state in story.CHAPTERS:
            return self.to(state)  # type: ignore[arg-type,return-value]
        self.to(Stage.REFERRED if isinstance(state, Stage) else Stage.ACCEPTED)
        ASIDE[state](self)
        return self


def _hold(told: Told) -> None:
    told.step("hold", "vera", reason="in hospital", facts=facts.OnHold(timezone.localdate() + timedelta(days=9)))


ASIDE: dict[Any, Any] = {
    Stage.DECLINED: Told.decline,
    Stage.CLOSED: Told.close,
    Standing.ON_HOLD: _hold,
    Standing.LOST_CONTACT: lambda told: told.step("lose_contact", "vera", reason="silent"),
    Standing.COMPROMISED: lambda told: told.step("compromise", "vera", reason="the neighbour asked"),
    Standing.DETAINED: lambda told: told.step("detain", "vera", reason="at the station"),
    Standing.WITHDRAWN: Told.withdraw,
    Standing.DECEASED: lambda told: told.agreed_step("record_death", "mara", second="ilya", reason="the lawyer saw it"),
}


def season(row: Any, about: Any, canaries: Canaries) -> list[str]:
    """Put a canary into every free sealed text of a row that has none yet; the names of the fields."""
    table, changed = row._meta.db_table, []
    for field in sealed_fields(type(row)):
        if field.name in FORMED.get(table, ()) or MARKER.encode() in (told := unseal(row, field.name)):
            continue
        word = canaries.plant(f"{table}.{field.column}", about, field.compartment)
        setattr(row, field.name, told + b" " + word.encode() if told else word)
        changed.append(field.name)
    return changed

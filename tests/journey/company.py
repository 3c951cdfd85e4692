"""A case at any stage, entered through the door for people who have already fled, and what doors answer about it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from fiction.story import Story, as_
from relocation.journey import recording
from relocation.journey.advance import advance
from relocation.journey.facts import Entered
from relocation.journey.refusals import Blocked
from relocation.models import Alarm, Application, Case, Checklist, Deadline, LedgerEntry, Stage
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.safety.raw import sql


class Company(Story):
    """The cast around one case. Every question and every step acts as somebody, in a transaction."""

    def at(self, stage: Stage) -> "Company":
        """Bring the case from `referred` to a stage in one step, asked by Mara and agreed to by Ilya, who is on call."""
        told = {"valid_from": in_days(0), "valid_until": in_days(90)} if stage == Stage.GRANTED else {}
        if stage in (Stage.APPLYING, Stage.LODGED, Stage.GRANTED):
            told["checklist"] = Checklist.objects.get(post__code="R5").pk
        self.agreed_step("enter", "mara", second="ilya", facts=Entered(stage, "She crossed the border last week.", **told))
        with as_(self.ground["vera"]):  # what these tests are about is another one
            Application.objects.filter(case_id=self.case_id).update(state="dropped")
        return self

    def seen(self, by: str = "vera") -> Case:
        with as_(self.ground[by]) as account:
            return self.case(account)

    @property
    def state(self) -> tuple[str, str]:
        case = self.seen()
        return case.stage, case.standing

    def blocked(self, step: str, by: str = "vera", **rest: Any) -> list[str]:
        """The names of what is not met; fails where the step is taken, and where anything moved."""
        before = self.state
        with pytest.raises(Blocked) as refused:
            self.step(step, by, **rest)
        assert self.state == before
        assert refused.value.sentence
        return [judgement.name for judgement in refused.value.unmet]

    def impossible(self, step: str, by: str = "vera", **rest: Any) -> bool:
        """Whether the step does not lead on from here at all."""
        return self.blocked(step, by, **rest) == ["possible"]

    def denied(self, step: str, by: str, **rest: Any) -> bool:
        """Whether the door answers somebody as if there were no such case."""
        version = self.seen().version
        with pytest.raises(Denied), as_(self.ground[by]) as account:
            advance(self.case_id, step, by=account, version=version, **rest)
        return True

    def apply_to(self, post: str = "R2", state: str = "chosen", **fields: Any) -> Application:
        """An application to a post, put into a state."""
        with as_(self.ground["vera"]) as vera:
            application = recording.choose_post(self.case(vera), Checklist.objects.get(post__code=post), by=vera)
            for name, value in (fields | {"state": state}).items():
                setattr(application, name, value)
            application.save()
        return application

    def application_state(self, post: str = "R2") -> str:
        with as_(self.ground["vera"]):
            return Application.objects.filter(case_id=self.case_id, post__code=post).latest("at").state

    def alarms(self) -> list[str]:
        with as_(self.ground["vera"]):
            return list(Alarm.objects.filter(case_id=self.case_id).order_by("at").values_list("kind", flat=True))

    def deadlines(self, kind: str) -> list[Deadline]:
        with as_(self.ground["vera"]):
            return list(Deadline.objects.filter(case_id=self.case_id, kind=kind))

    def last_entry(self) -> LedgerEntry:
        with as_(self.ground["vera"]):
            return LedgerEntry.objects.filter(case_id=self.case_id).latest("seq")

    def let_in(self, name: str, role: Role, by: str, **rest: Any) -> None:
        with as_(self.ground[by]) as account:
            access.admit(self.ground[name], role, self.case_id, by=account, reason="is needed", **rest)

    def set_back(self, table: str, **days: int) -> None:
        """Make a fact of this case older by whole days, as if it had been written then."""
        with acting_as(self.ground["vera"].pk), transaction.atomic():
            for column, count in days.items():
                sql(f"UPDATE {table} SET {column} = {column} - interval '{count} days' WHERE case_id = %s", self.case_id)


def in_days(days: int) -> Any:
    """A day from now."""
    return timezone.localdate() + timedelta(days=days)

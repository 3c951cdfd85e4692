"""How a wave is told: steps for everybody at once, each through their own gate, and a second person who agrees."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol
from uuid import UUID, uuid4

from fiction.crowd import Crowd
from fiction.ground import Ground
from fiction.story import as_
from relocation.journey import approvals, turns, waves
from relocation.models import Account, Approval, Paper, Turn


class Teller(Protocol):
    """What the walk lends: a voice, a way to try what must be refused, and patience with the worker."""

    ground: Ground
    failures: list[str]

    def say(self, sentence: str) -> None: ...
    def wait(self) -> None: ...
    def paper(self, paper: Paper) -> None: ...
    def refused(self, who: Account, what: str, attempt: Callable[[], Any]) -> None: ...


class Bulk:
    """What every chapter of a wave has in common; `crowd` is there once the people are gathered."""

    crowd: Crowd

    def __init__(self, walk: Teller) -> None:
        self.walk, self.ground, self.say = walk, walk.ground, walk.say
        self.vera, self.mara = walk.ground["vera"], walk.ground["mara"]

    def bulk(self, step: str, by: Account, told: dict[str, Any] | None = None, only: Iterable[UUID] = ()) -> list[Turn]:
        """Ask a step for all of them, or for some, as the page of the wave does; who was refused is printed."""
        with as_(by):
            chosen = [turns.Chosen(case.pk, case.version) for case in waves.people(self.crowd.wave, by)]
            chosen = [one for one in chosen if not only or one.case_id in set(only)]
            token = uuid4()
            told, device = told or {}, f"device of {by.username}"
            turns.ask(self.crowd.wave, step, chosen, told, token=token, reason="", by=by, device=device)
        self.walk.wait()
        with as_(by):
            found = turns.of_mine(token, self.crowd.wave, by)[1]
        self._tell(step, by, found)
        return found

    def _tell(self, step: str, by: Account, found: list[Turn]) -> None:
        counted = {label: sum(turn.outcome == outcome for turn in found) for outcome, label in Turn.Outcome.choices}
        self.say(f"{by}: {step} for {len(found)}: " + ", ".join(f"{n} {label}" for label, n in counted.items() if n))
        for turn in found:
            if turn.outcome == Turn.Outcome.REFUSED:
                why = ", ".join(name.replace("_", " ") for name in turn.unmet) or turn.why
                print(f"refused: {turn.case.alias}: {step}: {why}", flush=True)

    def bulk_agreed(self, step: str, told: dict[str, Any] | None = None, only: Iterable[UUID] = ()) -> None:
        """A step that needs a second person: asked for each, agreed to one by one, and asked for again."""
        asked = self.bulk(step, self.vera, told, only=only)
        with as_(self.mara) as mara:
            open_ones = Approval.objects.filter(case__in=[turn.case_id for turn in asked], what=f"step.{step}", given=None)
            for pk in list(open_ones.values_list("pk", flat=True)):
                approvals.answer(pk, given=True, by=mara, session="device of mara")
        self.say(f"{self.mara}: agrees to {step}, person by person")
        agreed = [turn.case_id for turn in asked if turn.outcome == Turn.Outcome.ASKED]
        self.must(step, self.bulk(step, self.vera, told, only=agreed), len(agreed))

    def must(self, step: str, found: list[Turn], wanted: int) -> None:
        done = sum(turn.outcome == Turn.Outcome.DONE for turn in found)
        if done != wanted:
            self.walk.failures.append(f"{step}: {done} of {wanted} went through")

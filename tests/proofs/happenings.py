"""Three things that a death may fall into, each of a case of its own: a placement, a move between houses, an escalation.

Of each it can be told how often it has happened: 0 before, 1 after, and never anything else.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from fiction.telling import as_
from logistics import ladder
from relocation.models import CheckInPlan, Outbox, Stage
from shelters import hosting
from shelters.models import Bed, Proposal, Stay
from tests.proofs import owner
from tests.proofs.prove_ladder import written
from tests.proofs.prove_placement import OFFERS, STATE, ordered, work
from tests.proofs.prove_stays import RUNS, beds, held, move
from tests.proofs.telling import Told
from tests.proofs.world import World, fresh

FOLLOWS = "SELECT count(*) FROM shelters_stay WHERE follows_id = %s"
SAID = "SELECT count(*) FROM relocation_ledgerentry WHERE case_id = %s AND what = 'stay.moved'"
RUNG = "SELECT id FROM logistics_rung WHERE plan_id = %s AND told"
TELLS = "SELECT id, done_at IS NOT NULL FROM relocation_outbox WHERE kind = 'tell_rung' AND ids->>'case' = %s"
MAILS = "SELECT id FROM relocation_outbox WHERE kind = 'mail_on_call' AND key LIKE %s AND done_at IS NOT NULL"
DUE = """UPDATE relocation_outbox SET created_at = created_at - interval '1 minute', next_at = least(next_at, now()),
  leased_until = CASE WHEN leased_until IS NULL THEN NULL ELSE now() - interval '1 second' END
  WHERE done_at IS NULL AND kind = ANY(%s)"""


@dataclass
class Placement:
    """A proposal for one person, as the job of a worker."""

    world: World
    made: Proposal
    row: Outbox

    @classmethod
    def of(cls, world: World) -> "Placement":
        return cls(world, *ordered(world, fresh(world)))

    def act(self) -> None:
        work(self.world, self.row)

    def counts(self) -> set[int]:
        """Offers and the state; both say 1, or both 0."""
        ready = owner.rows(STATE, self.made.pk) == [("ready",)]
        return {int(owner.rows(OFFERS, self.made.pk)[0][0]), int(ready)}

    def told(self) -> bool:
        """Whether the job is over and has not failed in the end."""
        return owner.rows("SELECT done_at IS NOT NULL, failed FROM relocation_outbox WHERE id = %s", self.row.pk)[0] == (True, "")


@dataclass
class Move:
    """Somebody in a firm bed, and the bed in another house into which they move."""

    world: World
    told: Told
    stay: Stay
    there: Bed
    moves: int = 0  # how often they have moved before

    @classmethod
    def of(cls, world: World) -> "Move":
        told = fresh(world).until(Stage.ACCEPTED)
        with as_(world["vera"]) as vera:
            here, there = beds("Rowan", 1)[0], beds("Elm", 1)[0]
            return cls(world, told, hosting.confirm(held(told, here, vera), by=vera), there)

    def act(self) -> None:
        with as_(self.world["vera"]) as vera:
            move(self.stay, self.there, vera)

    def counts(self) -> set[int]:
        """The stay that follows, and what the ledger says; there is one bed at every moment."""
        said = owner.rows(SAID, self.told.case_id)[0][0] - self.moves
        one_bed = owner.rows(RUNS, self.told.case_id)[0][0] - 1
        follows = owner.rows(FOLLOWS, self.stay.pk)[0][0]
        return {said, follows, follows + one_bed}

    def back(self) -> "Move":
        """The way back, once they have moved."""
        with as_(self.world["vera"]):
            now = Stay.objects.select_related("bed").get(follows=self.stay.pk)
            before = Bed.objects.select_related("house").get(pk=self.stay.bed_id)
        return Move(self.world, self.told, now, before, self.moves + 1)


@dataclass
class Escalation:
    """Somebody who should have been heard from an hour and a minute ago; an hour of it is grace."""

    plan: CheckInPlan

    @classmethod
    def of(cls, world: World) -> "Escalation":
        told = fresh(world)
        with as_(world["vera"]) as vera:
            plan = CheckInPlan(case_id=told.case_id, by=vera, starts_at=timezone.now() - timedelta(minutes=61))
            plan.codeword, plan.duress_word = "blackcurrant", "rowanberry"
            plan.save(force_insert=True)
        return cls(plan)

    def act(self) -> None:
        ladder.look()

    def counts(self) -> set[int]:
        """The rung, what the ledger says of it, and the job that tells it."""
        jobs = owner.rows(TELLS, str(self.plan.case_id))
        return {len(owner.rows(RUNG, self.plan.pk)), written(self.plan.case_id, "ladder.grace"), len(jobs)}

    def job(self) -> int:
        """The job that tells the rung, which has been climbed."""
        return int(owner.rows(TELLS, str(self.plan.case_id))[0][0])

    def mails(self) -> int:
        """How many letters were sent for it."""
        return sum(len(owner.rows(MAILS, f"mail_on_call:{job}:%")) for job, _done in owner.rows(TELLS, str(self.plan.case_id)))

    def told(self) -> bool:
        """Whether everybody whom the rung tells has been told."""
        return [done for _job, done in owner.rows(TELLS, str(self.plan.case_id))] == [True] and self.mails() > 0


Happening = Placement | Move | Escalation


def due_again(*kinds: Any) -> None:
    """As if the time of whoever died had passed, and each job had waited long enough to be rung for."""
    owner.rows(DUE, list(kinds))

"""G10: the graph is exactly the table that people wrote; ten thousand random steps never leave it."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import hypothesis.strategies as st
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from relocation.journey import advance as door
from relocation.journey import approvals, facts, stages
from relocation.journey.attempt import Attempt
from relocation.journey.referring import NewCase, assign, refer
from relocation.journey.refusals import Blocked
from relocation.journey.step import STAGE_OF, STEPS
from relocation.journey.steps import Journey
from relocation.models import Case, LedgerEntry, Stage, Standing
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied, Stale
from tests.journey.oracle import NEEDS_ACTIVE, ONLY_FROM, ORACLE, STAGE_STEPS, STANDING_STEPS, pairs
from tests.proofs.tally import SEED, Tally, guarantee, scale
from tests.proofs.world import World

pytestmark = guarantee("G10")
OVER = ("withdrawn", "deceased")
ANY: Any = object()  # whoever, whatever


def leads_on(name: str, stage: str, standing: str, *, emergency: bool = False) -> bool:
    """The hand's answer: may this step be taken from here."""
    sources, _to, _who, _second, also_from = ORACLE[name]
    if emergency:
        return also_from is not None and stage in [*sources, *also_from] and standing not in OVER
    if name in STANDING_STEPS:
        return standing in sources
    if stage not in sources:
        return False
    return name == "close" or (standing == "active" if name in NEEDS_ACTIVE else standing not in OVER)


@pytest.mark.nodb
def test_every_state_and_step_agrees_with_the_table(tally: Tally) -> None:
    tally.check(set(STEPS) == set(ORACLE), "there are other steps than the table's")
    for name, step in STEPS.items():
        for stage in Stage:
            for standing in Standing:
                for emergency in (False, True):
                    if step.application is None:
                        attempt = Attempt(Journey(stage=stage, standing=standing), step, ANY, ANY, ANY, "now" * emergency, "why")
                        agrees = (door._obstacle(attempt, standing) == "") is leads_on(name, stage, standing, emergency=emergency)
                        tally.check(agrees, f"{name} from {stage}, {standing}, emergency: {emergency}")
    tally.check(stages.PAIRS["stage"] == pairs(STAGE_STEPS), "pairs of stages")
    tally.check(stages.PAIRS["standing"] == pairs(STANDING_STEPS), "pairs of standings")


@pytest.mark.nodb
def test_every_step_is_as_the_table_says(tally: Tally) -> None:
    for name, (sources, targets, who, second, emergency) in ORACLE.items():
        step = STEPS[name]
        tally.check(({STAGE_OF[step.application]} if step.application else set(step.sources)) == set(sources), f"{name} from")
        tally.check(set(step.targets) == set(targets), f"{name} to")
        tally.check(step.second is second, f"{name} second person")
        tally.check(
            (set(step.emergency_from) if step.can_be_emergency else None) == (None if emergency is None else set(emergency)), name
        )
        for role in Role:
            tally.check((role in access.CAPABILITIES[f"step.{name}"]) is (role in who.split()), f"{name} by {role}")


class Walk(RuleBasedStateMachine):
    """Random people take random steps on one case; a model written by hand says what must happen."""

    world: World
    tally: Tally

    @initialize()
    def open(self) -> None:
        mara = self.world["mara"]
        with acting_as(mara.pk):
            self.case_id = refer(NewCase(consent_given_on=timezone.localdate()), by=mara).pk
            assign(self.case_id, self.world["vera"], by=mara, reason="has room")
            access.admit(self.world["tomas"], Role.VERIFIER, self.case_id, by=mara, reason="verifies")
        self.stage, self.standing, self.version = "referred", "active", 0

    @rule(name=st.sampled_from([name for name, step in STEPS.items() if step.application is None]),
          who=st.sampled_from(["lead", "lead", "coordinator", "coordinator", "verifier", "nobody"]),
          choice=st.integers(0, 9), stale=st.sampled_from([0, 0, 0, 0, 1]),
          emergency=st.sampled_from(["", "", "", "now"]))  # fmt: skip
    def take(self, name: str, who: str, choice: int, stale: int, emergency: str) -> None:
        by = self.world[{"lead": "vera", "coordinator": "mara", "verifier": "tomas", "nobody": "charlie"}[who]]
        told = fact(name, choice)
        with acting_as(by.pk):
            try:
                door.advance(
                    self.case_id, name, by=by, version=self.version + stale, reason="why", emergency=emergency, facts=told
                )
                found = "moved"
            except (Denied, Stale, Blocked) as refused:
                found = type(refused).__name__
        expected = self.expected(name, who, stale, emergency)
        self.tally.check(found == expected, f"{name} by {who} from {self.stage}, {self.standing}: {found}, not {expected}")
        if found == "moved":
            self.move(name, told, emergency)

    def expected(self, name: str, who: str, stale: int, emergency: str) -> str:
        if who not in ORACLE[name][2].split():
            return "Denied"
        if stale:
            return "Stale"
        return "moved" if leads_on(name, self.stage, self.standing, emergency=bool(emergency)) else "Blocked"

    def move(self, name: str, told: Any, emergency: str) -> None:
        """What the hand says that a step does."""
        targets = ORACLE[name][1]
        self.version += 1
        if name in STAGE_STEPS:
            self.stage = told.stage if name == "enter" else targets[0] if targets else self.stage
        elif name == "withdraw" and not told.channel:
            self.standing = "on_hold" if self.standing in ONLY_FROM["withdraw"]["on_hold"] else self.standing
        elif name == "make_safe":
            self.standing = "withdrawn" if told.consent_ended else "active"
        else:
            self.standing = targets[0]

    @invariant()
    def the_case_is_where_the_model_says(self) -> None:
        with acting_as(self.world["mara"].pk):
            case = Case.objects.visible_to(self.world["mara"]).get(pk=self.case_id)
            steps = LedgerEntry.objects.filter(case_id=self.case_id, what__startswith="step.").count()
        is_there = (case.stage, case.standing, case.version, steps)
        should = (self.stage, self.standing, self.version, self.version)
        self.tally.check(is_there == should, f"{is_there}, not {should}")
        assert is_there == should


def fact(name: str, choice: int) -> Any:
    """What a step must be told, one way or another."""
    today = timezone.localdate()
    told: dict[str, Any] = {
        "enter": lambda: facts.Entered(facts.ENTRY_STAGES[choice % len(facts.ENTRY_STAGES)], "seen"),
        "decline": lambda: facts.Declined("a lawyer"), "abort": lambda: facts.Place("a village"),
        "shelter": facts.Sheltering, "move_house": facts.Sheltering, "depart": facts.Departing,
        "pause_abroad": lambda: facts.Place("a town"),
        "turn_back": lambda: facts.TurnedBack("the border", "guards", "a friend's"),
        "arrive": lambda: facts.Arrived("words"), "return_home": lambda: facts.WentHome(forced=choice % 2 == 0),
        "close": facts.Closing, "hold": lambda: facts.OnHold(today + timedelta(days=1)),
        "find_again": lambda: facts.FoundAgain("words"),
        "make_safe": lambda: facts.MadeSafe("a place", consent_ended=choice > 7),
        "set_free": lambda: facts.SetFree("asked"), "withdraw": lambda: facts.Withdrawal(uuid4() if choice % 2 else None),
    }  # fmt: skip
    return told[name]() if name in told else None


def test_ten_thousand_random_steps_stay_on_the_graph(world: World, tally: Tally) -> None:
    """Conditions and the second person are taken as given here: the graph itself is tried, not what stands before a step."""
    wanted, tries = scale(10_000, 400), 0
    with patch.object(door, "judge", lambda needs, attempt: []), patch.object(approvals, "use", lambda *asked: None):
        while tally.total < 2 * wanted and tries < 500:
            machine = type("Walk", (Walk,), {"world": world, "tally": tally})
            how = settings(max_examples=10, stateful_step_count=50, deadline=None, database=None,
                           suppress_health_check=list(HealthCheck), print_blob=False)  # fmt: skip
            run_state_machine_as_test(seed(SEED + tries)(machine), settings=how)
            tries += 1
    tally.count("machine_steps", tally.total // 2)

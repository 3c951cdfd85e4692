"""The graph: said once in the code, compared with the table written by hand, with PostgreSQL, and with every role."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from relocation.journey import conditions
from relocation.journey.advance import _obstacle, advance
from relocation.journey.attempt import Attempt
from relocation.journey.stages import ONWARD, PAIRS, PHASES
from relocation.journey.step import STAGE_OF, STEPS
from relocation.journey.steps import Journey
from relocation.models import Case, Stage, Standing, offers
from relocation.safety import access
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.journey.oracle import NEEDS_ACTIVE, ORACLE, STAGE_STEPS, STANDING_STEPS, pairs
from tests.safety.raw import sql


@pytest.mark.nodb
class TestTheTable:
    def test_there_are_exactly_these_steps(self):
        assert set(STEPS) == set(ORACLE) and len(ORACLE) == 37

    @pytest.mark.parametrize("name", ORACLE)
    def test_each_leads_from_and_to_where_the_design_says(self, name):
        sources, targets, who, second, emergency = ORACLE[name]
        step = STEPS[name]
        from_here = {STAGE_OF[step.application]} if step.application else set(step.sources)
        assert from_here == set(sources)
        assert set(step.targets) == set(targets)
        assert step.by == {Role(role) for role in who.split()}
        assert step.second is second
        assert (set(step.emergency_from) if step.can_be_emergency else None) == (None if emergency is None else set(emergency))

    @pytest.mark.parametrize("name", STAGE_STEPS)
    def test_each_waits_for_an_open_way_or_does_not(self, name):
        assert STEPS[name].any_standing is (name not in NEEDS_ACTIVE)

    def test_the_pairs_are_those_of_the_design(self):
        assert PAIRS["stage"] == pairs(STAGE_STEPS)
        assert PAIRS["standing"] == pairs(STANDING_STEPS)

    def test_every_stage_belongs_to_one_phase_and_leads_on(self):
        assert sorted(stage for phase in PHASES for stage in phase.stages) == sorted(Stage)
        assert set(ONWARD) == set(Stage)
        assert all(stage in (*STEPS[name].sources,) for stage, name in ONWARD.items())

    def test_every_step_says_what_it_is(self):
        assert all(step.doc and str(step.label) for step in STEPS.values())

    def test_an_ordinary_case_has_no_step_to_call(self):
        assert not any(hasattr(Case, name) for name in STEPS)
        assert all(hasattr(Journey, name) for name in STEPS)

    def test_a_transition_called_from_elsewhere_is_refused(self):
        with pytest.raises(TransitionNotAllowed):
            Journey(alias="Heron").accept()


class TestPostgres:
    def test_it_allows_the_same_pairs(self):
        body = sql("SELECT pg_get_functiondef('harbour_graph'::regproc)")[0]
        found = {column: set(re.findall(r"\('(\w+)','(\w+)'\)", part)) for column, part in self.parts(body).items()}
        assert found == {column: {(str(a), str(b)) for a, b in allowed} for column, allowed in PAIRS.items()}

    def parts(self, body):
        stage, standing = body.split("new.standing <> old.standing")
        return {"stage": stage.split("new.stage <> old.stage")[1], "standing": standing}

    def test_every_stage_can_be_left_and_every_standing_too(self):
        assert {a for a, _b in PAIRS["stage"]} == set(Stage)
        assert {a for a, _b in PAIRS["standing"]} == set(Standing)


@pytest.mark.nodb
class TestEveryStateAndStep:
    def test_the_machine_agrees_with_the_table_in_every_state(self):
        """All stages × standings × steps: may it lead on from here, and does the door say the same."""
        cells = 0
        for stage in Stage:
            for standing in Standing:
                for name, step in STEPS.items():
                    case = Journey(stage=stage, standing=standing)
                    attempt = Attempt(case, step, None, facts=object(), application=object(), reason="why")
                    expected = self.leads_on(name, stage, standing)
                    # An application's own state is judged beside the stage; a case may be further by another one.
                    if step.application is None:
                        assert (_obstacle(attempt, standing) == "") is expected, (stage, standing, name)
                        cells += 1
        assert cells == len(Stage) * len(Standing) * (37 - 7)

    def leads_on(self, name, stage, standing):
        sources = ORACLE[name][0]
        if name in STANDING_STEPS:
            return standing in sources
        if stage not in sources:
            return False
        if name == "close":
            return True
        if name in NEEDS_ACTIVE:
            return standing == "active"
        return standing not in ("withdrawn", "deceased")

    def test_in_an_emergency_only_death_and_withdrawal_stop_it(self):
        for name, (sources, _to, _who, _second, emergency) in ORACLE.items():
            for stage in Stage:
                for standing in Standing:
                    attempt = Attempt(
                        Journey(stage=stage, standing=standing),
                        STEPS[name],
                        None,
                        facts=object(),
                        emergency="now",
                        application=object(),
                        reason="why",
                    )
                    if name in STANDING_STEPS or STEPS[name].application:
                        continue
                    wanted = (
                        emergency is not None and stage in [*sources, *emergency] and standing not in ("withdrawn", "deceased")
                    )
                    assert (_obstacle(attempt, standing) == "") is wanted, (stage, standing, name)


class TestEveryRole:
    @pytest.fixture
    def everybody(self, kestrel, ground, mara, vera, greta, acting):
        """One person in each role on Kestrel, let in by whoever may."""
        holders = {"lead": vera, "coordinator": mara, "verifier": ground["tomas"]}
        spare = [ground[name] for name in ("charlie", "nina", "hanna", "otto", "elise", "pierre", "ilya")]
        until = timezone.now() + timedelta(days=1)
        with acting(greta):
            for role in [r for r in Role if r not in holders and r is not Role.GLASS]:
                holders[role] = spare.pop()
                access.admit(holders[role], role, kestrel.pk, by=greta, reason="has a part", until=until, scope=kestrel.pk)
        return holders

    def test_may_take_a_step_exactly_where_the_table_names_it(self, kestrel, everybody, acting):
        cells = 0
        for role, account in everybody.items():
            with acting(account):
                for name, (_from, _to, who, _second, _emergency) in ORACLE.items():
                    assert access.may(account, f"step.{name}", kestrel.pk) is (role in who.split()), (role, name)
                    cells += 1
        assert cells == 10 * 37

    def test_the_door_denies_everybody_else(self, kestrel, everybody, acting):
        for role, account in everybody.items():
            refused = [name for name, row in ORACLE.items() if role not in row[2].split()][:4]
            for name in refused:
                with acting(account), pytest.raises(Denied):
                    advance(kestrel, name, by=account, version=kestrel.version)


class TestNames:
    @pytest.mark.nodb
    def test_a_condition_that_nobody_offers_stops_the_start(self, monkeypatch):
        monkeypatch.setattr(conditions._offered, "named", conditions._offered.named | {"moon_is_full"})
        with pytest.raises(ImproperlyConfigured, match="moon_is_full"):
            offers.insist()

    @pytest.mark.nodb
    def test_those_that_are_needed_are_all_offered(self):
        needed = {"bed_held", "arrival_confirmed", "passage_planned", "legs_ticketed", "manifest_issued"}
        assert needed <= conditions._offered.named <= conditions._offered.keys()

    @pytest.mark.nodb
    def test_two_rooms_do_not_offer_the_same(self):
        with pytest.raises(ImproperlyConfigured, match="Two rooms"):
            conditions.offer("bed_held")(lambda attempt: None)

    def test_a_step_that_does_not_exist_is_denied_as_a_case_that_does_not(self, kestrel, vera, as_vera):
        with pytest.raises(Denied) as refused:
            advance(kestrel, "teleport", by=vera, version=kestrel.version)
        assert refused.value.sentence == ""

"""G3: the proofs have teeth. Each rule is weakened in turn; an oracle written by hand must notice each time."""

from datetime import timedelta
from typing import Any

import pytest

from relocation.journey.step import STEPS
from relocation.models import Stage
from relocation.safety import access
from relocation.safety.policy import ADMITS, ENDS, POLICY, Compartment, Policy, Role
from tests.journey.oracle import NEEDS_ACTIVE, ORACLE
from tests.proofs import attacks_on_money, attacks_on_places, mutants, owner
from tests.proofs.attacks import ATTACKS, Attacker
from tests.proofs.design import ADMITS as BY_HAND_ADMITS
from tests.proofs.design import AGREES, ALONE, ALWAYS, BARS, DAYS, NEEDS, OWN, ROLES, held
from tests.proofs.design import ENDS as BY_HAND_ENDS
from tests.proofs.tally import Tally, guarantee
from tests.proofs.world import World, fresh

pytestmark = guarantee("G3")


def kill(tally: Tally, words: str, noticed: object) -> None:
    """A mutant that nobody noticed lives."""
    tally.check(noticed, f"nobody noticed: {words}")
    tally.count("killed", bool(noticed))


def policy_is_right(policy: Policy) -> bool:
    """The policy table against the design's."""
    for role, (free, asked, written) in ROLES.items():
        for c in Compartment:
            right = policy.rights[Role(role), c]
            if right.own is not (c in held(OWN.get(role, ""))):
                return False
            if right.reads is not (c in held(free)) or right.writes is not (c in held(written)):
                return False
            if (right.with_reason or right.with_second_person) is not (c in held(asked)):
                return False
            if right.with_second_person is not (c == Compartment.LOCATION and c in held(asked) and role not in ALONE):
                return False
        if policy.ends[Role(role)] != (timedelta(days=DAYS[role]) if role in DAYS else None):
            return False
    return True


def table_is_right(table: Any, by_hand: dict[str, str]) -> bool:
    return {str(giver): set(map(str, taken)) for giver, taken in table.items() if taken} == {
        g: held(t) for g, t in by_hand.items()
    }


def capabilities_are_right() -> bool:
    """Every capability that the program knows, from the design alone."""
    wanted: dict[str, set[str]] = {
        "case.open": {role for role, (free, _a, _w) in ROLES.items() if "card" in held(free) and role not in ("host", "escort")},
        "case.assign": {"coordinator"}, "approve": AGREES, "paper.issue": {"lead", "coordinator"},
        "place": {"lead"},
        "receive": {"receiver"}, "bar": held(BARS), "bar.lift": {"lead"},
    }  # fmt: skip
    for c in map(str, Compartment):
        free, asked, written = ({r for r, row in ROLES.items() if c in held(row[i])} for i in range(3))
        wanted |= {f"{c}.read": free, f"{c}.write": written, f"{c}.own": {r for r, own in OWN.items() if c in held(own)}}
        wanted |= {f"{c}.reveal": free | (asked if c != "location" else ALONE)}
        wanted |= {f"{c}.reveal_together": asked - ALONE if c == "location" else set()}
    for role in ROLES:
        wanted |= {f"admit.{role}": {g for g, t in BY_HAND_ADMITS.items() if role in held(t)}}
        wanted |= {f"dismiss.{role}": {g for g, t in BY_HAND_ENDS.items() if role in held(t)}}
    wanted |= {f"step.{name}": held(row[2]) for name, row in ORACLE.items()}
    return all({str(r) for r in roles} == wanted.get(name) for name, roles in access.CAPABILITIES.items())


def steps_are_right() -> bool:
    """Conditions, second person, standing and emergency of each step."""
    for name, (sources, _to, _who, second, emergency) in ORACLE.items():
        step = STEPS[name]
        needs, always = ({mutants.named(n) for n in found} for found in (step.needs, step.emergency_needs))
        right = needs == held(NEEDS.get(name, "")) and always == held(ALWAYS.get(name, "")) and step.second is second
        right &= step.can_be_emergency is (emergency is not None)
        right &= step.column == "standing" or step.any_standing is (name not in NEEDS_ACTIVE)
        right &= bool(step.application) or set(step.sources) == set(sources)
        right &= not step.application or "closed" not in step.sources
        if not right:
            return False
    return True


@pytest.mark.nodb
def test_a_weaker_table_is_noticed(tally: Tally) -> None:
    tally.check(policy_is_right(POLICY), "the policy table is not the design's")
    for words, policy in mutants.of_policy():
        kill(tally, words, not policy_is_right(policy))
    by_hand = {"admits": (ADMITS, BY_HAND_ADMITS), "ends": (ENDS, BY_HAND_ENDS)}
    for table, hand in by_hand.values():
        tally.check(table_is_right(table, hand), "who lets whom in or out is not the design's")
    for words, mutated, which in mutants.of_giving():
        kill(tally, words, not table_is_right(mutated, by_hand[which][1]))


@pytest.mark.nodb
@pytest.mark.parametrize(
    ("of", "right"), [(mutants.of_capabilities, capabilities_are_right), (mutants.of_conditions, steps_are_right)]
)
def test_a_weaker_rule_of_the_program_is_noticed(tally: Tally, of: Any, right: Any) -> None:
    tally.check(right(), "the program is not as the design says")
    for mutant in of():
        with mutant.switch:
            kill(tally, mutant.words, not right())


@pytest.mark.usefixtures("lasting")
def test_an_open_wall_is_noticed(world: World, tally: Tally) -> None:
    """A stranger takes a whole table: each verb of each policy alone stands in his way."""
    stranger = Attacker("ruth", world)
    for table, verb, mutant in mutants.of_walls():
        if table in OWN_TABLES:
            continue
        if not allowed(table, verb):
            tally.count("verbs_nobody_has")  # no policy is asked about what the program may do to no row
            continue
        if verb != "INSERT" and not owner.rows(f"SELECT 1 FROM {table} LIMIT 1"):
            tally.count("tables_without_rows")  # nothing in it to be reached
            continue
        tally.check(not stranger.reaches(table, verb), f"a stranger reaches {verb} on {table}")
        with mutant.switch:
            kill(tally, mutant.words, stranger.reaches(table, verb))


def allowed(table: str, verb: str) -> bool:
    """Whether the program's role may try this verb on any column of the table at all."""
    kind = "table" if verb == "DELETE" else "any_column"
    return owner.rows(f"SELECT has_{kind}_privilege('harbour_app', %s, %s)", table, verb) == [(True,)]


# What a stranger at a desk of another organisation sees or writes by right: who is on call, houses and beds by their codes, on
# which nights they are closed and whether somebody vouched for their hosts, what is locked.
OWN_TABLES = {
    "relocation_dutyshift", "shelters_house", "shelters_keeper", "shelters_room", "shelters_bed", "shelters_freebeds",
    "shelters_closure", "shelters_vetting",
    "relocation_account", "relocation_referralfile", "relocation_filelink", "logistics_leg", "relocation_lock",
    "mfa_authenticator", "shelters_proposal",
}  # fmt: skip

# Their own triggers refuse every change, so that the envelope is a second guard there.
GUARDED_TWICE = {("envelope", "logistics_expense")}


@pytest.mark.usefixtures("lasting")
def test_a_trigger_switched_off_is_noticed(world: World, tally: Tally) -> None:
    case_id = fresh(world).until(Stage.LODGED).case_id  # other proofs wear out what is the world's
    for table, name, mutant in mutants.of_triggers():
        if (name, table) in GUARDED_TWICE:
            tally.count("guarded_twice")
            continue
        attack = (ATTACKS | attacks_on_places.ATTACKS | attacks_on_money.ATTACKS).get(name)
        tally.check(attack, f"nobody attacks trigger {name} on {table}")
        if attack is None:
            continue
        if not owner.rows(f"SELECT 1 FROM {table} LIMIT 1"):
            tally.count("tables_without_rows")  # an envelope that nobody has written on
            continue
        vera = Attacker("vera", world)
        with mutants.switched(table, name, "ENABLE"):
            tally.check(not attack(vera, table, case_id), f"an attack succeeds although {name} guards {table}")
        with mutant.switch:
            kill(tally, mutant.words, attack(vera, table, case_id))

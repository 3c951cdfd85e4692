"""G11: nothing but a step moves a case: not Django, not raw SQL, not a trick in between."""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.forms import modelform_factory

from fiction.telling import as_
from relocation.models import Account, Case, LedgerEntry, Stage, Standing
from relocation.safety import access, keys
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from tests.journey.oracle import STAGE_STEPS, STANDING_STEPS, pairs
from tests.proofs import owner
from tests.proofs.tally import Tally, guarantee
from tests.proofs.world import World

pytestmark = [guarantee("G11"), pytest.mark.usefixtures("lasting")]
ALLOWED = {"stage": pairs(STAGE_STEPS), "standing": pairs(STANDING_STEPS)}
STATE = "SELECT stage, standing FROM relocation_case WHERE id = %s"


def case_of(world: World, state: Any) -> Case:
    return Case.objects.visible_to(world["vera"]).get(pk=world.one(state))


def moves_back(world: World, state: Any, attempt: Callable[[Case], Any]) -> bool:
    """Whether an attempt leaves a case where it is, whether it is refused or comes to nothing."""
    before = owner.rows(STATE, world.one(state))
    try:
        with as_(world["vera"]):
            attempt(case_of(world, state))
    except (DatabaseError, AttributeError, TypeError, ValueError, RuntimeError):
        pass
    return owner.rows(STATE, world.one(state)) == before


def test_no_pair_outside_the_graph_is_written(world: World, tally: Tally) -> None:
    """Every stage and standing that a case can be at, against every other, in raw SQL by its lead."""
    for column, states in (("stage", Stage), ("standing", Standing)):
        for here, there in product(states, states):
            if here == there or (here, there) in ALLOWED[column] or here not in world.cases:
                continue
            held = moves_back(world, here, partial(raw, f"UPDATE relocation_case SET {column} = %s", there))
            tally.check(held, f"{here} became {there}")


def raw(statement: str, value: str, case: Case) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} WHERE id = %s", [value, case.pk])


def assigned(case: Case) -> None:
    case.stage = Stage.VERIFYING
    case.save()


def smuggled(case: Case) -> None:
    """A refresh that fails and an assignment after it: django-fsm protects a set value only."""
    del case.__dict__["stage"]
    case.__dict__["stage"] = Stage.VERIFYING
    case.save(update_fields=["stage"])


def by_form(case: Case) -> None:
    form = modelform_factory(Case, fields=["stage"])({"stage": "verifying"}, instance=case)
    form.save()


def bulk(case: Case) -> None:
    case.__dict__["stage"] = Stage.VERIFYING
    Case._base_manager.bulk_update([case], ["stage"])


def inserted(case: Case) -> None:
    """By somebody who may enter cases, who begins further on than at the beginning."""
    vera = Account.objects.get(username="vera")
    born = Case(id=uuid4(), organisation_id=case.organisation_id, created_by=vera, stage="granted")
    keys.new_key(born.pk)
    access.admit(vera, Role.COORDINATOR, born.pk, by=vera, reason="referral")
    try:
        born.save(force_insert=True)
    except DatabaseError as refused:
        assert "a case cannot begin at granted" in str(refused)
        raise


def with_another_entry(case: Case) -> None:
    """A trail entry that tells of another stage is no witness."""
    raw("UPDATE relocation_case SET stage = %s", "verifying", case)
    LedgerEntry.objects.create(
        case_id=case.pk, actor_id=case.created_by_id, what="step.verify", stage="granted", standing="active"
    )


# A change that the graph allows (referred to verifying), by every way but the door: no entry in the trail, no move.
DOORS: dict[str, Callable[[Case], Any]] = {
    "assignment": assigned,
    "constructor": lambda case: Case(pk=case.pk, stage="verifying", alias=case.alias).save(force_update=True),
    "create": lambda case: Case._base_manager.create(id=uuid4(), organisation_id=case.organisation_id, stage="verifying"),
    "insert elsewhere in the graph": inserted,
    "update": lambda case: Case._base_manager.filter(pk=case.pk).update(stage="verifying"),
    "update_or_create": lambda case: Case._base_manager.update_or_create(pk=case.pk, defaults={"stage": "verifying"}),
    "bulk_update": bulk,
    "form": by_form,
    "raw SQL": lambda case: raw("UPDATE relocation_case SET stage = %s", "verifying", case),
    "failed refresh, then assignment": smuggled,
    "an entry that tells of something else": with_another_entry,
    "the birth told anew": lambda case: raw("UPDATE relocation_case SET born_in = %s::bigint", "1", case),
}  # fmt: skip


def test_every_back_door_is_shut(world: World, tally: Tally) -> None:
    cases = "SELECT count(*) FROM relocation_case"
    before = owner.rows(cases)
    for words, attempt in DOORS.items():
        tally.check(moves_back(world, Stage.REFERRED, attempt), f"{words} moved a case")
    tally.check(owner.rows(cases) == before, "a case was born beside the door")
    tally.count("doors", len(DOORS))


def test_the_same_without_anybody(world: World, tally: Tally) -> None:
    """Whoever is nobody moves nothing, and hears of nothing."""
    with acting_as(None), connection.cursor() as cursor:
        cursor.execute("UPDATE relocation_case SET version = version + 1")
        tally.check(cursor.rowcount == 0, "nobody changed a case")

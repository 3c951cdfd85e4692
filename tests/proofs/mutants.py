"""Mutants: every rule of the tables, made weaker in turn, so that a new rule brings its own.

Rules that stand in Python (policy cells, who admits whom, capabilities, conditions) are changed in place and judged by the
tables of `design` and of `tests.journey.oracle`; rules that stand in PostgreSQL are changed there and judged by attacks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

from relocation.journey.step import STEPS
from relocation.safety import access
from relocation.safety.policy import ADMITS, ENDS, POLICY, Policy, Right, Role
from relocation.safety.walls import APP, VERBS, all_rules
from tests.proofs import owner

WEAKER = {"-": "r", "?": "r", "?w": "rw", "2": "r", "2w": "rw", "r": "rw", "own": "r"}


class Mutant(NamedTuple):
    """One rule made weaker: what it is called, and what switches it."""

    words: str
    switch: Any


def of_policy() -> Iterator[tuple[str, Policy]]:
    """Each cell of the policy table one step more open, and each term a day longer."""
    for key, right in POLICY.rights.items():
        if more := WEAKER.get(right.cell):
            role, compartment = key
            yield f"{role} {compartment} {right.cell} became {more}", Policy(POLICY.rights | {key: Right(more)}, POLICY.ends)
    for role, term in POLICY.ends.items():
        longer = term * 2 if term else next(iter(filter(None, POLICY.ends.values())))
        yield f"{role} stays longer", Policy(POLICY.rights, POLICY.ends | {role: longer})


def of_giving() -> Iterator[tuple[str, dict[Any, Any], str]]:
    """Each role that may let in, or end, one more role."""
    for words, table in (("admits", ADMITS), ("ends", ENDS)):
        for giver in Role:
            for taken in Role:
                if taken not in table.get(giver, ()):
                    yield f"{giver} {words} {taken}", table | {giver: table.get(giver, frozenset()) | {taken}}, words


def of_capabilities() -> Iterator[Mutant]:
    """Each capability given to each role that does not have it."""
    for name, roles in list(access.CAPABILITIES.items()):
        for role in set(Role) - roles:
            yield Mutant(f"{name} for {role}", patch.dict(access.CAPABILITIES, {name: roles | {role}}))


def of_conditions() -> Iterator[Mutant]:
    """Each step with each of its conditions left out, without its second person, and open in any standing."""
    for name, step in STEPS.items():
        for need in step.needs:
            yield Mutant(f"{name} without {named(need)}", changed(name, needs=tuple(n for n in step.needs if n != need)))
        for need in step.emergency_needs:
            rest = tuple(n for n in step.emergency_needs if n != need)
            yield Mutant(f"{name} in an emergency without {named(need)}", changed(name, emergency_needs=rest))
        if step.second:
            yield Mutant(f"{name} alone", changed(name, second=False))
        if step.column == "stage" and not step.any_standing:
            yield Mutant(f"{name} in any standing", changed(name, any_standing=True))
        if not step.can_be_emergency:
            yield Mutant(f"{name} in an emergency", changed(name, can_be_emergency=True))
        more = next(state for state in ("closed", "deceased", "declined", "active") if state not in step.sources)
        yield Mutant(f"{name} from {more}", changed(name, sources=(*step.sources, more)))


def named(need: Any) -> str:
    return need if isinstance(need, str) else str(getattr(need, "__name__", need))


@contextmanager
def changed(name: str, **fields: Any) -> Iterator[None]:
    """A step that is declared otherwise, for the length of the block."""
    kept = {field: getattr(STEPS[name], field) for field in fields}
    for field, value in fields.items():
        object.__setattr__(STEPS[name], field, value)
    try:
        yield
    finally:
        for field, value in kept.items():
            object.__setattr__(STEPS[name], field, value)


def of_walls() -> Iterator[tuple[str, str, Mutant]]:
    """Each row policy, for each verb, replaced by yes."""
    for table, rules in all_rules().items():
        for verb in rules:
            yield table, verb, Mutant(f"{verb} on {table} for everybody", open_wall(table, verb))


@contextmanager
def open_wall(table: str, verb: str) -> Iterator[None]:
    name = VERBS[verb]
    kept = owner.rows("SELECT qual, with_check FROM pg_policies WHERE tablename = %s AND policyname = %s", table, name)[0]
    clause = "WITH CHECK (true)" if verb == "INSERT" else "USING (true)" + (" WITH CHECK (true)" if kept[1] else "")
    owner.rows(f"ALTER POLICY {name} ON {table} {clause}")
    try:
        yield
    finally:
        parts = [f"USING ({kept[0]})" if kept[0] else "", f"WITH CHECK ({kept[1]})" if kept[1] else ""]
        owner.rows(f"ALTER POLICY {name} ON {table} {' '.join(parts)}")


def of_triggers() -> Iterator[tuple[str, str, Mutant]]:
    """Each trigger of ours, switched off."""
    question = """SELECT c.relname, t.tgname FROM pg_trigger t
                  JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
                  WHERE NOT t.tgisinternal AND p.proname LIKE 'harbour_%' ORDER BY 1, 2"""
    for table, name in owner.rows(question):
        yield table, name, Mutant(f"without trigger {name} on {table}", without(table, name))


@contextmanager
def without(table: str, trigger: str) -> Iterator[None]:
    with switched(table, trigger, "DISABLE"):
        yield


@contextmanager
def switched(table: str, trigger: str, how: str) -> Iterator[None]:
    """A trigger that is on or off for the length of the block, and then as it was."""
    question = "SELECT tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = %s"
    was = "DISABLE" if owner.rows(question, table, trigger) == [("D",)] else "ENABLE"
    owner.rows(f"ALTER TABLE {table} {how} TRIGGER {trigger}")
    try:
        yield
    finally:
        owner.rows(f"ALTER TABLE {table} {was} TRIGGER {trigger}")


__all__ = ["APP"]

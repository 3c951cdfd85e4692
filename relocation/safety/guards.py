"""What triggers refuse inside a table that somebody may write: who changes the card, who gives a word, who wrote a row.

The owner, who migrates, is not held by them. What they refuse is `insufficient_privilege`, as row-level security says it.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps

from relocation.safety.policy import AGREES, POLICY, Compartment, Role

WHO = "NULLIF(current_setting('harbour.actor', true), '')::uuid"
APP_ACTS = "session_user <> 'harbour_owner'"
# Columns of a case that every step writes, whoever takes it; the graph and the witness watch over them.
STEPS_WRITE = frozenset({"stage", "standing", "stage_since", "standing_since", "version", "retain_until"})
# Columns of a case that repeat a record of another compartment, and follow whoever writes that one.
REPEATS = {"risk": Compartment.CLAIM}
# Only `harbour_erase` writes a tombstone, and first of all; what is left of the case then goes.
ERASED = "tg_op = 'DELETE' AND EXISTS (SELECT FROM relocation_tombstone t WHERE t.case_id = old.case_id)"
ENVELOPE_CHANGED = "ROW(old.id, old.case_id, old.by_id) IS DISTINCT FROM ROW(new.id, new.case_id, new.by_id)"


def bodies() -> dict[str, str]:
    """Trigger functions by name."""
    bodies = {"envelope": ENVELOPE, "card": "".join(_card()), "word": _word()}
    return bodies | {"station": STATION, "secret": SECRET, "given": "".join(_grant())}


def tables_on_case() -> list[str]:
    """The tables whose rows hang on a case."""
    return [m._meta.db_table for m in apps.get_models() if hasattr(m, "own_by") and not m._meta.proxy]


def _refuse(when: str, words: str) -> str:
    return f"IF {when} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'insufficient_privilege'; END IF; "


def _changed(*columns: str) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("old", "new"))
    return f"ROW({old}) IS DISTINCT FROM ROW({new})"


def _holds(case: str, roles: frozenset[Role]) -> str:
    return f"harbour_holds({case}, ARRAY[{', '.join(repr(str(role)) for role in sorted(roles))}])"


# Who wrote a row, and about whom, is never told anew.
ENVELOPE = _refuse(APP_ACTS, "who wrote a row does not change") + "RETURN new;"


def _card() -> Iterator[str]:
    """Whoever may not write the card takes steps on a case and changes nothing else of it."""
    case: Any = apps.get_model("relocation", "Case")
    columns = {field.column for field in case._meta.concrete_fields} - STEPS_WRITE
    writers = POLICY.roles(Compartment.CARD, "writes")
    own = _changed(*sorted(columns - REPEATS.keys()))
    yield _refuse(f"{APP_ACTS} AND {own} AND NOT {_holds('new.id', writers)}", "only who writes the card changes a case")
    for column, compartment in REPEATS.items():
        also = writers | POLICY.roles(compartment, "writes")
        yield _refuse(f"{APP_ACTS} AND {_changed(column)} AND NOT {_holds('new.id', also)}", f"not theirs to say: {column}")
    yield "RETURN new;"


def _grant() -> Iterator[str]:
    """Whoever ends a grant ends it and tells nothing of it anew; what a trigger of our own keeps in it goes through."""
    grant: Any = apps.get_model("relocation", "CaseGrant")
    columns = sorted(field.column for field in grant._meta.concrete_fields if field.column != "expires_at")
    by_hand = f"{APP_ACTS} AND pg_trigger_depth() = 1"
    yield _refuse(f"{by_hand} AND {_changed(*columns)}", "a grant is ended, never told anew")
    over = "old.expires_at <= statement_timestamp() AND new.expires_at > old.expires_at"
    yield _refuse(f"{by_hand} AND {over}", "what has ended has ended then")
    yield "RETURN new;"


def _word() -> str:
    """A second person gives their word once and themselves; what they were asked does not change under it."""
    asked = _changed("case_id", "by_id", "at", "what", "about", "rests_on", "reason", "facts", "session")
    answered = _changed("given", "decided_by_id", "decided_at")
    theirs = f"old.given IS NULL AND new.decided_by_id = {WHO} AND {_holds('new.case_id', AGREES)}"
    takes = f"old.used_at IS NULL AND old.given IS TRUE AND old.by_id = {WHO}"
    return (
        f"IF session_user = 'harbour_owner' OR ({ERASED}) THEN RETURN coalesce(new, old); END IF; IF tg_op = 'DELETE' THEN "
        + _refuse(f"old.given IS NOT NULL OR old.by_id IS DISTINCT FROM {WHO}", "an answer is kept")
        + "RETURN old; END IF; IF tg_op = 'INSERT' THEN "
        + _refuse("num_nonnulls(new.given, new.decided_by_id, new.decided_at, new.used_at) > 0", "a question has no answer yet")
        + "RETURN new; END IF; "
        + _refuse(f"{asked} OR new.expires_at > old.expires_at", "what was asked does not change")
        + _refuse(f"{_changed('used_at')} AND ({takes}) IS NOT TRUE", "a word is used once, by who asked")
        + f"IF {answered} THEN "
        + _refuse(f"({theirs}) IS NOT TRUE", "a word is given once, by who gives it")
        + "new.decided_at := statement_timestamp(); END IF; RETURN new;"
    )


# Nobody who has signed in makes an account that holds an office: offices are given before anybody is there, by the operator.
# New people are let in by the access custodian, and by nobody else who has signed in.
STATION = (
    _refuse(
        f"{APP_ACTS} AND {WHO} IS NOT NULL AND (cardinality(new.offices) > 0 OR new.is_superuser OR new.part = 'system')",
        "an office is not taken by oneself",
    )
    + _refuse(f"{APP_ACTS} AND {WHO} IS NOT NULL AND NOT harbour_office('custodian')", "new people come by an invitation")
    + "RETURN new;"
)

# A password is changed by its owner; nobody who has signed in changes another's.
SECRET = _refuse(f"{APP_ACTS} AND {WHO} IS NOT NULL AND {WHO} <> old.id", "only its owner changes a password") + "RETURN new;"

"""G8: the database itself hides what was not granted, from the very role under which the program runs."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from fiction.telling import as_
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import SCOPED, Role
from relocation.safety.walls import all_rules
from tests.proofs import owner
from tests.proofs.design import ALONE, SEES, held
from tests.proofs.matrix import LIVE
from tests.proofs.tally import Tally, guarantee, scale
from tests.proofs.world import World

pytestmark = [guarantee("G8"), pytest.mark.usefixtures("lasting")]
APP = "harbour_app"
EVERYBODY = (
    "vera",
    "nora",
    "wanda",
    "mara",
    "tomas",
    "hanna",
    "pekka",
    "otto",
    "elise",
    "charlie",
    "greta",
    "emil",
    "rolf",
    "dora",
)
CATALOGUE = {
    "row security is on, and for the owner too": """SELECT relname FROM pg_class WHERE relname = ANY(%s)
        AND NOT (relrowsecurity AND relforcerowsecurity)""",
    "a policy for changes checks what comes out": """SELECT tablename FROM pg_policies WHERE tablename = ANY(%s)
        AND cmd IN ('INSERT', 'UPDATE') AND with_check IS NULL""",
    "no policy is for everybody": "SELECT tablename FROM pg_policies WHERE tablename = ANY(%s) AND 'public' = ANY(roles)",
    "the app empties no table": "SELECT t FROM unnest(%s::text[]) t WHERE has_table_privilege('harbour_app', t, 'TRUNCATE')",
    "the app owns no table": "SELECT tablename FROM pg_tables WHERE tablename = ANY(%s) AND tableowner = 'harbour_app'",
}


def on_cases() -> list[str]:
    """Every table whose rows name a case, found in the catalogue and not in the program."""
    return readable([*owner.columns("case_id"), "relocation_case"])


def readable(tables: list[str]) -> list[str]:
    """Those that the program may ask at all; of the others PostgreSQL says nothing to it."""
    return [t for t in tables if owner.rows("SELECT has_table_privilege('harbour_app', %s, 'SELECT')", t) == [(True,)]]


def seen(cursor: Any, table: str) -> set[Any]:
    return {case_id for (case_id,) in cursor.execute(f"SELECT DISTINCT {named_by(table)} FROM {table}").fetchall()}


def named_by(table: str) -> str:
    """The column that says which case a row is about."""
    return "id" if table == "relocation_case" else "case_id"


def test_raw_statements_reach_granted_rows_only(world: World, tally: Tally) -> None:
    """What somebody wrote themselves, such as an alarm, they see again; the trail has its own rule for auditors."""
    tables = [table for table in on_cases() if table not in ("relocation_ledgerentry", "relocation_casegrant")]
    for username in EVERYBODY[:: scale(1, 2)]:
        own = {case_id for (case_id,) in owner.rows(LIVE, username)}
        with as_(world[username]), connection.cursor() as cursor:
            for table in tables:
                foreign = seen(cursor, table) - own - wrote(table, world[username].pk)
                tally.check(not foreign, f"{username} sees {len(foreign)} foreign cases in {table}")
                for statement in (f"UPDATE {table} SET {named_by(table)} = {named_by(table)}", f"DELETE FROM {table}"):
                    tally.check(touches(cursor, statement, table, own), f"{username}: {statement}")
    tally.count("tables", len(tables))


def wrote(table: str, account: Any) -> set[Any]:
    """The cases on which somebody has left a row in this table."""
    if table not in owner.columns("by_id"):
        return set()
    return {case_id for (case_id,) in owner.rows(f"SELECT case_id FROM {table} WHERE by_id = %s", account)}


def touches(cursor: Any, statement: str, table: str, own: set[Any]) -> bool:
    """Whether a statement over the whole table reaches nothing but granted rows; it is taken back at once."""
    cursor.execute("SAVEPOINT before")
    try:
        reached = {case_id for (case_id,) in cursor.execute(f"{statement} RETURNING {named_by(table)}").fetchall()}
    except Exception as refused:  # no privilege, or a trigger: nothing was touched
        reached = set() if "permission denied" in str(refused) or own else {str(refused)}
    cursor.execute("ROLLBACK TO SAVEPOINT before")
    return reached <= own


def test_each_role_sees_the_tables_that_the_design_names(world: World, tally: Tally) -> None:
    case_id = world.one(world_state(world))
    for role in set(Role) - ALONE:  # see G48
        account = world["sven"]
        with as_(world["greta"]) as greta:
            until = timezone.now() + timedelta(hours=1)
            access.admit(account, role, case_id, by=greta, reason="has a part", until=until, scope=case_id)
        with as_(account), connection.cursor() as cursor:
            for table, roles in SEES.items():
                sees = case_id in seen(cursor, table)
                tally.check(sees is (role in held(roles)), f"{role} {'sees' if sees else 'does not see'} {table}")
        with as_(world["greta"]) as greta:
            access.dismiss(account, role, case_id, by=greta, scope=case_id)
    tally.count("roles", len(Role))
    tally.count("scoped_roles", len(SCOPED))


def world_state(world: World) -> Any:
    """A state in which every one of these tables has a row of the case."""
    return next(state for state in world.cases if state == "travelling")


def test_nobody_is_nobody_and_stays_it_after_a_commit(world: World, tally: Tally) -> None:
    tables = readable([*all_rules()])
    with owner.connect(user=APP) as raw:
        for table in tables:
            tally.check(raw.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), f"nobody sees {table}")
    with acting_as(world["vera"].pk), connection.cursor() as cursor:
        for table in tables:
            with as_(world["vera"]):
                cursor.execute(f"SELECT count(*) FROM {table}")
            cursor.execute(f"SELECT count(*) FROM {table}")
            tally.check(cursor.fetchone() == (0,), f"after the commit the connection still sees {table}")


def test_the_catalogue_is_as_it_must_be(world: World, tally: Tally) -> None:
    tables = sorted(set(on_cases()) | set(all_rules()))
    for words, question in CATALOGUE.items():
        wrong = {name for (name,) in owner.rows(question, tables)}
        for table in tables:
            tally.check(table not in wrong, f"not so: {words}: {table}")
    tally.check(owner.rows("SELECT 1 FROM pg_views WHERE schemaname = 'public'") == [], "there is a view")
    strong = "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = 'harbour_app'"
    tally.check(owner.rows(strong) == [(False,)], "the app's role is too strong")
    for statement in ("SET ROLE harbour_owner", "TRUNCATE relocation_case CASCADE", "DELETE FROM relocation_ledgerentry"):
        with owner.connect(user=APP) as raw, pytest.raises(psycopg.Error):
            raw.execute(statement)
        tally.check(True)

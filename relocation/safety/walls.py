"""What PostgreSQL itself enforces: generated from the policy table and the models, laid again after every migrate.

Each table that hangs on a case has row-level security: a row is seen by whoever holds a live grant on its case in a role
that the table's compartments admit. The querysets read the same grants; each lock is tested with the other one open.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from relocation.safety import custody, erasure, sweeping
from relocation.safety.guards import WHO
from relocation.safety.policy import ADMITS, ENDS, POLICY, SCOPED, Compartment, Role
from relocation.safety.triggers import functions, triggers

OWNER, APP, BACKUP = "harbour_owner", "harbour_app", "harbour_backup"
ACTOR = WHO

ACCOUNT_CHANGES = ("password", "last_login", "is_active", "name", "email", "language", "ended")

VERBS = {"SELECT": "sees", "INSERT": "adds", "UPDATE": "changes", "DELETE": "removes"}

Rules = dict[str, str]  # "SELECT", "INSERT", "UPDATE", "DELETE" -> condition


def lay(connection: BaseDatabaseWrapper, pairs: Mapping[str, Any], initial: Mapping[str, str]) -> None:
    """Lay every wall, as the owner, inside the caller's transaction. `pairs` and `initial` name what each state column allows."""
    with connection.cursor() as cursor:
        for statement in statements(pairs, initial):
            cursor.execute(statement)


def statements(pairs: Mapping[str, Any], initial: Mapping[str, str]) -> Iterator[str]:
    yield from _privileges()
    yield from custody.questions()
    yield from functions(ACTOR, ADMITS, ENDS)
    yield from custody.acts()
    yield from erasure.functions()
    yield from sweeping.functions()
    for model in apps.get_models():
        yield from getattr(model, "wall_questions", ())
    for table, rules in all_rules().items():
        yield from _policies(table, rules)
    yield from triggers(pairs, initial)
    for model in apps.get_models():
        yield from getattr(model, "wall_statements", ())


def _privileges() -> Iterator[str]:
    tables, sequences = "ALL TABLES IN SCHEMA public", "ALL SEQUENCES IN SCHEMA public"
    yield f"REVOKE ALL ON {tables} FROM {APP}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {APP}"
    yield f"GRANT USAGE ON {sequences} TO {APP}"
    yield f"GRANT SELECT ON {tables} TO {BACKUP}; GRANT SELECT ON {sequences} TO {BACKUP}"
    yield f"REVOKE UPDATE, DELETE ON relocation_ledgerentry FROM {APP}"
    yield f"REVOKE DELETE ON relocation_casegrant, relocation_case FROM {APP}"
    yield f"REVOKE INSERT, UPDATE, DELETE ON django_migrations, auth_permission, django_content_type FROM {APP}"
    # Which offices, which part, which post an account has is not changed by any page.
    yield f"REVOKE UPDATE, DELETE ON relocation_account FROM {APP}"
    yield f"GRANT UPDATE ({', '.join(ACCOUNT_CHANGES)}) ON relocation_account TO {APP}"


def granted(table: str, column: str, roles: frozenset[Role] | None = None, *, scope: str = "") -> str:
    """SQL: the actor holds a live, unlocked grant on the row's case, in one of `roles` (None: any), for the row's `scope`."""
    clauses = [f"g.case_id = {table}.{column}", f"g.user_id = {ACTOR}", "g.expires_at > statement_timestamp()", "NOT g.locked"]
    if roles is not None:
        names = ", ".join(f"'{role}'" for role in sorted(roles))
        clauses.append(f"g.permission_id IN (SELECT id FROM auth_permission WHERE codename IN ({names}))")
    if scope:
        clauses.append(f"g.scope = {table}.{scope}")
    return f"EXISTS (SELECT 1 FROM relocation_casegrant g WHERE {' AND '.join(clauses)})"


def all_rules() -> dict[str, Rules]:
    """Table to rules, for every table that has row-level security."""
    rules = {model._meta.db_table: _rules_on_case(model) for model in models_on_case()}
    rules |= {model._meta.db_table: model.wall_rules for model in apps.get_models() if hasattr(model, "wall_rules")}
    return rules | _fixed_rules()


def models_on_case() -> list[Any]:
    """Every model whose rows hang on a case, of whichever room."""
    return [model for model in apps.get_models() if hasattr(model, "own_by") and not model._meta.proxy]


def compartments(model: type[models.Model]) -> set[Compartment]:
    """The compartments that a model's fields belong to."""
    return {f.compartment for f in model._meta.concrete_fields if hasattr(f, "compartment")}


def _rules_on_case(model: Any) -> Rules:
    """Readers, writers and scoped roles of one table, from the compartments of its fields."""
    table, inside = model._meta.db_table, compartments(model)
    own = _own(table, model.own_by)
    newborn = f"harbour_newborn({table}.case_id)"
    sees = " OR ".join(
        [granted(table, "case_id", POLICY.roles_in(inside, "any") - SCOPED), *own, *_own(table, model.shown_by), newborn]
    )
    writes = " OR ".join([granted(table, "case_id", POLICY.roles_in(inside, "writes")), *own])
    adds = granted(table, "case_id") if model.anyone_adds else f"{writes} OR {newborn}"
    if inside == {Compartment.LOCATION}:
        # Whoever makes a case safe again notes the new place, though they may not look at it alone.
        adds += " OR " + granted(table, "case_id", POLICY.roles_in(inside, "with_second_person"))
        # While somebody is held, lost or known to the wrong people, their lawyer looks at the place.
        sees += f" OR ({granted(table, 'case_id', frozenset({Role.LAWYER}))} AND harbour_incident({table}.case_id))"
    if model.also_add:
        adds += " OR " + granted(table, "case_id", model.also_add)
    if model.anyone_adds or model.also_add:
        sees = f"{sees} OR {table}.by_id = {ACTOR}"
    if sweep := getattr(model, "sweep", ""):
        # A sweep compares sealed names and answers yes or no, also to whoever may not see the rows.
        sees += f" OR harbour_sweeps('{sweep}')"
    return {"SELECT": sees, "INSERT": f"{table}.by_id = {ACTOR} AND ({adds})", "UPDATE": writes, "DELETE": writes}


def _own(table: str, columns: Mapping[Role, str]) -> list[str]:
    """SQL for each role that was let in for one stay, leg or dossier: the rows of that one."""
    return [granted(table, "case_id", frozenset({role}), scope=column) for role, column in sorted(columns.items())]


def _fixed_rules() -> dict[str, Rules]:
    mine = f"user_id = {ACTOR}"
    giver = (
        f"user_id <> {ACTOR} AND granted_by_id = {ACTOR} AND harbour_may_admit(case_id, permission_id, user_id, expires_at) "
        "AND NOT harbour_barred(case_id, user_id) "
        f"AND permission_id NOT IN (SELECT id FROM auth_permission WHERE codename = '{Role.GLASS}')"
    )
    birth = f"{mine} AND granted_by_id = {ACTOR} AND harbour_unborn(case_id)"
    on_case = granted("relocation_case", "id")
    return {
        "relocation_case": {
            "SELECT": on_case,
            "INSERT": f"created_by_id = {ACTOR} AND {on_case}",
            "UPDATE": on_case,
        },
        "relocation_casegrant": {
            "SELECT": f"{mine} OR granted_by_id = {ACTOR} OR harbour_colleague(case_id)",
            "INSERT": f"({giver}) OR ({birth})",
            # Whoever may give a role may also end it; whoever only called somebody on call does not send them away again.
            # Nobody lengthens: the check keeps the end from moving into the future.
            "UPDATE": f"{mine} OR harbour_ends(case_id, permission_id)",
        },
        "relocation_ledgerentry": {
            # Asked once for a statement and not once for an entry, since an auditor reads them all.
            "SELECT": f"actor_id = {ACTOR} OR (SELECT harbour_office('auditor')) OR "
            + granted("relocation_ledgerentry", "case_id", POLICY.roles(Compartment.CARD, "reads") - SCOPED),
            "INSERT": f"actor_id = {ACTOR}",
        },
        "mfa_authenticator": dict.fromkeys(VERBS, mine),  # nobody sees, adds or removes another's second factor
        "relocation_outbox": dict.fromkeys(("SELECT", "UPDATE"), f"originator_id = {ACTOR} OR harbour_sweeps('outbox')")
        | {"INSERT": f"originator_id = {ACTOR}"},
    }


def _policies(table: str, rules: Rules) -> Iterator[str]:
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield (
        f"DO $$ DECLARE p text; BEGIN FOR p IN SELECT policyname FROM pg_policies WHERE tablename = '{table}' "
        f"LOOP EXECUTE format('DROP POLICY %I ON {table}', p); END LOOP; END $$"
    )
    yield f"CREATE POLICY owner ON {table} TO {OWNER} USING (true) WITH CHECK (true)"
    for verb, rule in rules.items():
        clause = f"WITH CHECK ({rule})" if verb == "INSERT" else f"USING ({rule})"
        if verb == "UPDATE":
            clause += f" WITH CHECK ({_after_update(table, rule)})"
        yield f"CREATE POLICY {VERBS[verb]} ON {table} FOR {verb} TO {APP} {clause}"


def _after_update(table: str, rule: str) -> str:
    return f"({rule}) AND expires_at <= clock_timestamp()" if table == "relocation_casegrant" else rule

"""The second lock: what PostgreSQL itself refuses to the role under which web, worker and tests run."""

import uuid

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction

from conftest import BOTH
from relocation.journey.advance import advance
from relocation.journey.stages import PAIRS
from relocation.models import Case, Identity, LedgerEntry, Stage, Standing
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.keys import new_key
from relocation.safety.policy import Role
from relocation.safety.walls import all_rules, models_on_case
from tests.safety.committed import afresh
from tests.safety.raw import column, owner, sql

SEVERAL = pytest.mark.django_db(transaction=True, databases=BOTH)
HIDDEN = "row-level security"


class TestTheRole:
    def test_tests_run_as_the_app_and_nothing_stronger(self):
        who = sql(
            "SELECT session_user, current_user, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole "
            "FROM pg_roles WHERE rolname = current_user"
        )
        assert who == ("harbour_app", "harbour_app", False, False, False, False)
        assert sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user") == (0,)
        assert sql("SELECT count(*) FROM pg_auth_members WHERE member = 'harbour_app'::regrole") == (0,)

    def test_it_may_empty_no_table(self):
        may = column(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
            "AND has_table_privilege(oid, 'TRUNCATE')"
        )
        assert may == []

    @pytest.mark.parametrize(
        "statement",
        [
            "TRUNCATE relocation_case CASCADE",
            "DELETE FROM relocation_ledgerentry",
            "UPDATE relocation_ledgerentry SET what = 'nothing'",
            "DELETE FROM relocation_casegrant",
            "DELETE FROM relocation_case",
            "ALTER TABLE relocation_case DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE relocation_case NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE relocation_case DISABLE TRIGGER ALL",
            "DROP POLICY owner ON relocation_case",
            "DROP TRIGGER chain ON relocation_ledgerentry",
            "CREATE OR REPLACE FUNCTION harbour_chain() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$",
            "SET ROLE harbour_owner",
            "SET SESSION AUTHORIZATION harbour_owner",
            "SET session_replication_role = replica",
            "ALTER ROLE harbour_app BYPASSRLS",
            "DELETE FROM django_migrations",
        ],
    )
    def test_it_may_not(self, db, statement):
        with pytest.raises(ProgrammingError), transaction.atomic():
            sql(statement)


class TestEveryTable:
    def hanging(self):
        models = [m for m in apps.get_models() if not m._meta.proxy]
        return {m._meta.db_table for m in models if any(f.is_relation and f.related_model is Case for f in m._meta.fields)}

    def test_every_table_that_hangs_on_a_case_is_walled_even_for_its_owner(self):
        walled = set(column("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"))
        wanted = self.hanging() | {"relocation_case", "relocation_ledgerentry", "relocation_outbox"}
        assert len(wanted) > 30 and wanted <= walled and set(all_rules()) <= walled

    def test_every_policy_names_the_app_or_the_owner(self):
        assert set(column("SELECT unnest(roles)::text FROM pg_policies WHERE schemaname = 'public'")) == {
            "harbour_app",
            "harbour_owner",
        }

    def test_every_rule_for_changes_also_checks_what_comes_out(self):
        assert column("SELECT tablename FROM pg_policies WHERE cmd IN ('INSERT', 'UPDATE') AND with_check IS NULL") == []

    def test_no_view_shows_what_a_table_hides(self):
        assert column("SELECT viewname FROM pg_views WHERE schemaname = 'public'") == []

    def test_whoever_is_nobody_sees_nothing_anywhere(self, kestrel, vera, acting):
        tables = sorted(self.hanging() | {"relocation_case", "relocation_ledgerentry", "relocation_outbox"})
        with acting(vera):
            assert sum(sql(f"SELECT count(*) FROM {table}")[0] for table in tables) > 8
        assert {table: sql(f"SELECT count(*) FROM {table}")[0] for table in tables} == dict.fromkeys(tables, 0)

    def test_a_stranger_sees_nothing_but_his_own(self, kestrel, charlie, acting):
        with acting(charlie):
            seen = {
                table: sql(f"SELECT count(*) FROM {table}")[0]
                for table in self.hanging() | {"relocation_case", "relocation_ledgerentry"}
            }
        assert set(seen.values()) == {0}

    def test_a_compartment_is_hidden_from_a_role_that_has_no_part_in_it(self, kestrel, tomas, acting):
        with acting(tomas):
            assert sql("SELECT count(*) FROM relocation_identity") == (1,)
            assert sql("SELECT count(*) FROM relocation_whereabouts") == (0,)

    def test_a_stranger_writes_nothing(self, kestrel, charlie, acting):
        with acting(charlie):
            assert sql("UPDATE relocation_case SET alias = 'Crow'") == 0
            assert sql("UPDATE relocation_identity SET surname = NULL") == 0
            assert sql("DELETE FROM relocation_identity") == 0
            for model in models_on_case()[:3]:
                with pytest.raises(ProgrammingError, match=HIDDEN), transaction.atomic():
                    sql(
                        f"INSERT INTO {model._meta.db_table} SELECT (json_populate_record(null::{model._meta.db_table}, %s)).*",
                        f'{{"id": "{uuid.uuid4()}", "case_id": "{kestrel.pk}", "by_id": "{charlie.pk}"}}',
                    )

    def test_a_stranger_is_told_nothing_by_the_orm_either(self, kestrel, charlie, acting):
        with acting(charlie):
            assert Case._base_manager.filter(pk=kestrel.pk).update(version=9) == 0
            assert Case._base_manager.select_for_update().filter(pk=kestrel.pk).first() is None

    def test_a_reader_does_not_write(self, kestrel, tomas, acting):
        with acting(tomas):
            assert sql("UPDATE relocation_identity SET surname = NULL") == 0
            with pytest.raises(ProgrammingError, match=HIDDEN), transaction.atomic():
                Identity(case=kestrel, by=tomas, surname="Other").save(force_insert=True)


@SEVERAL
class TestBetweenTransactions:
    def test_after_the_commit_the_same_connection_sees_nothing(self, kestrel, vera):
        with acting_as(vera.pk), transaction.atomic():
            inside = sql("SELECT pg_backend_pid(), count(*) FROM relocation_case")
        after = sql("SELECT pg_backend_pid(), count(*) FROM relocation_case")
        assert inside[1] == 1 and after == (inside[0], 0)
        assert sql("SELECT current_setting('harbour.actor', true)") == ("",)

    def test_without_a_transaction_nobody_is_named(self, kestrel, vera):
        with acting_as(vera.pk):
            assert sql("SELECT count(*) FROM relocation_case") == (0,)

    def test_whoever_entered_a_case_wrote_every_compartment_once_and_reads_what_the_role_says(self, kestrel, mara):
        with acting_as(mara.pk), transaction.atomic():
            assert sql("SELECT count(*) FROM relocation_identity") == (1,)
            assert sql("SELECT count(*) FROM relocation_claim") == (0,)
            with pytest.raises(ProgrammingError, match=HIDDEN), transaction.atomic():
                sql("INSERT INTO relocation_claim (id, case_id, by_id) VALUES (gen_random_uuid(), %s, %s)", kestrel.pk, mara.pk)

    def test_a_birth_is_never_told_anew(self, kestrel, tomas):
        with acting_as(tomas.pk), transaction.atomic():
            sql("UPDATE relocation_case SET born_in = pg_current_xact_id()::text::bigint, created_by_id = %s", tomas.pk)
            assert sql("SELECT count(*) FROM relocation_whereabouts") == (0,)
            assert sql("SELECT created_by_id FROM relocation_case") == (kestrel.created_by_id,)

    def test_the_first_lock_holds_with_the_second_one_open(self, kestrel, vera, charlie):
        with owner():
            assert sql("SELECT count(*) FROM relocation_case") == (1,)
            assert list(Case.objects.visible_to(vera)) == [kestrel]
            assert list(Case.objects.visible_to(charlie)) == []
            assert access.may(vera, "case.open", kestrel.pk) and not access.may(charlie, "case.open", kestrel.pk)

    def test_the_second_lock_holds_with_the_first_one_open(self, kestrel, vera, charlie):
        for person, cases in ((vera, 1), (charlie, 0)):
            with acting_as(person.pk), transaction.atomic():
                assert Case._base_manager.count() == sql("SELECT count(*) FROM relocation_case")[0] == cases

    def test_no_case_moves_without_a_ledger_entry(self, kestrel, vera):
        with pytest.raises(IntegrityError, match="without a ledger entry"), acting_as(vera.pk), transaction.atomic():
            sql("UPDATE relocation_case SET stage = 'accepted' WHERE id = %s", kestrel.pk)
        assert afresh(kestrel, vera).stage == "verifying"

    def test_a_grant_without_its_case_does_not_last(self, ground, charlie):
        nowhere = uuid.uuid4()
        new_key(nowhere)
        with pytest.raises(IntegrityError), acting_as(charlie.pk), transaction.atomic():
            access.admit(charlie, Role.LEAD, nowhere, by=charlie, reason="a case that never comes")


class TestTheGraphInTheDatabase:
    def test_every_pair_that_no_step_leads_along_is_refused(self, kestrel, vera, acting):
        tried = 0
        with acting(vera):
            for state, column_, now in [(s, "stage", "verifying") for s in Stage] + [(s, "standing", "active") for s in Standing]:
                if state != now and (now, str(state)) not in PAIRS[column_]:
                    with pytest.raises(IntegrityError, match="no step leads from"), transaction.atomic():
                        sql(f"UPDATE relocation_case SET {column_} = %s WHERE id = %s", str(state), kestrel.pk)
                    tried += 1
        assert tried >= 1

    def test_an_allowed_pair_without_a_ledger_entry_is_refused_at_commit(self, kestrel, vera, acting):
        with acting(vera), pytest.raises(IntegrityError, match="without a ledger entry"), transaction.atomic():
            sql("UPDATE relocation_case SET stage = 'accepted' WHERE id = %s", kestrel.pk)
            connection.check_constraints()

    def test_nor_does_the_orm_have_a_back_door(self, kestrel, vera, acting):
        def built():
            Case(pk=kestrel.pk, stage="referred", version=9).save(update_fields=["stage"])

        def in_bulk():
            case = Case(pk=kestrel.pk, stage="referred")
            Case._base_manager.bulk_update([case], ["stage"])

        for way in (built, in_bulk, lambda: Case._base_manager.filter(pk=kestrel.pk).update(stage="referred")):
            with acting(vera), pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
                way()

    @pytest.mark.parametrize(("column_", "value"), [("stage", "accepted"), ("standing", "withdrawn")])
    def test_no_case_begins_anywhere_else(self, kestrel, mara, acting, column_, value):
        case = Case(organisation=mara.organisation, created_by=mara, alias="Heron", **{column_: value})
        new_key(case.pk)
        with acting(mara), pytest.raises(IntegrityError, match="cannot begin at"), transaction.atomic():
            access.admit(mara, Role.COORDINATOR, case.pk, by=mara, reason="referral")
            case.save(force_insert=True)

    def test_a_step_through_the_door_passes(self, referred, vera, acting):
        from relocation.models import DuplicateCheck

        with acting(vera):
            DuplicateCheck(case=referred, by=vera).save(force_insert=True)
            advance(referred, "verify", by=vera, version=0)
            connection.check_constraints()
            assert LedgerEntry.objects.filter(case_id=referred.pk, stage="verifying").count() == 1

"""What triggers and privileges refuse inside a table that somebody may write: each refusal beside what is allowed."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from relocation.journey import approvals, recording
from relocation.journey.advance import advance
from relocation.models import Account, Approval, Case, DutyShift, Part, RiskAssessment
from relocation.safety import access
from relocation.safety.guards import STEPS_WRITE
from relocation.safety.policy import Role
from tests.safety.raw import sql

HIDDEN = "row-level security"


def refused(match: str):
    """A block that PostgreSQL refuses, taken back by itself."""
    return pytest.raises(ProgrammingError, match=match)


class TestTheCard:
    def test_whoever_may_not_write_it_changes_nothing_but_what_a_step_writes(self, kestrel, tomas, vera, acting):
        with acting(tomas):
            for change in ("alias = 'Crow'", "code = 'AAAA-AA'", "is_minor = true", "household_size = 9", "needs = '{x}'"):
                with refused("only who writes the card"), transaction.atomic():
                    sql(f"UPDATE relocation_case SET {change} WHERE id = %s", kestrel.pk)
            assert sql("UPDATE relocation_case SET version = version + 1, retain_until = now() WHERE id = %s", kestrel.pk) == 1
        with acting(vera):
            assert sql("UPDATE relocation_case SET alias = 'Crow', is_minor = true WHERE id = %s", kestrel.pk) == 1

    def test_no_column_is_forgotten(self):
        """A new column of the case belongs to the card unless it is named here."""
        assert {f.column for f in Case._meta.concrete_fields} >= STEPS_WRITE
        assert {"stage", "standing", "stage_since", "standing_since", "version", "retain_until"} == STEPS_WRITE

    def test_the_risk_follows_whoever_assesses_it(self, kestrel, tomas, mara, hanna, vera, acting):
        with acting(tomas):
            recording.write(RiskAssessment(case=kestrel, level="high", on=timezone.localdate(), words="hunted"), by=tomas)
            assert Case.objects.visible_to(tomas).get(pk=kestrel.pk).risk == "high"
        with acting(vera):
            access.admit(
                hanna, Role.HOST, kestrel.pk, by=vera, reason="stay", until=timezone.now() + timedelta(days=1), scope=uuid.uuid4()
            )
        with acting(hanna), refused("not theirs to say"), transaction.atomic():
            sql("UPDATE relocation_case SET risk = 'low' WHERE id = %s", kestrel.pk)


class TestWhoWrote:
    def test_nobody_writes_in_the_name_of_somebody_else(self, kestrel, vera, mara, acting):
        with acting(vera), refused(HIDDEN), transaction.atomic():
            RiskAssessment(case=kestrel, by=mara, level="high", on=timezone.localdate()).save(force_insert=True)
        with acting(vera):
            RiskAssessment(case=kestrel, by=vera, level="high", on=timezone.localdate()).save(force_insert=True)

    def test_nor_says_afterwards_that_somebody_else_wrote_it(self, kestrel, vera, tomas, acting):
        with acting(vera):
            row = RiskAssessment(case=kestrel, by=vera, level="high", on=timezone.localdate())
            row.save(force_insert=True)
            with refused("who wrote a row"), transaction.atomic():
                sql("UPDATE relocation_riskassessment SET by_id = %s WHERE id = %s", tomas.pk, row.pk)
            assert sql("UPDATE relocation_riskassessment SET level = 'low' WHERE id = %s", row.pk) == 1


class TestASecondPersonsWord:
    GIVE = "UPDATE relocation_approval SET given = true, decided_by_id = %s, decided_at = now() WHERE id = %s"

    @pytest.fixture
    def asked(self, kestrel, vera, acting) -> Approval:
        with acting(vera):
            return approvals.ask_to_look(kestrel, by=vera, reason="she must be fetched", session="device of vera")

    def test_the_asker_does_not_write_it_for_a_coordinator(self, asked, vera, mara, acting):
        for claims in (mara, vera):
            with acting(vera), refused("a word is given once"), transaction.atomic():
                sql(self.GIVE, claims.pk, asked.pk)

    def test_nor_does_a_coordinator_agree_with_herself(self, kestrel, mara, acting):
        with acting(mara):
            own = approvals.ask_to_look(kestrel, by=mara, reason="she must be fetched", session="device of mara")
            with pytest.raises(IntegrityError, match="nobody_agrees_with_themselves"), transaction.atomic():
                sql(self.GIVE, mara.pk, own.pk)

    def test_nor_does_a_worker_who_may_write_the_card(self, asked, kestrel, nina, mara, acting):
        with acting(mara):
            access.admit(nina, Role.WORKER, kestrel.pk, by=mara, reason="papers")
        with acting(nina), refused("a word is given once"), transaction.atomic():
            sql(self.GIVE, nina.pk, asked.pk)

    def test_a_coordinator_gives_it_and_only_once_and_at_that_moment(self, asked, mara, acting):
        with acting(mara):
            assert sql(self.GIVE.replace("now()", "now() + interval '1 day'"), mara.pk, asked.pk) == 1
            assert sql("SELECT decided_at <= clock_timestamp() FROM relocation_approval WHERE id = %s", asked.pk) == (True,)
            with refused("a word is given once"), transaction.atomic():
                sql("UPDATE relocation_approval SET given = false WHERE id = %s", asked.pk)

    @pytest.mark.parametrize(
        "change", ["rests_on = '\\x00'", "expires_at = expires_at + interval '1 day'", "what = 'step.enter'"]
    )
    def test_what_was_asked_does_not_change_under_it(self, asked, vera, acting, change):
        with acting(vera), refused("what was asked"), transaction.atomic():
            sql(f"UPDATE relocation_approval SET {change} WHERE id = %s", asked.pk)

    def test_it_is_used_once_by_whoever_asked(self, asked, vera, mara, acting):
        use = "UPDATE relocation_approval SET used_at = now() WHERE id = %s"
        with acting(vera), refused("a word is used once"), transaction.atomic():
            sql(use, asked.pk)
        with acting(mara):
            sql(self.GIVE, mara.pk, asked.pk)
            with refused("a word is used once"), transaction.atomic():
                sql(use, asked.pk)
        with acting(vera):
            assert sql(use, asked.pk) == 1
            with refused("a word is used once"), transaction.atomic():
                sql("UPDATE relocation_approval SET used_at = NULL WHERE id = %s", asked.pk)

    def test_an_answer_is_not_removed_and_a_question_only_by_whoever_asked(self, asked, vera, mara, acting):
        remove = "DELETE FROM relocation_approval WHERE id = %s"
        with acting(mara), refused("an answer is kept"), transaction.atomic():
            sql(remove, asked.pk)
        with acting(vera), transaction.atomic():
            assert sql(remove, asked.pk) == 1
            transaction.set_rollback(True)
        with acting(mara):
            sql(self.GIVE, mara.pk, asked.pk)
        with acting(vera), refused("an answer is kept"), transaction.atomic():
            sql(remove, asked.pk)

    def test_nobody_is_born_agreed_to(self, kestrel, vera, acting):
        with acting(vera), refused("no answer yet"), transaction.atomic():
            Approval(
                case=kestrel, by=vera, what="x", rests_on=b"", session=b"", expires_at=timezone.now(), used_at=timezone.now()
            ).save(force_insert=True)


class TestAccounts:
    @pytest.mark.parametrize(
        "change",
        ["offices = '{custodian}'", "part = 'office'", "is_superuser = true", "username = 'x'", "organisation_id = NULL"],
    )
    def test_what_somebody_is_here_is_not_changed(self, vera, acting, change):
        with acting(vera), refused("permission denied"), transaction.atomic():
            sql(f"UPDATE relocation_account SET {change} WHERE id = %s", vera.pk)

    def test_what_belongs_to_them_is(self, vera, acting):
        with acting(vera):
            assert sql("UPDATE relocation_account SET language = 'fr', last_login = now() WHERE id = %s", vera.pk) == 1

    def test_nobody_who_is_signed_in_makes_an_account_with_an_office(self, vera, greta, acting):
        for account in (vera, greta):
            with acting(account), refused("an office is not taken"), transaction.atomic():
                Account.objects.create(username="shadow", offices=["custodian"])

    def test_new_people_come_by_the_access_custodian_alone(self, vera, greta, acting):
        with acting(vera), refused("by an invitation"), transaction.atomic():
            Account.objects.create(username="newcomer", part=Part.DESK)
        with acting(greta):
            Account.objects.create(username="newcomer", part=Part.DESK)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE auth_permission SET codename = 'coordinator' WHERE codename = 'host'",
            "INSERT INTO django_content_type (app_label, model) VALUES ('x', 'y')",
            "DELETE FROM auth_permission",
            "DELETE FROM relocation_account",
        ],
    )
    def test_roles_and_kinds_are_not_rewritten(self, db, statement):
        with refused("permission denied"), transaction.atomic():
            sql(statement)

    def test_the_desk_says_who_is_on_call_and_everybody_sees_it(self, vera, hanna, elise, acting):
        now = timezone.now()
        for person in (hanna, elise):
            with acting(person):
                assert DutyShift.objects.count() == 2
                with refused(HIDDEN), transaction.atomic():
                    DutyShift.objects.create(account=person, starts_at=now, ends_at=now + timedelta(days=1))
                assert sql("UPDATE relocation_dutyshift SET ends_at = ends_at + interval '1 year'") == 0
        with acting(vera):
            DutyShift.objects.create(account=vera, starts_at=now, ends_at=now + timedelta(days=1))
        assert DutyShift.objects.count() == 0


class TestQuestionsOfTheDatabase:
    def test_how_far_the_applications_are_is_told_to_those_on_the_case_alone(self, company_at_applying, charlie, vera, acting):
        case_id = company_at_applying
        for person, word in ((vera, "applying"), (charlie, None)):
            with acting(person):
                assert sql("SELECT harbour_furthest(%s)", case_id) == (word,)

    @pytest.fixture
    def company_at_applying(self, kestrel, vera, mara, acting):
        from relocation.models import Checklist

        with acting(vera):
            application = recording.choose_post(kestrel, Checklist.objects.get(post__code="R2"), by=vera)
            application.state = "applying"
            application.save(update_fields=["state"])
        return kestrel.pk


class TestAnOrphanedKey:
    def test_none_is_left_behind_whatever_goes_wrong(self, mara, acting, monkeypatch):
        from relocation.journey import referring
        from tests.cast import referral

        def keys() -> int:
            from django.db import connections

            with connections["keys"].cursor() as cursor:
                cursor.execute("SELECT count(*) FROM relocation_wrappedkey")
                return int(cursor.fetchone()[0])

        before = keys()
        monkeypatch.setattr(referring, "_write_compartments", lambda *rest: 1 / 0)
        with acting(mara), pytest.raises(ZeroDivisionError):
            referring.refer(referral(), by=mara)
        assert keys() == before
        monkeypatch.undo()
        with acting(mara):
            referring.refer(referral(), by=mara)
        assert keys() == before + 1


def test_functions_and_triggers_of_the_guards_are_laid(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal")
        assert {"card", "word", "station", "envelope"} <= {row[0] for row in cursor.fetchall()}


class TestTheGrant:
    def test_whoever_ends_it_tells_nothing_of_it_anew(self, kestrel, referred, tomas, vera, mara, nina, acting):
        with acting(mara):
            grant = access.holders(kestrel.pk, Role.VERIFIER).get()
            lead = access.holders(kestrel.pk, Role.LEAD).get()
            ended = "expires_at = clock_timestamp() - interval '1 second'"
            for change in (
                f"scope = '{uuid.uuid4()}'", f"permission_id = {lead.permission_id}", f"user_id = '{nina.pk}'", "reason = ''",
                f"granted_by_id = '{vera.pk}'", "granted_at = now() - interval '1 year'", f"case_id = '{uuid.uuid4()}'",
                "stage = 'closed'", "last_activity_at = now()",
            ):  # fmt: skip
                with refused("never told anew"), transaction.atomic():
                    sql(f"UPDATE relocation_casegrant SET {ended}, {change} WHERE id = %s", grant.pk)
            with pytest.raises(ProgrammingError), transaction.atomic():
                sql("UPDATE relocation_casegrant SET expires_at = expires_at + interval '1 day' WHERE id = %s", grant.pk)
            access.dismiss(tomas, Role.VERIFIER, kestrel.pk, by=mara)
            assert not access.holders(kestrel.pk, Role.VERIFIER).exists()

    def test_what_follows_a_step_is_kept_in_it_all_the_same(self, kestrel, vera, acting):
        with acting(vera):
            advance(kestrel, "lose_contact", by=vera, version=kestrel.version, reason="no answer")
            assert access.holders(kestrel.pk, Role.LEAD).get().standing == "lost_contact"

"""Grants: who lets in whom, until when, for what; and the one question asked in two ways."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from relocation.models import Account, Case, CaseGrant, DutyShift, LedgerEntry
from relocation.safety import access
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.cast import afresh
from tests.safety.raw import sql

HIDDEN = "row-level security"


def in_a_week():
    return timezone.now() + timedelta(days=7)


class TestMayAndPermitted:
    def test_a_page_and_a_list_never_disagree(self, kestrel, ground, acting):
        asked = said_yes = 0
        for name in ("vera", "mara", "tomas", "charlie"):
            person = ground[name]
            with acting(person):
                for capability in access.CAPABILITIES:
                    listed = access.permitted(person, capability).filter(pk=kestrel.pk).exists()
                    assert access.may(person, capability, kestrel.pk) is listed, (person, capability)
                    asked, said_yes = asked + 1, said_yes + listed
        assert asked > 250 and 20 < said_yes < asked / 2

    def test_require_raises_what_the_edge_keeps(self, kestrel, charlie, acting):
        with acting(charlie), pytest.raises(Denied) as refused:
            access.require(charlie, "case.open", kestrel.pk)
        assert (refused.value.entry, refused.value.case_id, refused.value.by) == ("denied.case.open", kestrel.pk, charlie.pk)

    def test_a_case_that_never_was_is_refused_in_the_same_words(self, kestrel, charlie, acting):
        said = []
        for case_id in (kestrel.pk, uuid.uuid4()):
            with acting(charlie), pytest.raises(Denied) as refused:
                access.require(charlie, "case.open", case_id)
            said.append((str(refused.value), refused.value.status, refused.value.sentence))
        assert said[0] == said[1]


class TestTheEndOfAGrant:
    def test_it_ends_by_the_clock_of_the_database(self, kestrel, vera, nina, mara, acting, monkeypatch):
        with acting(mara):
            access.admit(nina, Role.WORKER, kestrel.pk, by=mara, reason="papers", until=in_a_week())
        monkeypatch.setattr("django.utils.timezone.now", lambda: in_a_week() + timedelta(days=365))
        with acting(nina):
            assert access.may(nina, "case.open", kestrel.pk)

    def test_one_that_is_over_opens_nothing_though_our_clock_is_behind(self, kestrel, nina, mara, acting, monkeypatch):
        with acting(mara):
            access.admit(nina, Role.WORKER, kestrel.pk, by=mara, reason="papers", until=timezone.now() + timedelta(days=1))
            sql(
                "UPDATE relocation_casegrant SET expires_at = granted_at WHERE user_id = %s",
                nina.pk,
            )
        monkeypatch.setattr(
            "django.utils.timezone.now", lambda: timezone.datetime(2020, 1, 1, tzinfo=timezone.get_current_timezone())
        )
        with acting(nina):
            assert not access.may(nina, "case.open", kestrel.pk)
            assert sql("SELECT count(*) FROM relocation_case") == (0,)

    def test_it_defaults_to_the_term_of_the_role(self, kestrel, nina, mara, acting):
        with acting(mara):
            grant = access.admit(nina, Role.WORKER, kestrel.pk, by=mara, reason="papers")
        assert abs(grant.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)

    def test_whoever_is_dismissed_sees_nothing_at_once(self, kestrel, tomas, mara, acting):
        with acting(mara):
            access.dismiss(tomas, Role.VERIFIER, kestrel.pk, by=mara)
        with acting(tomas):
            assert not access.may(tomas, "case.open", kestrel.pk)
            assert sql("SELECT count(*) FROM relocation_case") == (0,)

    def test_a_stranger_dismisses_nobody(self, kestrel, tomas, charlie, acting):
        with acting(charlie), pytest.raises(Denied):
            access.dismiss(tomas, Role.VERIFIER, kestrel.pk, by=charlie)
        with acting(tomas):
            assert access.may(tomas, "case.open", kestrel.pk)

    def test_a_lead_and_a_verifier_do_not_dismiss_the_coordinator_not_even_one_on_call(self, kestrel, vera, tomas, mara, acting):
        for person in (vera, tomas):
            with acting(person), pytest.raises(Denied):
                access.dismiss(mara, Role.COORDINATOR, kestrel.pk, by=person)
        with acting(mara):
            assert access.may(mara, "approve", kestrel.pk)

    def test_a_renewal_is_a_new_row(self, kestrel, tomas, mara, acting):
        with acting(mara):
            sql(
                "UPDATE relocation_casegrant SET expires_at = granted_at WHERE user_id = %s AND case_id = %s",
                tomas.pk,
                kestrel.pk,
            )
            access.admit(tomas, Role.VERIFIER, kestrel.pk, by=mara, reason="verifies again")
            assert CaseGrant.ever.filter(user=tomas).count() == 2
            assert CaseGrant.objects.filter(user=tomas).count() == 1

    def test_two_live_grants_of_one_role_are_refused(self, kestrel, tomas, mara, acting):
        with acting(mara), pytest.raises(IntegrityError, match="one_live_grant"), transaction.atomic():
            access.admit(tomas, Role.VERIFIER, kestrel.pk, by=mara, reason="once more")

    def test_nobody_lengthens_a_grant(self, kestrel, tomas, mara, acting):
        for person in (tomas, mara):
            with acting(person), pytest.raises(ProgrammingError, match=HIDDEN), transaction.atomic():
                sql("UPDATE relocation_casegrant SET expires_at = now() + interval '10 years' WHERE user_id = %s", tomas.pk)


class TestWhoLetsInWhom:
    @pytest.mark.parametrize("giver", ["mara", "vera", "tomas", "charlie"])
    def test_as_the_design_says_and_nobody_else(self, kestrel, ground, nina, acting, giver):
        allowed = {
            "mara": {"coordinator", "lead", "worker", "verifier", "clinician", "lawyer"},
            "vera": {"host", "escort", "embassy", "receiver"},
        }.get(giver, set())
        with acting(ground[giver]):
            for role in Role:
                assert self.admits(ground[giver], nina, role, kestrel) is (role in allowed), role

    def admits(self, giver, account, role, case):
        try:
            with transaction.atomic():
                access.admit(account, role, case.pk, by=giver, reason="is needed", until=in_a_week(), scope=uuid.uuid4())
        except Denied as refused:
            assert refused.entry == f"denied.admit.{role}"
            return False
        return LedgerEntry.objects.filter(what="grant.given", about=account.pk, detail=str(role)).exists()

    def test_nobody_admits_himself_not_even_the_custodian(self, kestrel, charlie, greta, vera, mara, acting):
        for person in (charlie, greta, vera, mara):
            with acting(person), pytest.raises(Denied):
                access.admit(person, Role.WORKER, kestrel.pk, by=person, reason="I would like to see it")

    def test_nor_by_sql_as_the_apps_role(self, kestrel, mara, charlie, acting):
        insert = (
            "INSERT INTO relocation_casegrant "
            "(user_id, permission_id, case_id, scope, granted_by_id, expires_at, stage, standing) "
            "SELECT %s, id, %s, %s, %s, now() + interval '1 day', 'referred', 'active' "
            "FROM auth_permission WHERE codename = 'lead'"
        )
        for claims in (charlie, mara):
            with acting(charlie), pytest.raises(ProgrammingError, match=HIDDEN), transaction.atomic():
                sql(insert, charlie.pk, kestrel.pk, kestrel.pk, claims.pk)

    def test_the_custodian_lets_in_others_and_reads_nothing(self, kestrel, greta, nina, acting):
        with acting(greta):
            access.admit(nina, Role.WORKER, kestrel.pk, by=greta, reason="the coordinator is ill")
            assert sql("SELECT count(*) FROM relocation_case") == sql("SELECT count(*) FROM relocation_identity") == (0,)
            assert not access.may(greta, "case.open", kestrel.pk)
        with acting(nina):
            assert access.may(nina, "case.open", kestrel.pk)

    def test_a_custodian_whose_account_was_closed_lets_in_nobody(self, kestrel, greta, nina, acting):
        Account.objects.filter(pk=greta.pk).update(is_active=False)
        with acting(greta), pytest.raises(Denied):
            access.admit(nina, Role.WORKER, kestrel.pk, by=greta, reason="the coordinator is ill")

    @pytest.mark.parametrize(("reason", "role", "scope"), [(" ", Role.WORKER, None), ("stay", Role.HOST, None)])
    def test_a_grant_names_its_reason_its_end_and_its_scope(self, kestrel, nina, mara, acting, reason, role, scope):
        with acting(mara), pytest.raises(ValueError, match="names its reason"):
            access.admit(nina, role, kestrel.pk, by=mara, reason=reason, scope=scope)


class TestPeopleOnCall:
    def test_whoever_works_on_the_case_calls_them_to_it_until_their_shift_ends(self, kestrel, vera, ilya, acting):
        with acting(vera):
            until = DutyShift.objects.get(account=ilya).ends_at
            access.admit(ilya, Role.COORDINATOR, kestrel.pk, by=vera, reason="alarm", until=until)
        assert afresh(kestrel, ilya) == kestrel

    def test_not_for_longer_than_their_shift(self, kestrel, vera, ilya, acting):
        with acting(vera):
            until = DutyShift.objects.get(account=ilya).ends_at + timedelta(minutes=1)
        with acting(vera), pytest.raises(Denied):
            access.admit(ilya, Role.COORDINATOR, kestrel.pk, by=vera, reason="alarm", until=until)

    def test_nobody_who_is_not_on_call(self, kestrel, vera, nina, acting):
        with acting(vera), pytest.raises(Denied):
            access.admit(nina, Role.COORDINATOR, kestrel.pk, by=vera, reason="alarm", until=timezone.now() + timedelta(hours=1))

    def test_and_never_by_a_stranger(self, kestrel, charlie, ilya, acting):
        with acting(charlie), pytest.raises(Denied):
            access.admit(
                ilya, Role.COORDINATOR, kestrel.pk, by=charlie, reason="alarm", until=timezone.now() + timedelta(hours=1)
            )


class TestScope:
    def test_a_grant_for_one_stay_answers_for_that_stay_alone(self, kestrel, vera, hanna, acting):
        stay, other = uuid.uuid4(), uuid.uuid4()
        with acting(vera):
            access.admit(hanna, Role.HOST, kestrel.pk, by=vera, reason="stay", until=in_a_week(), scope=stay)
        with acting(hanna):
            assert access.may(hanna, "location.own", kestrel.pk, scope=stay)
            assert not access.may(hanna, "location.own", kestrel.pk, scope=other)
            assert not access.may(hanna, "case.open", kestrel.pk)

    def test_ending_one_leaves_the_other(self, kestrel, vera, hanna, acting):
        first, second = uuid.uuid4(), uuid.uuid4()
        with acting(vera):
            for scope in (first, second):
                access.admit(hanna, Role.HOST, kestrel.pk, by=vera, reason="stay", until=in_a_week(), scope=scope)
            access.dismiss(hanna, Role.HOST, kestrel.pk, by=vera, scope=first)
        with acting(hanna):
            assert not access.may(hanna, "location.own", kestrel.pk, scope=first)
            assert access.may(hanna, "location.own", kestrel.pk, scope=second)


class TestAssign:
    def test_the_lead_before_is_let_go(self, kestrel, vera, nina, mara, acting):
        from relocation.journey.referring import assign

        with acting(mara):
            assign(kestrel.pk, nina, by=mara, reason="Vera is ill")
        with acting(vera):
            assert not Case.objects.visible_to(vera).exists()
        assert afresh(kestrel, nina).alias == "Kestrel"

    def test_a_lead_does_not_hand_the_case_on(self, kestrel, vera, nina, acting):
        from relocation.journey.referring import assign

        with acting(vera), pytest.raises(Denied):
            assign(kestrel.pk, nina, by=vera, reason="I am tired")


class TestEndingWhatSomebodyElseGave:
    @pytest.fixture
    def called(self, kestrel, vera, ilya, acting):
        """Vera's alarm has called Ilya to the case."""
        with acting(vera):
            until = DutyShift.objects.get(account=ilya).ends_at
            access.admit(ilya, Role.COORDINATOR, kestrel.pk, by=vera, reason="alarm", until=until)
        return ilya

    def test_whoever_called_somebody_on_call_does_not_send_them_away(self, kestrel, vera, called, mara, acting):
        with acting(vera), pytest.raises(Denied):
            access.dismiss(called, Role.COORDINATOR, kestrel.pk, by=vera)
        with acting(mara):
            access.dismiss(called, Role.COORDINATOR, kestrel.pk, by=mara)

    def test_a_coordinator_ends_what_the_lead_gave_and_gives_none_of_it(self, kestrel, vera, mara, hanna, acting):
        stay = uuid.uuid4()
        with acting(vera):
            access.admit(hanna, Role.HOST, kestrel.pk, by=vera, reason="stay", until=in_a_week(), scope=stay)
        with acting(mara):
            access.dismiss(hanna, Role.HOST, kestrel.pk, by=mara, scope=stay)
            with pytest.raises(Denied):
                access.admit(hanna, Role.HOST, kestrel.pk, by=mara, reason="stay", until=in_a_week(), scope=stay)


class TestRenewing:
    def test_a_coordinator_lets_in_another_who_renews_the_first(self, kestrel, mara, nina, acting):
        with acting(mara):
            access.admit(nina, Role.COORDINATOR, kestrel.pk, by=mara, reason="hands over")
            old = access.holders(kestrel.pk, Role.COORDINATOR).get(user=mara)
        with acting(nina):
            new = access.renew(old, by=nina, reason="stays")
            assert CaseGrant.objects.filter(user=mara).get() == new
        assert new.pk != old.pk and abs(new.expires_at - timezone.now() - timedelta(days=90)) < timedelta(minutes=1)

    def test_nobody_renews_their_own_and_nothing_ends_by_trying(self, kestrel, mara, vera, acting):
        for person, role in ((mara, Role.COORDINATOR), (vera, Role.LEAD)):
            with acting(person):
                grant = access.holders(kestrel.pk, role).get(user=person)
                with pytest.raises(Denied):
                    access.renew(grant, by=person, reason="stays")
                assert access.may(person, "case.open", kestrel.pk)

    def test_what_was_given_for_one_stay_is_not_renewed(self, kestrel, vera, hanna, acting):
        with acting(vera):
            grant = access.admit(hanna, Role.HOST, kestrel.pk, by=vera, reason="stay", until=in_a_week(), scope=uuid.uuid4())
            with pytest.raises(ValueError, match="ends with it"):
                access.renew(grant, by=vera, reason="stays")

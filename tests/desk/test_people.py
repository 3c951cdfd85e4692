"""Who can open a case: naming the lead, letting in, ending."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from relocation.models import Case, CaseGrant, DutyShift
from relocation.safety import access
from relocation.safety.policy import Role


def address(case: Case) -> str:
    return reverse("desk:people", args=[case.pk])


def holds(account, role, case) -> bool:
    return access.holders(case.pk, role).filter(user=account).exists()


class TestPeople:
    def test_everybody_on_the_case_sees_who_else_is(self, kestrel, tomas, signed_in):
        page = signed_in(tomas).get(address(kestrel)).content.decode()
        assert all(name in page for name in ("Vera Lind", "Mara Kask", "Tomas Oja"))

    def test_a_stranger_sees_nobody(self, kestrel, charlie, signed_in):
        assert signed_in(charlie).get(address(kestrel)).status_code == 404

    def test_only_desk_people_of_the_organisation_are_offered_and_never_oneself(self, kestrel, mara, signed_in):
        page = signed_in(mara).get(address(kestrel)).content.decode()
        assert "Nina Salo</option>" in page
        assert not any(
            f"{name}</option>" in page for name in ("Mara Kask", "Charlie Stone", "Hanna Aho", "Elise Moreau", "Greta Holm")
        )


class TestLettingIn:
    def test_a_coordinator_lets_a_worker_in(self, kestrel, mara, nina, signed_in, acting):
        told = {"role": "worker", "account": nina.pk, "reason": "documents"}
        assert signed_in(mara).post(address(kestrel), told).status_code == 302
        with acting(mara):
            assert holds(nina, Role.WORKER, kestrel)

    def test_a_new_lead_takes_the_place_of_the_one_before(self, kestrel, mara, vera, nina, signed_in, acting):
        told = {"role": "lead", "account": nina.pk, "reason": "Vera is away"}
        assert signed_in(mara).post(address(kestrel), told).status_code == 302
        with acting(mara):
            assert holds(nina, Role.LEAD, kestrel) and not holds(vera, Role.LEAD, kestrel)

    @pytest.mark.parametrize(
        "told",
        [{"role": "worker", "reason": "x"}, {"role": "worker", "reason": ""}, {"role": "coordinator", "reason": "x"}],
    )
    def test_a_lead_does_not(self, kestrel, vera, nina, signed_in, acting, told):
        signed_in(vera).post(address(kestrel), told | {"account": nina.pk})
        with acting(vera):
            assert not CaseGrant.objects.filter(user=nina).exists()

    def test_a_verifier_lets_nobody_in(self, kestrel, tomas, nina, signed_in):
        assert signed_in(tomas).post(address(kestrel), {"role": "worker", "account": nina.pk, "reason": "x"}).status_code == 404

    def test_somebody_of_elsewhere_is_not_let_in(self, kestrel, mara, charlie, signed_in, acting):
        assert signed_in(mara).post(address(kestrel), {"role": "worker", "account": charlie.pk, "reason": "x"}).status_code == 200
        with acting(mara):
            assert not CaseGrant.objects.filter(user=charlie).exists()

    def test_whoever_already_is_it_is_said_so(self, kestrel, mara, tomas, signed_in):
        page = signed_in(mara).post(address(kestrel), {"role": "verifier", "account": tomas.pk, "reason": "again"})
        assert "They already are that here." in page.content.decode()


class TestEnding:
    def grant(self, account, role, case, by, acting) -> CaseGrant:
        with acting(by):
            found: CaseGrant = access.holders(case.pk, role).get(user=account)
            return found

    def test_a_coordinator_ends_a_verifiers_access(self, kestrel, mara, tomas, signed_in, acting):
        grant = self.grant(tomas, Role.VERIFIER, kestrel, mara, acting)
        assert signed_in(mara).post(address(kestrel), {"end": grant.pk}).status_code == 302
        assert signed_in(tomas).get(address(kestrel)).status_code == 404

    def test_a_verifier_ends_their_own_and_nobody_elses(self, kestrel, vera, tomas, signed_in, acting):
        browser = signed_in(tomas)
        assert browser.post(address(kestrel), {"end": self.grant(vera, Role.LEAD, kestrel, tomas, acting).pk}).status_code == 404
        own = self.grant(tomas, Role.VERIFIER, kestrel, tomas, acting)
        assert browser.post(address(kestrel), {"end": own.pk}).url == reverse("desk:cases")

    def test_a_case_keeps_its_last_coordinator(self, kestrel, mara, signed_in, acting):
        own = self.grant(mara, Role.COORDINATOR, kestrel, mara, acting)
        page = signed_in(mara).post(address(kestrel), {"end": own.pk})
        assert page.status_code == 409 and "keeps one coordinator" in page.content.decode()

    def test_somebody_called_in_for_a_shift_does_not_count_as_one(self, kestrel, mara, vera, ilya, nina, signed_in, acting):
        with acting(vera):
            until = DutyShift.objects.get(account=ilya).ends_at
            access.admit(ilya, Role.COORDINATOR, kestrel.pk, by=vera, reason="alarm", until=until)
        own = self.grant(mara, Role.COORDINATOR, kestrel, mara, acting)
        assert signed_in(mara).post(address(kestrel), {"end": own.pk}).status_code == 409
        called = self.grant(ilya, Role.COORDINATOR, kestrel, mara, acting)
        assert signed_in(vera).post(address(kestrel), {"end": called.pk}).status_code == 404
        told = {"role": "coordinator", "account": nina.pk, "reason": "hands over"}
        assert signed_in(mara).post(address(kestrel), told).status_code == 302
        assert signed_in(mara).post(address(kestrel), {"end": own.pk}).status_code == 302
        with acting(nina):
            assert holds(nina, Role.COORDINATOR, kestrel) and not holds(mara, Role.COORDINATOR, kestrel)

    def test_nonsense_ends_nothing(self, kestrel, mara, signed_in):
        assert signed_in(mara).post(address(kestrel), {"end": "everybody"}).status_code == 404


class TestRenewing:
    def test_one_click_lets_somebody_stay_for_the_whole_term(self, kestrel, mara, tomas, signed_in, acting):
        with acting(mara):
            access.dismiss(tomas, Role.VERIFIER, kestrel.pk, by=mara)
            soon = timezone.now() + timedelta(days=1)
            grant = access.admit(tomas, Role.VERIFIER, kestrel.pk, by=mara, reason="verifies", until=soon)
        page = signed_in(mara).post(address(kestrel), {"renew": grant.pk}, follow=True)
        assert "Tomas Oja stays as verifier until" in page.content.decode()
        with acting(mara):
            left = access.holders(kestrel.pk, Role.VERIFIER).get(user=tomas).expires_at - timezone.now()
        assert left > timedelta(days=13)

    def test_nobody_renews_their_own_nor_does_whoever_may_not_give_it(self, kestrel, mara, vera, tomas, signed_in, acting):
        with acting(mara):
            own = access.holders(kestrel.pk, Role.COORDINATOR).get(user=mara)
            verifier = access.holders(kestrel.pk, Role.VERIFIER).get(user=tomas)
        assert signed_in(mara).post(address(kestrel), {"renew": own.pk}).status_code == 404
        assert signed_in(vera).post(address(kestrel), {"renew": verifier.pk}).status_code == 404
        page = signed_in(vera).get(address(kestrel)).content.decode()
        assert 'name="renew"' not in page

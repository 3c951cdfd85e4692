"""Households: cases that travel together, each with its own stage and secrets."""

import pytest

from relocation.journey import household
from relocation.journey.household import OtherHousehold
from relocation.journey.referring import assign, refer
from relocation.models import Case, Identity
from relocation.safety.refusal import Denied
from tests.cast import afresh, referral


def another(alias, by, lead, acting):
    with acting(by):
        case = refer(referral(alias=alias, material=alias.encode()), by=by)
        assign(case.pk, lead, by=by, reason="same family")
    return case


@pytest.fixture
def plover(kestrel, mara, vera, acting):
    return another("Plover", mara, vera, acting)


class TestJoin:
    def test_two_cases_travel_together_and_keep_their_stages(self, kestrel, plover, vera, acting):
        with acting(vera):
            household.join(kestrel, plover, by=vera)
            assert [c.alias for c in household.members(afresh(kestrel, vera), vera)] == ["Plover"]
        assert (afresh(kestrel, vera).stage, afresh(plover, vera).stage) == ("verifying", "referred")

    def test_somebody_of_another_household_stays_there(self, kestrel, plover, mara, vera, acting):
        heron, teal = another("Heron", mara, vera, acting), another("Teal", mara, vera, acting)
        with acting(vera):
            household.join(heron, teal, by=vera)
            household.join(kestrel, plover, by=vera)
            with pytest.raises(OtherHousehold):
                household.join(kestrel, afresh(teal, vera), by=vera)

    def test_whoever_may_not_write_both_links_nothing(self, kestrel, plover, tomas, acting):
        with acting(tomas), pytest.raises(Denied):
            household.join(kestrel, plover, by=tomas)

    def test_a_member_opens_no_other_member(self, kestrel, mara, vera, tomas, acting):
        plover = another("Plover", mara, vera, acting)
        with acting(vera):
            household.join(kestrel, plover, by=vera)
        with acting(tomas):
            assert list(household.members(afresh(kestrel, tomas), tomas)) == []
            assert not Identity.objects.filter(case=plover).exists()
            assert not Case.objects.visible_to(tomas).filter(pk=plover.pk).exists()


class TestPage:
    def test_the_lead_links_and_unlinks(self, kestrel, plover, vera, signed_in):
        page = f"/cases/{kestrel.pk}/household/"
        assert signed_in(vera).post(page, {"other": str(plover.pk)}).status_code == 302
        assert "Plover" in signed_in(vera).get(page).content.decode()
        signed_in(vera).post(page, {"alone": "1"})
        assert afresh(kestrel, vera).household is None

    def test_a_case_that_is_not_mine_cannot_be_named(self, kestrel, mara, ilya, vera, signed_in, acting):
        stranger = another("Teal", mara, ilya, acting)
        answer = signed_in(vera).post(f"/cases/{kestrel.pk}/household/", {"other": str(stranger.pk)})
        assert answer.status_code == 200
        assert afresh(kestrel, vera).household is None

    def test_the_verifier_sees_and_changes_nothing(self, kestrel, plover, tomas, signed_in):
        assert signed_in(tomas).get(f"/cases/{kestrel.pk}/household/").status_code == 200
        assert signed_in(tomas).post(f"/cases/{kestrel.pk}/household/", {"other": str(plover.pk)}).status_code == 404

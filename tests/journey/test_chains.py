"""A referral chain that is no longer safe: who is touched, who still comes, and the two people who undo it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from relocation.journey import chains
from relocation.journey.referring import refer
from relocation.models import BurnedChain, Deadline, LedgerEntry, Referrer
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied
from tests.cast import afresh, referral

WHY = "His phone was taken from him."


@pytest.fixture
def burned(kestrel, vera, mara) -> BurnedChain:
    """Kestrel came through Akhmed, who is no longer safe."""
    with acting_as(vera.pk):
        Referrer(case=kestrel, by=vera, who="Ахмед Борзой, друг из Грозного").save(force_insert=True)
    with acting_as(mara.pk):
        return chains.burn_chain("Akhmed Borzoy", by=mara, reason=WHY)


class TestBurning:
    def test_who_came_through_it_is_compromised_with_a_task_and_nobody_else(self, burned, kestrel, vera, mara):
        with acting_as(mara.pk):
            other = refer(referral(alias="Wren", surname="Иная", phone="+79990000009"), by=mara)
            assert afresh(other, mara).standing == "active" and chains.counted(burned) == 1
        with acting_as(vera.pk):
            assert afresh(kestrel, vera).standing == "compromised"
            task = Deadline.objects.get(case=kestrel, kind="review", done_at=None)
            assert task.what == "burned" and task.about == burned.pk
            assert LedgerEntry.objects.filter(case_id=kestrel.pk, what="case.marked").count() == 1

    def test_whoever_comes_through_it_now_waits_for_two_people(self, burned, mara):
        with acting_as(mara.pk):
            new = refer(referral(alias="Wren", phone="+79990000009", referred_by="Ахмед Борзой"), by=mara)
            assert new.standing == "compromised"
            assert Deadline.objects.filter(case=new, about=burned.pk).count() == 1

    def test_said_again_it_is_one_and_by_whoever_answers_for_nothing_it_is_refused(
        self, burned, mara, ilya, vera, charlie, hanna
    ):
        with acting_as(ilya.pk):
            assert chains.burn_chain(" Akhmed Borzoy ", by=ilya, reason="I heard it too").pk == burned.pk
        for by in (vera, hanna):
            with acting_as(by.pk), pytest.raises(Denied):
                chains.burn_chain("Somebody", by=by, reason=WHY)
        with acting_as(mara.pk), pytest.raises(ValueError, match="Say who"):
            chains.burn_chain(" ", by=mara, reason=WHY)
        with acting_as(charlie.pk):
            assert not chains.standing()

    def test_two_people_on_two_devices_say_it_is_safe_and_new_people_come_in_again(self, burned, mara, ilya, vera):
        with acting_as(vera.pk), pytest.raises(Denied):
            chains.safe_again(burned, by=vera, reason="no", device="v")
        with acting_as(mara.pk):
            assert not chains.safe_again(burned, by=mara, reason="He is free.", device="one")
            with pytest.raises(chains.NotSafe):
                chains.safe_again(burned, by=mara, reason="again", device="two")
        with acting_as(ilya.pk):
            with pytest.raises(chains.NotSafe):
                chains.safe_again(burned, by=ilya, reason="yes", device="one")
            assert chains.safe_again(burned, by=ilya, reason="I met him.", device="two")
            assert not chains.standing()
            assert not BurnedChain.objects.filter(pk=burned.pk).update(undone_at=timezone.now() - timedelta(days=1))
        with acting_as(mara.pk):
            new = refer(referral(alias="Wren", phone="+79990000009", referred_by="Akhmed Borzoy"), by=mara)
            assert new.standing == "active"


class TestThePage:
    def test_a_coordinator_burns_a_chain_and_a_lead_finds_no_such_page(self, signed_in, kestrel, mara, vera):
        desk = signed_in(mara)
        assert desk.get("/referrals/chains/").status_code == 200
        assert "This field is required" in desk.post("/referrals/chains/", {"who": "", "reason": WHY}).content.decode()
        said = desk.post("/referrals/chains/", {"who": "горячая линия", "reason": WHY}, follow=True).content.decode()
        assert "горячая линия" in said and "1 person came through" in said
        chain = chains_of(mara)[0]
        said = desk.post("/referrals/chains/", {"safe": chain.pk, "why": "It was another one."}, follow=True).content.decode()
        assert "Asked. A second person agrees here." in said
        assert signed_in(vera).get("/referrals/chains/").status_code == 404


def chains_of(account):
    with acting_as(account.pk):
        return chains.standing()

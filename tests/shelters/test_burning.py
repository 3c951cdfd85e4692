"""A house that is burned: one action, what it does to whom, and the two people who undo it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from fiction.telling import do_jobs
from relocation.journey.advance import advance
from relocation.models import Alarm, Case, Deadline, DutyShift, LedgerEntry, Outbox, system_account
from relocation.safety import access, locks
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from shelters import burned_page, burning, hosting
from shelters.models import House, Stay
from shelters.models.burn import Burn, Knower, Touched
from tests import drawn
from tests.cast import afresh
from tests.jobs.test_alarms import later
from tests.shelters.conftest import tonight

WHY = "Two men asked the neighbour who lives there."


def text(response) -> str:
    return str(response.content.decode())


@pytest.fixture
def arrived(confirmed, vera) -> Stay:
    """Kestrel sleeps in Alder."""
    with acting_as(vera.pk):
        return hosting.arrived(confirmed.pk, by=vera)


@pytest.fixture
def burned(arrived, alder, mara) -> Burn:
    """Alder, burned while Kestrel sleeps there."""
    with acting_as(mara.pk):
        return burning.burn(alder.pk, by=mara, reason=WHY)


class TestBurning:
    def test_it_takes_nobody_and_whoever_sleeps_there_is_compromised_with_one_move(
        self, burned, alder, kestrel, vera, mara, hanna
    ):
        with acting_as(vera.pk):
            house = House.objects.get(pk=alder.pk)
            assert house.compromised_at and not house.is_open
            assert afresh(kestrel, vera).standing == "compromised"
            move = Deadline.objects.get(case=kestrel, kind="move", done_at=None)
            assert move.what == "move_house" and move.about == burned.pk
            assert Alarm.objects.filter(case=kestrel, kind="raised").count() == 1
            assert not access.holders(kestrel.pk, Role.HOST).exists()
            told = {entry.what for entry in LedgerEntry.objects.filter(case_id=kestrel.pk)}
            assert {"case.marked", "step.compromise", "alarm.raised", "grant.ended"} <= told
        with acting_as(hanna.pk):
            assert not Stay.objects.hosted_by(hanna).exists()
        with acting_as(system_account("outbox")):
            kinds = list(Outbox.objects.values_list("kind", flat=True))
        assert {"tell_danger", "tell_case", "tell_on_call", "ring_on_call"} <= set(kinds)

    def test_pressed_again_it_changes_nothing(self, burned, alder, kestrel, mara, ilya):
        with acting_as(ilya.pk):
            assert burning.burn(alder.pk, by=ilya, reason="I heard it too").pk == burned.pk
        with acting_as(mara.pk):
            assert Burn.objects.count() == 1
            assert Deadline.objects.filter(case=kestrel, kind="move").count() == 1

    def test_nobody_burns_a_house_of_strangers_and_a_lead_asks_who_coordinates(self, alder, charlie, vera, hanna, kestrel):
        for by in (charlie, vera, hanna):
            with acting_as(by.pk), pytest.raises(Denied):
                burning.burn(alder.pk, by=by, reason=WHY)
        with acting_as(vera.pk), pytest.raises(ValueError):
            burning.burn(alder.pk, by=vera, reason=" ")
        with acting_as(vera.pk):
            assert House.objects.get(pk=alder.pk).is_open

    def test_whoever_knew_is_listed_with_how(self, burned, ground, mara, hanna):
        with acting_as(mara.pk):
            known = set(Knower.objects.values_list("account__username", "how"))
        assert known == {("hanna", "keeper"), ("hanna", "host")}

    def test_whoever_is_on_the_way_does_not_go_there(self, confirmed, alder, kestrel, vera, mara):
        with acting_as(mara.pk):
            row = burning.burn(alder.pk, by=mara, reason=WHY)
        with acting_as(vera.pk):
            assert Stay.objects.get(pk=confirmed.pk).state == "released"
            assert Touched.objects.get(burn=row).was == "coming"
            assert Deadline.objects.filter(case=kestrel, kind="move", done_at=None).count() == 1
            with pytest.raises(hosting.HouseClosed):
                hosting.hold(confirmed.bed, kestrel, tonight(), window=(timezone.now(), timezone.now()), by=vera)

    def test_whoever_was_there_before_is_looked_at_again_and_goes_on(self, arrived, alder, kestrel, vera, mara):
        with acting_as(vera.pk):
            hosting.release(arrived, by=vera)
        with acting_as(mara.pk):
            burning.burn(alder.pk, by=mara, reason=WHY)
        with acting_as(vera.pk):
            assert afresh(kestrel, vera).standing == "active"
            assert Deadline.objects.get(case=kestrel, kind="review").what == "burned"
            assert not Deadline.objects.filter(case=kestrel, kind="move").exists()

    def test_whoever_is_detained_is_marked_and_stays_detained(self, arrived, alder, kestrel, vera, mara):
        with acting_as(vera.pk):
            advance(kestrel.pk, "detain", by=vera, version=afresh(kestrel, vera).version, reason="at the station")
        with acting_as(mara.pk):
            burning.burn(alder.pk, by=mara, reason=WHY)
        with acting_as(vera.pk):
            assert afresh(kestrel, vera).standing == "detained"
            assert LedgerEntry.objects.filter(case_id=kestrel.pk, what="case.marked").count() == 1
            assert Deadline.objects.filter(case=kestrel, kind="move", done_at=None).count() == 1

    def test_whoever_is_locked_is_marked_and_whoever_opens_it_again_finds_the_task(
        self, arrived, alder, kestrel, vera, mara, greta
    ):
        with acting_as(mara.pk):
            lock = locks.lock("case", kestrel.pk, by=mara)
            burning.burn(alder.pk, by=mara, reason=WHY)
            locks.lift(lock, by=mara)
        with acting_as(greta.pk):
            locks.lift(lock, by=greta)
        with acting_as(vera.pk):
            assert Deadline.objects.filter(case=kestrel, kind="move", done_at=None).count() == 1

    def test_the_sweep_comes_in_for_this_and_goes_again(self, burned, kestrel, mara):
        with acting_as(mara.pk):
            held = access.CaseGrant.ever.filter(user_id=system_account("burned-house"))
            assert held.count() == 1 and not access.CaseGrant.objects.filter(user_id=system_account("burned-house")).exists()
        with acting_as(system_account("burned-house")):
            assert not Case.objects.visible_to(burning.burned.sweep(), "step.compromise").exists()

    def test_whoever_comes_on_call_after_it_is_let_in_too_and_nobody_else(self, arrived, alder, kestrel, vera, mara, ilya, nina):
        now = timezone.now()
        with acting_as(mara.pk):
            DutyShift.objects.update(ends_at=now - timedelta(minutes=1))
            burning.burn(alder.pk, by=mara, reason=WHY)
        do_jobs()
        with acting_as(mara.pk):
            assert not access.holders(kestrel.pk, Role.COORDINATOR).filter(user=ilya).exists()
            DutyShift.objects.create(account=ilya, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=8))
        later()
        do_jobs()
        with acting_as(mara.pk):
            assert access.holders(kestrel.pk, Role.COORDINATOR).filter(user=ilya).exists()
            heard = LedgerEntry.objects.filter(case_id=kestrel.pk, what="alarm.heard_again")
            assert heard.count() == 1
        sweep = burning.burned.sweep()
        with acting_as(sweep.pk), pytest.raises(Denied):
            access.admit(nina, Role.COORDINATOR, kestrel.pk, by=sweep, reason="not on call", until=now + timedelta(hours=1))


class TestThePage:
    def test_a_coordinator_burns_it_sees_who_must_move_and_ticks_who_was_spoken_with(
        self, signed_in, arrived, alder, hanna, mara
    ):
        desk, page = signed_in(mara), f"/stays/houses/{alder.pk}/burned/"
        assert "Is house Alder known to the wrong people?" in text(desk.get(page))
        refused = desk.post(page, {"reason": " "})
        assert refused.status_code == 200 and "This field is required" in text(refused)
        said = text(desk.post(page, {"reason": WHY}, follow=True))
        assert "House Alder is burned" in said and WHY in said and "Kestrel" in said and "Vera Lind leads the case" in said
        assert "Hanna" in said and "Spoken with" in said
        assert WHY not in text(desk.get(page + "?still=1"))
        said = text(desk.post(page, {"spoken": hanna.pk}, follow=True))
        assert "spoke with them" in said
        assert desk.post(page, {"spoken": mara.pk}).status_code == 404
        assert "Burned" in text(desk.get("/stays/")) and "See to it" in text(desk.get("/stays/houses/burned/"))
        assert "Asked. A second person agrees here." in text(desk.post(page, {"reason": "the wrong door"}, follow=True))

    def test_it_is_there_for_whoever_is_on_call_and_the_task_for_whoever_leads(self, signed_in, burned, alder, vera, mara, ilya):
        with acting_as(mara.pk):
            shown = burned_page.shown(burned, mara)
        assert (shown["there"], shown["coming"], shown["left"], shown["others"]) == (1, 0, 1, 0)
        page = f"/stays/houses/{alder.pk}/burned/"
        assert signed_in(ilya).get(page).status_code == 200 and signed_in(vera).get(page).status_code == 404
        assert "Danger where they stay" in text(signed_in(vera).get("/"))

    def test_of_others_cases_only_their_number_is_told(self, signed_in, burned, kestrel, alder, ilya, mara, vera):
        with acting_as(mara.pk):
            access.dismiss(ilya, Role.COORDINATOR, kestrel.pk, by=mara)
        said = text(signed_in(ilya).get(f"/stays/houses/{alder.pk}/burned/"))
        assert "Kestrel" not in said and kestrel.code not in drawn.without(said)
        assert "1 more person, whose case you cannot open" in said


class TestUndoing:
    def test_two_people_on_two_devices_say_it_is_safe(self, burned, alder, mara, ilya, charlie):
        with acting_as(charlie.pk), pytest.raises(Denied):
            burning.safe_again(burned, by=charlie, reason="no", device="c")
        with acting_as(mara.pk):
            assert not burning.safe_again(burned, by=mara, reason="It was the wrong door.", device="one")
            with pytest.raises(burning.NotSafe):
                burning.safe_again(burned, by=mara, reason="again", device="two")
        with acting_as(ilya.pk):
            with pytest.raises(burning.NotSafe):
                burning.safe_again(burned, by=ilya, reason="yes", device="one")
            assert House.objects.get(pk=alder.pk).compromised_at
            assert burning.safe_again(burned, by=ilya, reason="I stood before it.", device="two")
            house = House.objects.get(pk=alder.pk)
            assert house.takes_people and burning.standing(alder.pk) is None
            assert Burn.objects.get(pk=burned.pk).undone_by == ilya

    def test_nobody_opens_it_by_hand(self, burned, alder, mara, vera):
        for by in (mara, vera):
            for change in ({"compromised_at": None}, {"is_open": True}):
                with acting_as(by.pk), pytest.raises(DatabaseError), transaction.atomic():
                    House.objects.filter(pk=alder.pk).update(**change)
        with acting_as(mara.pk):
            assert not Burn.objects.filter(pk=burned.pk).update(undone_at=timezone.now() - timedelta(days=1))

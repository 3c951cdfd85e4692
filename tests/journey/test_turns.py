"""A step for a whole wave: everybody through their own gate, the refused listed with what is in their way."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from fiction.telling import do_jobs
from relocation.journey import approvals, turns, waves
from relocation.journey.turns import Chosen
from relocation.models import LedgerEntry, Outbox, Turn, WaveStep
from relocation.safety.refusal import Denied
from tests.cast import afresh
from tests.journey.test_waves import another


@pytest.fixture
def wave(kestrel, mara, vera, acting):
    """Kestrel in verification, Plover and Heron just referred; Heron's consent has run out."""
    others = [another(alias, mara, vera, acting) for alias in ("Plover", "Heron")]
    with acting(vera):
        others[1].consents.update(expires_on=timezone.localdate() - timedelta(days=1))
        for case in others:
            case.duplicatechecks.create(case=case, by=vera)
    with acting(mara):
        wave = waves.begin("Slate", "extraction", timezone.localdate() + timedelta(days=9), by=mara)
        waves.add(wave, [kestrel.pk, *(case.pk for case in others)], by=mara)
    return wave


def ask(wave, step, by, told=None, *, token=None, version=None, reason=""):
    people = [Chosen(case.pk, case.version if version is None else version) for case in waves.people(wave, by)]
    return turns.ask(wave, step, people, told or {}, token=token or uuid4(), reason=reason, by=by, device="device")


def outcomes(asked):
    found = Turn.objects.filter(wavestep=asked).select_related("case")
    return {turn.case.alias: (turn.outcome, turn.why, turn.unmet) for turn in found}


class TestTurns:
    def test_each_passes_their_own_gate_and_the_refused_stay_with_their_reasons(self, wave, vera, acting):
        with acting(vera):
            asked = ask(wave, "verify", vera)
            turns.take_all(asked)
            assert outcomes(asked) == {
                "Plover": ("done", "", []),
                "Heron": ("refused", "blocked", ["consent_to_contact"]),
                "Kestrel": ("refused", "blocked", ["possible"]),
            }
            stages = {case.alias: case.stage for case in waves.people(wave, vera)}
            assert stages == {"Plover": "verifying", "Heron": "referred", "Kestrel": "verifying"}
            assert LedgerEntry.objects.filter(what="blocked.step.verify", actor_id=vera.pk).count() == 2
            assert not WaveStep.objects.filter(told__isnull=False).exists()

    def test_asked_twice_with_one_token_it_is_taken_once(self, wave, vera, acting):
        with acting(vera):
            token = uuid4()
            for _twice in range(2):
                asked = ask(wave, "hold", vera, {"review_on": timezone.localdate()}, token=token, reason="waits for the road")
                turns.take_all(asked)
            assert {outcome for outcome, _why, _unmet in outcomes(asked).values()} == {"done"}
            assert LedgerEntry.objects.filter(what="step.hold").count() == 3
            assert Outbox.objects.filter(kind="wave_step").count() == 1

    def test_whom_somebody_changed_meanwhile_is_refused_and_nobody_else(self, wave, kestrel, vera, acting):
        with acting(vera):
            asked = ask(wave, "hold", vera, {"review_on": timezone.localdate()}, version=0, reason="waits")
            turns.take_all(asked)
            assert outcomes(asked)["Kestrel"] == ("refused", "stale", [])
            assert outcomes(asked)["Plover"][0] == "done"

    def test_whoever_may_not_take_it_is_refused_for_each(self, wave, mara, acting):
        with acting(mara):
            asked = ask(wave, "verify", mara)
            turns.take_all(asked)
            assert {why for _outcome, why, _unmet in outcomes(asked).values()} == {"denied"}

    def test_what_only_the_person_can_tell_is_not_asked_for_all(self, wave, vera, charlie, acting):
        for step, by in (("arrive", vera), ("hold", charlie)):
            with acting(by), pytest.raises(Denied):
                ask(wave, step, by)

    def test_a_token_of_somebody_else_is_not_taken_over(self, wave, vera, mara, acting):
        with acting(vera):
            asked = ask(wave, "verify", vera)
        with acting(mara), pytest.raises(Denied):
            ask(wave, "verify", mara, token=asked.pk)


class TestSecondPerson:
    def test_one_is_asked_for_each_and_the_step_is_taken_for_whom_one_agreed(
        self, kestrel, wave, mara, ilya, acting, monkeypatch
    ):
        monkeypatch.setattr("relocation.journey.turns.TOGETHER", (*turns.TOGETHER, "enter", "record_death"))
        with acting(mara):
            asked = ask(wave, "record_death", mara, reason="the river")
            turns.take_all(asked)
            assert {outcome for outcome, _why, _unmet in outcomes(asked).values()} == {"asked"}
            assert afresh(kestrel, mara).standing == "active"
        with acting(ilya):
            question = approvals.waiting_for(ilya).get(case=kestrel)
            approvals.answer(question.pk, given=True, by=ilya, session="another device")
        with acting(mara):
            asked = ask(wave, "record_death", mara, reason="other words, which nobody agreed to")
            turns.take_all(asked)
            assert [outcomes(asked)[alias][0] for alias in ("Kestrel", "Plover", "Heron")] == ["done", "asked", "asked"]


class TestPage:
    def test_the_lead_takes_a_step_for_all_and_reads_what_became_of_each(self, wave, vera, signed_in):
        client = signed_in(vera)
        assert "Start verifying" in client.get(f"/waves/{wave.pk}/steps/").content.decode()
        form = client.get(f"/waves/{wave.pk}/steps/verify/").content.decode()
        ticked = re.findall(r'name="people" value="([^"]+)"', form)
        token = re.search(r'name="token" value="([^"]+)"', form)[1]
        assert len(ticked) == 2
        answers = [client.post(f"/waves/{wave.pk}/steps/verify/", {"people": ticked, "token": token}) for _twice in range(2)]
        assert answers[0].url == answers[1].url == f"/waves/{wave.pk}/taken/{token}/"
        assert "Judged: 0 of 2" in client.get(answers[0].url).content.decode()
        do_jobs()
        page = client.get(answers[0].url).content.decode()
        assert "Done for 1 person" in page and "1 person could not take it" in page
        assert "Record consent" in page

    def test_nobody_ticked_is_said_and_nothing_is_asked(self, wave, vera, signed_in):
        page = signed_in(vera).post(f"/waves/{wave.pk}/steps/verify/", {"token": str(uuid4())}).content.decode()
        assert "Tick at least one person." in page

    def test_a_result_is_for_whoever_asked(self, wave, vera, mara, acting, signed_in):
        with acting(vera):
            asked = ask(wave, "verify", vera)
        assert signed_in(mara).get(f"/waves/{wave.pk}/taken/{asked.pk}/").status_code == 404
        assert signed_in(mara).get(f"/waves/{wave.pk}/steps/arrive/").status_code == 404

"""The page of one step."""

from datetime import timedelta

import pytest
from django.utils import timezone

from relocation.journey.advance import advance
from relocation.models import Approval, Corroboration, Deadline, RiskAssessment
from relocation.safety.actor import acting_as
from tests.cast import afresh


@pytest.fixture
def ready(kestrel, tomas):
    with acting_as(tomas.pk):
        found = {"kind": "interview", "outcome": "supports", "on": timezone.localdate()}
        Corroboration(case=kestrel, by=tomas, **found).save(force_insert=True)
        RiskAssessment(case=kestrel, by=tomas, level="high", on=timezone.localdate()).save(force_insert=True)
    return kestrel


def url(case, step):
    return f"/cases/{case.pk}/steps/{step}/"


class TestStep:
    def test_it_is_taken_and_says_where_the_journey_is_now(self, signed_in, mara, ready):
        answer = signed_in(mara).post(url(ready, "accept"), {"version": ready.version}, follow=True)
        assert "The journey is now at: Accepted." in answer.content.decode()
        assert afresh(ready, mara).stage == "accepted"

    def test_the_page_says_the_effect_and_who_is_told(self, signed_in, mara, ready):
        html = signed_in(mara).get(url(ready, "accept")).content.decode()
        assert "The journey goes from Verifying to Accepted." in html
        assert "Vera Lind" in html

    def test_blocked_it_changes_nothing_and_says_what_is_missing(self, signed_in, mara, kestrel):
        answer = signed_in(mara).post(url(kestrel, "accept"), {"version": kestrel.version})
        assert answer.status_code == 409
        assert "Risk has not been assessed" in answer.content.decode()
        assert afresh(kestrel, mara).stage == "verifying"

    def test_somebody_without_the_right_is_told_who_has_it(self, signed_in, vera, ready):
        html = signed_in(vera).get(url(ready, "accept")).content.decode()
        assert "Mara Kask can do this, as coordinator." in html
        assert signed_in(vera).post(url(ready, "accept"), {"version": ready.version}).status_code == 404

    def test_an_older_page_is_refused_and_keeps_what_was_typed(self, signed_in, mara, ready):
        told = {"version": ready.version - 1, "reason": "we have room", "offered": "a lawyer"}
        answer = signed_in(mara).post(url(ready, "decline"), told)
        assert answer.status_code == 409
        assert "a lawyer" in answer.content.decode()
        assert afresh(ready, mara).stage == "verifying"

    def test_a_step_that_nobody_knows_is_not_there(self, signed_in, vera, kestrel):
        assert signed_in(vera).get(url(kestrel, "fly" * 60)).status_code == 404

    def test_what_must_be_told_is_asked_for_beside_its_field(self, signed_in, mara, kestrel):
        answer = signed_in(mara).post(url(kestrel, "decline"), {"version": kestrel.version, "reason": "no room"})
        assert answer.status_code == 200
        assert "no room" in answer.content.decode()
        assert "take-offered" in answer.content.decode()

    def test_a_date_is_told_as_a_date(self, signed_in, vera, kestrel):
        day = timezone.localdate() + timedelta(days=5)
        told = {"version": kestrel.version, "reason": "in hospital", "review_on": day.isoformat()}
        assert signed_in(vera).post(url(kestrel, "hold"), told).status_code == 302
        with acting_as(vera.pk):
            assert Deadline.objects.get(case=kestrel, kind="hold_review").due_at.date() == day


class TestEmergency:
    def test_it_waits_for_nobody_and_leaves_tasks_open(self, signed_in, vera, kestrel):
        told = {"do": "emergency", "version": kestrel.version, "emergency": "The father is at the door"}
        assert signed_in(vera).post(url(kestrel, "extract"), told).status_code == 302
        assert afresh(kestrel, vera).stage == "extracting"
        with acting_as(vera.pk):
            assert Deadline.objects.filter(case=kestrel, kind="open_condition").count() == 5

    def test_it_is_not_taken_without_saying_what_happens(self, signed_in, vera, kestrel):
        answer = signed_in(vera).post(url(kestrel, "extract"), {"do": "emergency", "version": kestrel.version})
        assert answer.status_code == 200
        assert afresh(kestrel, vera).stage == "verifying"

    def test_the_page_names_who_is_on_call(self, signed_in, vera, kestrel):
        html = signed_in(vera).get(url(kestrel, "extract")).content.decode()
        assert "Emergency: do it now" in html
        assert "Ilya Brandt" in html

    def test_a_step_that_can_wait_offers_none(self, signed_in, vera, kestrel):
        assert "Emergency: do it now" not in signed_in(vera).get(url(kestrel, "hold")).content.decode()


ENTERED = {"stage": "sheltered", "evidence": "The partner's letter"}


class TestSecondPerson:
    @pytest.fixture
    def asked(self, signed_in, mara, kestrel):
        answer = signed_in(mara).post(
            url(kestrel, "enter"), ENTERED | {"version": kestrel.version, "reason": "fled alone"}, follow=True
        )
        assert "Ilya Brandt can agree now." in answer.content.decode()
        with acting_as(mara.pk):
            return Approval.objects.get(case=kestrel)

    def agree(self, client, approval, word="agree"):
        return client.post(f"/approvals/{approval.pk}/", {"answer": word}, follow=True)

    def test_the_step_asks_first_and_moves_nothing(self, asked, kestrel, mara, signed_in):
        assert afresh(kestrel, mara).stage == "verifying"
        assert "Waiting" in signed_in(mara).get(url(kestrel, "enter")).content.decode()

    def test_agreed_to_it_is_taken_with_the_facts_of_then(self, asked, kestrel, mara, ilya, signed_in):
        self.agree(signed_in(ilya), asked)
        html = signed_in(mara).get(url(kestrel, "enter")).content.decode()
        assert "Take the step as agreed" in html
        assert signed_in(mara).post(url(kestrel, "enter"), {"do": "agreed", "version": kestrel.version}).status_code == 302
        assert afresh(kestrel, mara).stage == "sheltered"

    def test_what_changed_since_voids_the_word(self, asked, kestrel, mara, ilya, vera, signed_in):
        self.agree(signed_in(ilya), asked)
        with acting_as(vera.pk):
            advance(kestrel, "compromise", by=vera, version=kestrel.version, reason="the channel is read by others")
        now = afresh(kestrel, mara)
        assert "Take the step as agreed" not in signed_in(mara).get(url(kestrel, "enter")).content.decode()
        assert signed_in(mara).post(url(kestrel, "enter"), {"do": "agreed", "version": now.version}).status_code == 409
        assert afresh(kestrel, mara).stage == "verifying"

    def test_declined_it_can_be_asked_again(self, asked, kestrel, mara, ilya, signed_in):
        self.agree(signed_in(ilya), asked, "decline")
        assert "Ilya Brandt did not agree" in signed_in(mara).get(url(kestrel, "enter")).content.decode()

    def test_nothing_is_asked_while_something_is_missing(self, signed_in, mara, kestrel, vera):
        with acting_as(vera.pk):
            advance(kestrel, "compromise", by=vera, version=kestrel.version, reason="read by others")
        told = {"version": kestrel.version + 1, "reason": "moved", "place_or_channel": " "}
        assert signed_in(mara).post(url(kestrel, "make_safe"), told).status_code == 200
        with acting_as(mara.pk):
            assert not Approval.objects.filter(case=kestrel).exists()


class TestSecret:
    """What belongs into another compartment is not kept with the question: it is told once more."""

    PLACE = "the blue house by the mill"

    @pytest.fixture
    def agreed(self, signed_in, kestrel, vera, mara, ilya):
        with acting_as(vera.pk):
            advance(kestrel, "compromise", by=vera, version=kestrel.version, reason="read by others")
        self.version = kestrel.version + 1
        signed_in(mara).post(url(kestrel, "make_safe"), {"version": self.version, "place_or_channel": self.PLACE})
        with acting_as(mara.pk):
            approval = Approval.objects.get(case=kestrel)
        html = signed_in(ilya).get(f"/approvals/{approval.pk}/").content.decode()
        assert self.PLACE not in html
        signed_in(ilya).post(f"/approvals/{approval.pk}/", {"answer": "agree"})

    def take(self, client, kestrel, place):
        return client.post(url(kestrel, "make_safe"), {"do": "agreed", "version": self.version, "place_or_channel": place})

    def test_told_again_as_it_was_it_is_taken(self, agreed, signed_in, mara, kestrel):
        assert self.PLACE not in signed_in(mara).get(url(kestrel, "make_safe")).content.decode()
        assert self.take(signed_in(mara), kestrel, self.PLACE).status_code == 302
        assert afresh(kestrel, mara).standing == "active"

    def test_told_otherwise_it_is_refused(self, agreed, signed_in, mara, kestrel):
        assert self.take(signed_in(mara), kestrel, "another house").status_code == 409
        assert afresh(kestrel, mara).standing == "compromised"

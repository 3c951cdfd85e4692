"""The page of one deadline."""

from datetime import timedelta

import pytest
from django.utils import timezone

from relocation.journey.advance import advance
from relocation.journey.deadlines import StillOpen, close
from relocation.models import Alarm, Deadline
from relocation.safety.actor import acting_as
from tests.cast import afresh


@pytest.fixture
def hurried(kestrel, vera):
    """Kestrel brought out in an emergency."""
    with acting_as(vera.pk):
        advance(kestrel, "extract", by=vera, version=kestrel.version, emergency="The father is at the door")
    return afresh(kestrel, vera)


def of(case, account, kind, what=None):
    with acting_as(account.pk):
        found = Deadline.objects.filter(case=case, kind=kind, done_at=None)
        return (found.filter(what=what) if what else found).get()


def url(case, due):
    return f"/cases/{case.pk}/deadlines/{due.pk}/"


class TestReview:
    def test_another_coordinator_settles_the_review_of_an_emergency(self, signed_in, hurried, mara):
        due = of(hurried, mara, "review")
        answer = signed_in(mara).post(url(hurried, due), {"reason": "It was right."}, follow=True)
        assert "Settled" in answer.content.decode()
        with acting_as(mara.pk):
            assert Deadline.objects.get(pk=due.pk).done_by == mara

    def test_whoever_took_the_step_does_not_review_it(self, signed_in, hurried, vera):
        due = of(hurried, vera, "review")
        assert signed_in(vera).post(url(hurried, due), {"reason": "It was right."}).status_code == 404
        assert "Mara Kask" in signed_in(vera).get(url(hurried, due)).content.decode()

    def test_a_coordinator_who_took_it_is_told_that_another_must_look(self, signed_in, kestrel, mara, ilya):
        with acting_as(mara.pk):
            due = Deadline(case=kestrel, by=mara, kind="review", what="extract", due_at=timezone.now())
            due.save(force_insert=True)
        assert "Somebody other than whoever took the step" in signed_in(mara).get(url(kestrel, due)).content.decode()
        assert signed_in(mara).post(url(kestrel, due), {"reason": "Fine."}).status_code == 409


class TestAlarm:
    def test_settling_it_closes_the_alarm(self, signed_in, hurried, mara):
        due = of(hurried, mara, "alarm")
        signed_in(mara).post(url(hurried, due), {"reason": "Everybody is safe."})
        with acting_as(mara.pk):
            assert not Alarm.objects.filter(case=hurried, closed_at=None).exists()


class TestOpenCondition:
    def test_it_stays_open_while_the_condition_is_missing(self, signed_in, hurried, vera):
        due = of(hurried, vera, "open_condition", "check_in_plan")
        html = signed_in(vera).post(url(hurried, due), {}).content.decode()
        assert "There is no check-in plan" in html
        assert "This field is required" in html
        with acting_as(vera.pk), pytest.raises(StillOpen):
            close(due.pk, by=vera)

    def test_it_is_settled_by_saying_what_was_done_instead(self, signed_in, hurried, vera):
        due = of(hurried, vera, "open_condition", "check_in_plan")
        assert signed_in(vera).post(url(hurried, due), {"reason": "We sit beside them."}).status_code == 302

    def test_a_verifier_settles_nothing(self, signed_in, hurried, vera, tomas):
        due = of(hurried, vera, "open_condition", "check_in_plan")
        assert signed_in(tomas).post(url(hurried, due), {"reason": "Done."}).status_code == 404


class TestRetention:
    def test_nobody_settles_it_by_hand(self, signed_in, kestrel, mara):
        with acting_as(mara.pk):
            due = Deadline(case=kestrel, by=mara, kind="retention", due_at=timezone.now() + timedelta(days=9))
            due.save(force_insert=True)
        assert signed_in(mara).post(url(kestrel, due), {"reason": "Enough."}).status_code == 409

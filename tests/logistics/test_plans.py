"""Check-ins for a way: more often while it lasts, with the person's own words."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from logistics import check_ins, dispatch, plans
from tests.logistics.conftest import leg, plan_for

TOLD = {"every_hours": 4, "grace_minutes": 30, "step_minutes": 15}


@pytest.fixture
def under_way(kestrel, as_vera):
    """A way that began an hour ago."""
    passage = dispatch.plan(kestrel, "extraction", [], by=as_vera)
    dispatch.take_seat(passage, dispatch.add_leg(leg(timezone.now() - timedelta(hours=1)), by=as_vera), by=as_vera)
    return passage


class TestAWay:
    def test_its_plan_counts_while_it_lasts_and_the_persons_words_hold_there(self, kestrel, plan, under_way, as_vera):
        made = plans.watch_way(under_way, TOLD, by=as_vera)
        assert check_ins.watch(kestrel).plan == made and check_ins.overdue_by(kestrel)
        check_ins.log(kestrel, "heard", by=as_vera, word="blackcurrant")
        assert check_ins.next_due(kestrel) > timezone.now() + timedelta(hours=3)
        with pytest.raises(check_ins.WrongWord):
            check_ins.log(kestrel, "heard", by=as_vera, word="plum")
        dispatch.cancel(under_way, by=as_vera)
        assert check_ins.watch(kestrel).plan == plan

    def test_one_that_has_not_begun_does_not_count_yet(self, kestrel, plan, way, as_vera):
        plans.watch_way(way, TOLD, by=as_vera)
        assert check_ins.watch(kestrel).plan == plan

    def test_without_a_leg_or_without_words_it_says_what_is_missing(self, kestrel, way, as_vera):
        with pytest.raises(plans.NotWatched) as missing:
            plans.watch_way(way, TOLD, by=as_vera)
        assert "the two words are agreed there" in missing.value.sentence
        plan_for(kestrel, as_vera)
        with pytest.raises(plans.NotWatched) as missing:
            plans.watch_way(dispatch.plan(kestrel, "departure", [], by=as_vera), TOLD, by=as_vera)
        assert missing.value.sentence == "Add a leg first."

    def test_it_is_planned_on_the_page_of_the_passage(self, kestrel, plan, way, vera, mara, signed_in):
        page = reverse("passages:passage", args=[kestrel.pk, way.pk])
        told = {f"watch-{name}": value for name, value in TOLD.items()} | {"do": "watch"}
        assert "Plan check-ins for this passage" not in signed_in(mara).get(page).content.decode()
        assert "Check-ins are planned" in signed_in(vera).post(page, told, follow=True).content.decode()
        shown = signed_in(vera).post(page, told | {"watch-every_hours": 0}).content.decode()
        assert "greater than or equal to 1" in shown

"""Who a person would meet in a house, and on a leg: never a pursuer's kin, and nobody whom they bar."""

import pytest

from relocation.journey import bars
from relocation.journey.kin import NotAdmitted
from relocation.models import Deadline, Household, Outbox, Pursuer
from relocation.safety.actor import acting_as
from shelters import hosting
from shelters.models import Bed
from tests.safety.raw import sql

SENTENCE = "This house does not suit this person. Choose another one."


def pursued(case, by, name):
    with acting_as(by.pk):
        Pursuer(case=case, by=by, name=name, relation="uncle").save(force_insert=True)


class TestHosts:
    @pytest.mark.parametrize("name", ["Ахо Матти", "Aho Matti"])
    def test_not_with_a_host_of_a_pursuers_name(self, kestrel, place, vera, name):
        pursued(kestrel, vera, name)
        with pytest.raises(NotAdmitted) as refused:
            place()
        assert refused.value.sentence == SENTENCE

    @pytest.mark.parametrize("name", ["Hanna Aho", "Alder"])
    def test_not_with_a_host_or_in_a_house_that_the_person_bars(self, kestrel, place, vera, name):
        with acting_as(vera.pk):
            bars.bar(kestrel, by=vera, name=name, words="they talk")
        with pytest.raises(NotAdmitted):
            place()

    def test_a_house_of_strangers_suits(self, kestrel, place, vera):
        pursued(kestrel, vera, "Другой Иван")
        assert place().pk


class TestBarredLater:
    def test_whoever_bars_a_host_while_a_bed_waits_is_moved_and_the_lead_finds_the_task(
        self, kestrel, confirmed, vera, tomas, signed_in
    ):
        for name, tasks in (("Somebody Else", 0), ("Hanna Aho", 1), ("Alder", 1)):
            with acting_as(tomas.pk):  # who knows nothing of where they stay
                assert sql("SELECT count(*) FROM shelters_stay") == (0,)
                bars.bar(kestrel, by=tomas, name=name, words="he said so on the phone")
                open_ones = Deadline.objects.filter(case=kestrel, kind=Deadline.Kind.MOVE, done_at=None)
                assert open_ones.count() == tasks
                assert Outbox.objects.filter(kind="tell_lead").count() == tasks
        assert "anger where they stay" in signed_in(vera).get("/").content.decode()

    def test_nothing_follows_once_they_have_left(self, kestrel, confirmed, vera):
        with acting_as(vera.pk):
            hosting.release(confirmed, by=vera)
            bars.bar(kestrel, by=vera, name="Hanna Aho", words="they talk")
            assert not Deadline.objects.filter(case=kestrel, kind=Deadline.Kind.MOVE).exists()

    def test_where_somebody_sleeps_is_told_to_nobody_but_the_comparison(self, kestrel, confirmed, vera, charlie):
        for person in (vera, charlie):
            with acting_as(person.pk):
                assert sql("SELECT count(*) FROM harbour_houses_of(%s)", kestrel.pk) == (0,)


class TestOthersThere:
    """Kestrel is Эльфова; Heron is Другова, and sleeps in the same house or not."""

    def test_not_with_somebody_of_a_pursuers_name_and_not_the_other_way_round(self, kestrel, heron_led, place, vera, nina, alder):
        with acting_as(vera.pk):
            second = Bed.objects.select_related("house").filter(house=alder).order_by("name")[1]
        place()
        pursued(heron_led, nina, "Эльфов Пётр")
        with pytest.raises(NotAdmitted):
            place(heron_led, by=nina, bed=second)

    def test_a_family_that_travels_together_stays_together(self, kestrel, heron_led, place, vera, nina, mara, alder, charlie):
        with acting_as(vera.pk):
            second = Bed.objects.select_related("house").filter(house=alder).order_by("name")[1]
            household = Household.objects.create(code="HXR2", by=vera)
            sql("UPDATE relocation_case SET household_id = %s WHERE id = %s", household.pk, kestrel.pk)
        with acting_as(nina.pk):
            sql("UPDATE relocation_case SET household_id = %s WHERE id = %s", household.pk, heron_led.pk)
        place()
        pursued(heron_led, nina, "Эльфов Пётр")
        assert place(heron_led, by=nina, bed=second).pk

    def test_who_else_is_there_is_told_to_nobody_but_the_comparison(self, kestrel, place, vera, mara, charlie, alder):
        place()
        for person in (vera, mara, charlie):
            with acting_as(person.pk):
                assert sql(
                    "SELECT count(*) FROM harbour_others_there(%s, %s, '2000-01-01', '2100-01-01')", alder.pk, person.pk
                ) == (0,)

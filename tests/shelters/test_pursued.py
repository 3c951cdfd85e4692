"""Who hunts a person, near a house: a car that is seen, a name that is noted later; the host learns nothing."""

import pytest
from django.core import mail

from fiction.telling import do_jobs
from relocation.jobs import tasks
from relocation.journey import recording
from relocation.journey.kin import NotAdmitted
from relocation.models import (
    Account,
    Alarm,
    CaseGrant,
    Channel,
    Deadline,
    Identity,
    Outbox,
    Pursuer,
    Referrer,
    Vehicle,
    Vouch,
    system_account,
)
from relocation.safety.actor import acting_as
from shelters import hosting, joining, moving, watching
from shelters.models import Bed
from tests.safety.raw import sql


def note(row, case, by):
    row.case = case
    with acting_as(by.pk):
        return recording.write(row, by=by)


def see(house, by, **said):
    """The host says what was seen, and a worker compares it."""
    with acting_as(by.pk):
        sighting = watching.report(house, "car", by=by, said=said)
        waiting = list(Outbox.objects.filter(kind="car_seen", ids__sighting=str(sighting.pk)).values_list("pk", flat=True))
    for job in waiting:
        tasks.perform(job)
    return sighting


def alarms(case, by):
    with acting_as(by.pk):
        return list(Alarm.objects.filter(case=case, kind__startswith="seen").values_list("kind", flat=True))


def looks(case, by):
    with acting_as(by.pk):
        return Deadline.objects.filter(case=case, kind=Deadline.Kind.SECOND_LOOK, done_at=None).count()


class TestCars:
    def test_a_pursuers_car_near_a_house_wakes_that_case_alone_and_the_host_is_told_nothing(
        self, kestrel, heron_led, alder, birch, vera, nina, ilya, hanna, quentin, confirmed
    ):
        note(Vehicle(plate="А 123 ВС"), kestrel, vera)  # in Cyrillic letters
        see(alder, hanna, plate="C 999 XX")
        assert alarms(kestrel, vera) == []
        sighting = see(alder, hanna, words="the same two men in a Lada, a123-bc 05")
        see(birch, quentin, plate="A123BC")
        assert (alarms(kestrel, vera), alarms(heron_led, nina)) == (["seen_here", "seen"], [])
        with acting_as(hanna.pk):
            assert not Alarm.objects.exists() and not Vehicle.objects.exists()
            assert not Outbox.objects.filter(kind__startswith="tell").exists()
            assert sql("SELECT harbour_pursuer_seen(%s, %s)", kestrel.pk, sighting.pk) == (False,)
            assert sql("SELECT harbour_second_look(%s)", kestrel.pk) == (False,)

    def test_the_lead_and_the_people_on_call_are_told_and_these_are_let_in(self, kestrel, alder, vera, ilya, hanna, charlie):
        note(Vehicle(plate="A123BC"), kestrel, vera)
        see(alder, hanna, plate="A123BC")
        do_jobs()
        told = {to for message in mail.outbox for to in message.to}
        assert {"vera@example.org", "ilya@example.org"} <= told and "hanna@example.org" not in told
        with acting_as(vera.pk):
            assert CaseGrant.objects.filter(content_object_id=kestrel.pk, user=ilya, permission__codename="coordinator").exists()
            assert Deadline.objects.filter(case=kestrel, kind=Deadline.Kind.ALARM, what="seen").count() == 1

    def test_a_car_that_is_noted_after_it_was_seen_wakes_them_once_and_not_when_it_is_no_longer_theirs(
        self, kestrel, alder, vera, hanna
    ):
        see(alder, hanna, plate="A123BC")
        for plate in ("B 1000", "А123ВС", "A 123 BC"):
            noted = note(Vehicle(plate=plate), kestrel, vera)
        assert alarms(kestrel, vera) == ["seen"]
        with acting_as(vera.pk):
            for vehicle in Vehicle.objects.filter(case=kestrel):
                recording.end_vehicle(vehicle, by=vera)
            assert Vehicle.objects.get(pk=noted.pk).ended_at
        see(alder, hanna, plate="A123BC")
        assert alarms(kestrel, vera) == ["seen"]


class TestNotedLater:
    @pytest.mark.parametrize(
        ("told", "tasks_left"),
        [({"name": "Другой Иван"}, 0), ({"name": "Ахо Матти"}, 1), ({"name": "Пешков", "phone": "+79990000001"}, 1)],
    )
    def test_a_host_or_a_neighbour_who_may_be_meant_needs_one_second_look(
        self, kestrel, heron_led, place, confirmed, vera, nina, alder, told, tasks_left
    ):
        with acting_as(nina.pk):
            second = Bed.objects.select_related("house").filter(house=alder).order_by("name")[1]
        place(heron_led, by=nina, bed=second)
        for _twice in range(2):
            note(Pursuer(**told), kestrel, vera)
        assert (looks(kestrel, vera), looks(heron_led, nina)) == (tasks_left, 0)
        with acting_as(system_account("outbox")):
            assert Outbox.objects.filter(kind="tell_lead", ids__case=str(kestrel.pk)).count() == tasks_left

    def test_a_neighbours_name_that_is_noted_later_is_compared_too(self, kestrel, heron_led, place, confirmed, vera, nina, alder):
        with acting_as(nina.pk):
            second = Bed.objects.select_related("house").filter(house=alder).order_by("name")[1]
        place(heron_led, by=nina, bed=second)
        note(Pursuer(name="Волков Пётр"), kestrel, vera)
        note(Identity(surname="Зайцева", given_names="Анна"), heron_led, nina)
        assert (looks(kestrel, vera), looks(heron_led, nina)) == (0, 0)
        note(Identity(surname="Волкова", given_names="Анна"), heron_led, nina)
        assert (looks(kestrel, vera), looks(heron_led, nina)) == (1, 0), "nobody tells Heron's lead who fears her"

    def test_a_host_who_comes_to_the_house_later_is_compared_too(self, kestrel, confirmed, vera, alder):
        note(Pursuer(name="Волков Пётр"), kestrel, vera)
        for number, name in enumerate(("Jan Zajac", "Pjotr Volkov")):
            host = Account.objects.create(username=f"host{number}", name=name, part="house", organisation=vera.organisation)
            with acting_as(vera.pk):
                joining.settle(host, str(alder.pk))
            assert looks(kestrel, vera) == number


class TestBeforeAStay:
    def test_whoever_was_sent_by_a_pursuer_is_placed_nowhere_until_they_vouch(self, kestrel, place, held, vera, bed):
        """Kestrel was referred by the hotline, горячая линия."""
        note(Pursuer(name="Горячев Олег", phone="+79991112233"), kestrel, vera)
        note(Pursuer(name="Горячая Мария"), kestrel, vera)
        assert looks(kestrel, vera) == 1
        nights = (held.nights.lower, held.nights.upper)
        for attempt in (
            lambda: place(nights=(nights[1], nights[1] + (nights[1] - nights[0]))),
            lambda: hosting.confirm(held, by=vera),
            lambda: moving.move(held, Bed.objects.exclude(pk=bed.pk).filter(house=bed.house).select_related("house")[0],
                                window=(held.expected_from, held.expected_until), by=vera),
            lambda: moving.extend(held, nights[1] + (nights[1] - nights[0]), by=vera),
        ):  # fmt: skip
            with acting_as(vera.pk), pytest.raises(NotAdmitted) as refused:
                attempt()
            assert refused.value.sentence.startswith("Somebody on the case bears the name of a pursuer.")
        with acting_as(vera.pk):
            about = Referrer.objects.get(case=kestrel).pk
        note(Vouch(whom="referrer", about=about, words="I know them, by phone"), kestrel, vera)
        with acting_as(vera.pk):
            assert hosting.confirm(held, by=vera).state == "confirmed"

    def test_a_neighbour_who_answers_under_a_pursuers_number_is_no_neighbour(self, kestrel, heron_led, place, vera, nina, alder):
        with acting_as(nina.pk):
            second = Bed.objects.select_related("house").filter(house=alder).order_by("name")[1]
        note(Pursuer(name="Пешков", phone="8 999 000-00-01"), kestrel, vera)
        with acting_as(nina.pk):
            assert Channel.objects.filter(case=heron_led).count() == 1
        place()
        with pytest.raises(NotAdmitted) as refused:
            place(heron_led, by=nina, bed=second)
        assert refused.value.sentence == "This house does not suit this person. Choose another one."

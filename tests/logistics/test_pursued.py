"""Who hunts a person, on a leg: never in their car or company, and who is noted later is looked at again."""

import pytest

from logistics import changing, dispatch, switching
from logistics.models import Passage
from relocation.journey import recording
from relocation.journey.kin import NotAdmitted
from relocation.models import Deadline, Identity, Pursuer, Vehicle
from relocation.safety.actor import acting_as
from tests.logistics.conftest import leg

OURS, THEIRS = "white Lada, A123BC", "white Lada, а 124 вс 05"


@pytest.fixture
def heron(another):
    return another("Heron")


def note(row, case, by):
    row.case = case
    return recording.write(row, by=by)


def looks(case):
    return Deadline.objects.filter(case=case, kind=Deadline.Kind.SECOND_LOOK, done_at=None).count()


def planned(case, by, *legs):
    return dispatch.plan(case, Passage.Purpose.EXTRACTION, legs, by=by)


class TestBeforeALeg:
    def test_never_in_a_pursuers_car_and_another_person_rides_in_it(self, kestrel, heron, ride, as_vera):
        note(Vehicle(plate="А 124 ВС"), heron, as_vera)
        with pytest.raises(NotAdmitted) as refused:
            dispatch.take_seat(planned(heron, as_vera), ride, by=as_vera, vehicle=THEIRS)
        assert refused.value.sentence == "This leg does not suit this person. Choose another one."
        assert dispatch.take_seat(planned(kestrel, as_vera), ride, by=as_vera, vehicle=THEIRS).pk
        assert dispatch.take_seat(planned(heron, as_vera), ride, by=as_vera, vehicle=OURS).pk

    @pytest.mark.parametrize(
        ("noted", "suits"),
        [
            (Pursuer(name="Другой Иван"), True), (Vehicle(plate="A 125 BC"), True), (Vehicle(plate="A 124 BC"), False),
            ("the escort", False), ("who else travels", False), (Pursuer(name="Горячая Мария"), False),
        ],
    )  # fmt: skip
    def test_what_was_noted_since_is_looked_at_again_before_it_is_firm(self, kestrel, heron, ride, otto, as_vera, noted, suits):
        mine, _theirs = planned(kestrel, as_vera), planned(heron, as_vera, ride)
        dispatch.take_seat(mine, ride, by=as_vera, vehicle=THEIRS)
        names = {"the escort": f"{otto.name.split()[-1]} Jan", "who else travels": "Херонов Пётр"}
        row = Pursuer(name=names[noted]) if isinstance(noted, str) else noted
        if noted == "who else travels":
            note(Identity(surname="Херонова"), heron, as_vera)
        note(row, kestrel, as_vera)
        assert (looks(kestrel), looks(heron)) == (int(not suits), 0)
        if suits:
            assert dispatch.confirm(mine, by=as_vera).state == Passage.State.CONFIRMED
        else:
            with pytest.raises(NotAdmitted):
                dispatch.confirm(mine, by=as_vera)

    def test_neither_another_escort_nor_a_leg_that_stands_ready(self, kestrel, way, ride, oskar, as_vera, heron):
        seat = way.seats.select_related("passage").get()
        theirs = dispatch.add_leg(leg(escort=oskar, seats=2), by=as_vera)
        others = dispatch.add_leg(leg(seats=2), by=as_vera)
        planned(heron, as_vera, others)
        note(Identity(surname="Херонова"), heron, as_vera)
        note(Pursuer(name="Лунде Пер"), kestrel, as_vera)
        note(Pursuer(name="Херонов Пётр"), kestrel, as_vera)
        assert looks(kestrel) == 0
        for attempt in (
            lambda: changing.change(ride, {"escort": oskar}, by=as_vera),
            lambda: switching.stand_by(seat, theirs, by=as_vera),
            lambda: switching.stand_by(seat, others, by=as_vera),
        ):
            with pytest.raises(NotAdmitted):
                attempt()
        assert switching.stand_by(seat, dispatch.add_leg(leg(), by=as_vera), by=as_vera).pk

    def test_a_name_that_is_noted_later_on_the_same_leg_asks_whoever_leads_the_hunted(self, kestrel, heron, ride, as_vera):
        for case in (kestrel, heron):
            planned(case, as_vera, ride)
        note(Pursuer(name="Волков Пётр"), heron, as_vera)
        assert (looks(kestrel), looks(heron)) == (0, 0)
        with acting_as(as_vera.pk):
            note(Identity(surname="Волкова"), kestrel, as_vera)
        assert (looks(kestrel), looks(heron)) == (0, 1)

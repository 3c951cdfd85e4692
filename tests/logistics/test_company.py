"""Who a person would meet on a leg: never a pursuer's kin among those who travel with them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from logistics import dispatch
from logistics.models import Passage
from relocation.journey import kin, recording
from relocation.journey.kin import NotAdmitted
from relocation.models import Identity, Pursuer
from relocation.safety.actor import acting_as
from tests.safety.raw import sql


def test_not_beside_a_pursuers_kin_and_who_else_travels_is_told_to_nobody(another, way, ride, vera):
    heron, swift = another("Heron"), another("Swift")
    with acting_as(vera.pk):
        Pursuer(case=heron, by=vera, name="Эльфов Пётр", relation="uncle").save(force_insert=True)  # Kestrel is Эльфова
        hers, theirs = (dispatch.plan(case, Passage.Purpose.EXTRACTION, [], by=vera) for case in (heron, swift))
        with pytest.raises(NotAdmitted) as refused:
            dispatch.take_seat(hers, ride, by=vera)
        assert refused.value.sentence == "This leg does not suit this person. Choose another one."
        assert dispatch.take_seat(theirs, ride, by=vera).pk
        assert sql("SELECT count(*) FROM harbour_others_aboard(%s, %s)", ride.pk, heron.pk) == (0,)


def test_it_takes_as_many_questions_however_many_are_aboard(another, kestrel, vera):
    first, *more = [another(alias).pk for alias in ("Heron", "Swift", "Dunlin")]
    with acting_as(vera.pk):
        recording.write(Identity(case_id=first, surname="Херонова"), by=vera)
        recording.write(Pursuer(case=kestrel, name="Херонов Пётр", phone="+79990000009"), by=vera)
        with CaptureQueriesContext(connection) as few:
            assert kin.who_fears(kestrel.pk, [first]) == {kestrel.pk}
        with CaptureQueriesContext(connection) as many:
            assert kin.who_fears(kestrel.pk, [*more, first]) == {kestrel.pk}
    assert len(many) == len(few)

"""Who a person would meet on a leg: never a pursuer's kin among those who travel with them."""

import pytest

from logistics import dispatch
from logistics.models import Passage
from relocation.journey.kin import NotAdmitted
from relocation.models import Pursuer
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

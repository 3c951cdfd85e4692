"""Who waits for a bed: whoever must leave a burned house stands first, with the reason, until another bed waits for them."""

from __future__ import annotations

import pytest

from relocation.journey.advance import advance
from relocation.journey.deadlines import close
from relocation.journey.referring import assign, refer
from relocation.models import Case, Deadline, Stage
from relocation.safety.actor import acting_as
from shelters import burning, hosting
from shelters.models import Stay
from shelters.placement.holding import without_a_bed
from shelters.waiting import still_uncounted, waiting_for_a_bed
from tests.cast import afresh, referral
from tests.journey.company import Company
from tests.shelters.conftest import tonight

WHY = "known to the wrong people"


def text(response) -> str:
    return str(response.content.decode())


def waiting(by) -> list[tuple[str, bool]]:
    with acting_as(by.pk):
        return [(case.alias, case.must_move) for case in waiting_for_a_bed(by)]


@pytest.fixture
def wren(ground, mara, vera) -> Case:
    """Accepted, led by Vera, and without a bed."""
    with acting_as(mara.pk):
        case = refer(referral(alias="Wren", surname="Птицына", phone="+79990000002"), by=mara)
        assign(case.pk, vera, by=mara, reason="has room")
    Company(ground, case.pk).at(Stage.ACCEPTED)
    return afresh(case, vera)


@pytest.fixture
def burn(alder, mara):
    """Mara burns Alder."""

    def press():
        with acting_as(mara.pk):
            return burning.burn(alder.pk, by=mara, reason="Two men asked the neighbour.")

    return press


def test_whoever_still_sleeps_there_stands_first_until_a_bed_waits_elsewhere(
    signed_in, wren, confirmed, burn, birch, kestrel, place, vera, mara
):
    with acting_as(vera.pk):
        hosting.arrived(confirmed.pk, by=vera)
    assert waiting(vera) == [("Wren", False)]
    burn()
    assert waiting(vera) == [("Kestrel", True), ("Wren", False)] and waiting(mara) == []
    desk = signed_in(vera)
    page = text(desk.get("/stays/")).split('id="waiting"')[1]
    assert page.index("Kestrel") < page.index("House burned") < page.index(WHY) < page.index("Wren") and page.count(WHY) == 1
    with acting_as(vera.pk):
        bed = birch.beds.first()
        assert [case.alias for case in without_a_bed([kestrel, wren], tonight())] == ["Kestrel", "Wren"]
        assert still_uncounted(vera) == 1, "the bed in the burned house is counted already"
    for address in (f"/stays/start/?bed={bed.pk}&night={tonight()[0]}", "/stays/proposals/new/"):
        page = text(desk.get(address))
        assert page.index("Kestrel") < page.index("House burned") < page.index("Wren"), address
    stay = place(bed=bed)
    assert waiting(vera) == [("Wren", False)]
    with acting_as(vera.pk):
        hosting.release(stay, by=vera)
    assert waiting(vera) == [("Kestrel", True), ("Wren", False)]


def test_whoever_was_to_come_there_waits_too_until_the_task_is_settled(confirmed, burn, kestrel, vera):
    assert waiting(vera) == []
    burn()
    assert waiting(vera) == [("Kestrel", True)]
    with acting_as(vera.pk):
        assert still_uncounted(vera) == 1 and not Stay.objects.standing().exists()
        close(Deadline.objects.get(case=kestrel, kind="move", done_at=None).pk, by=vera, reason="with a friend abroad")
    assert waiting(vera) == []


def test_whoever_is_held_elsewhere_waits_for_no_bed(confirmed, burn, kestrel, vera):
    with acting_as(vera.pk):
        advance(kestrel.pk, "detain", by=vera, version=afresh(kestrel, vera).version, reason="at the station")
    burn()
    assert waiting(vera) == []


def test_others_see_nothing_of_it(signed_in, confirmed, burn, charlie, ilya):
    burn()
    for by in (charlie, ilya):
        assert waiting(by) == []
        assert WHY not in text(signed_in(by).get("/stays/"))

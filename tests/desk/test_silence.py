"""After a duress word every page looks to whoever typed it as it would after the codeword; everybody else is told."""

import pytest

from fiction.story import CODEWORD, DURESS
from logistics import check_ins
from relocation.journey import deadlines, silence
from relocation.journey.advance import advance
from relocation.journey.duress import duress_given
from relocation.journey.facts import FoundAgain
from relocation.journey.referring import assign
from relocation.models import CheckInPlan, Deadline, Standing
from relocation.safety.actor import acting_as
from tests import drawn
from tests.cast import afresh


@pytest.fixture
def watched(kestrel, vera):
    with acting_as(vera.pk):
        plan = CheckInPlan(case=kestrel, by=vera, starts_at=kestrel.created_at, codeword=CODEWORD, duress_word=DURESS)
        plan.save(force_insert=True)
    return kestrel


@pytest.fixture
def silenced(watched, vera):
    """Vera was given the duress word at a check-in."""
    with acting_as(vera.pk):
        check_ins.log(watched, "heard", by=vera, word=DURESS, channel="phone")
    return afresh(watched, vera)


def shown(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


class TestTheList:
    def test_the_tag(self, signed_in, vera, mara, silenced):
        assert silenced.standing == Standing.COMPROMISED
        assert 'is-stop">' not in shown(signed_in(vera), "/cases/").replace("Overdue", "")
        assert "Compromised</span>" in shown(signed_in(mara), "/cases/")

    def test_the_filter(self, signed_in, vera, mara, silenced):
        hers, maras = signed_in(vera), signed_in(mara)
        assert "Kestrel" not in shown(hers, "/cases/?standing=compromised")
        assert "Kestrel" in shown(hers, "/cases/?standing=active")
        assert "Kestrel" in shown(maras, "/cases/?standing=compromised")
        assert "Kestrel" not in shown(maras, "/cases/?standing=active")

    def test_no_deadline_of_the_alarm(self, signed_in, vera, mara, silenced):
        assert "No deadline" in shown(signed_in(vera), "/cases/")
        assert "No deadline" not in shown(signed_in(mara), "/cases/")


class TestTheCase:
    def test_history_and_people_say_nothing_of_whom_it_let_in(self, signed_in, vera, mara, silenced):
        for address in ("", "?access=1", "people/", "steps/hold/"):
            hers = drawn.without(shown(signed_in(vera), f"/cases/{silenced.pk}/{address}"))
            assert "Ilya" not in hers.replace("Ilya Brandt</option>", ""), address
            assert "Compromised" not in hers and "Alarm" not in hers, address
        maras = shown(signed_in(mara), f"/cases/{silenced.pk}/")
        assert "Ilya" in maras and "duress word given" in maras and "Compromised" in maras

    def test_the_effect_of_a_step_too(self, signed_in, vera, silenced):
        assert "The case, now Active, will be On hold." in shown(signed_in(vera), f"/cases/{silenced.pk}/steps/hold/")

    def test_the_version_does_not_tell(self, watched, silenced):
        assert silenced.version == watched.version

    def test_once_it_is_settled_she_is_told(self, signed_in, vera, mara, silenced):
        with acting_as(mara.pk):
            deadlines.close(Deadline.objects.get(case=silenced, kind="alarm").pk, by=mara)
        assert "Compromised" in shown(signed_in(vera), f"/cases/{silenced.pk}/")


class TestWhatIsShown:
    def test_what_it_was_before(self, watched, vera, as_vera):
        advance(watched, "lose_contact", by=vera, version=watched.version, reason="no answer")
        duress_given(watched.pk, by=vera)
        assert silence.shown_standing(afresh(watched, vera), vera) == Standing.LOST_CONTACT

    def test_found_again_it_is_active(self, watched, vera, as_vera):
        advance(watched, "lose_contact", by=vera, version=watched.version, reason="no answer")
        lost = afresh(watched, vera)
        advance(lost, "find_again", by=vera, version=lost.version, facts=FoundAgain(DURESS))
        found = afresh(watched, vera)
        assert (found.standing, silence.shown_standing(found, vera)) == (Standing.COMPROMISED, Standing.ACTIVE)

    def test_what_everybody_was_told_is_not_hidden(self, watched, vera, as_vera):
        advance(watched, "compromise", by=vera, version=watched.version, reason="the street is watched")
        duress_given(watched.pk, by=vera)
        assert silence.shown_standing(afresh(watched, vera), vera) == Standing.COMPROMISED

    def test_the_lead_who_comes_after_is_told(self, silenced, vera, mara, nina):
        with acting_as(mara.pk):
            assign(silenced.pk, nina, by=mara, reason="Vera is ill")
        with acting_as(nina.pk):
            assert silence.shown_standing(silenced, nina) == Standing.COMPROMISED

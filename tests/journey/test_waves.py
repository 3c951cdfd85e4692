"""Waves: people who set out together on one record, each as far as their case is open to whoever looks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from relocation.journey import readiness, waves
from relocation.journey.readiness import Mark
from relocation.journey.referring import assign, refer
from relocation.journey.waves import NotInWave
from relocation.models import Member, Wave
from relocation.safety.refusal import Denied
from tests.cast import referral

DAY = timedelta(days=1)


def another(alias, by, lead, acting):
    with acting(by):
        case = refer(referral(alias=alias, material=alias.encode()), by=by)
        assign(case.pk, lead, by=by, reason="same wave")
    return case


@pytest.fixture
def wave(kestrel, mara, acting):
    with acting(mara):
        wave = waves.begin("Slate", "departure", timezone.localdate() + 10 * DAY, by=mara)
        waves.add(wave, [kestrel.pk], by=mara)
    return wave


class TestDoors:
    def test_a_coordinator_begins_one_and_puts_people_into_it(self, wave, kestrel, mara, vera, acting):
        plover = another("Plover", mara, vera, acting)
        with acting(mara):
            joined = waves.add(wave, [plover.pk, kestrel.pk], by=mara)
            assert [case.alias for case in joined.added] == ["Plover"]
            assert [(case.alias, why) for case, why in joined.refused] == [("Kestrel", "Already in this wave.")]
            assert {case.alias for case in waves.people(wave, mara)} == {"Kestrel", "Plover"}

    def test_nobody_is_in_two_open_waves_until_they_are_taken_out(self, wave, kestrel, mara, acting):
        with acting(mara):
            later = waves.begin("Onyx", "departure", timezone.localdate() + 20 * DAY, by=mara)
            ((_case, why),) = waves.add(later, [kestrel.pk], by=mara).refused
            assert "another wave" in why
            waves.take_out(wave, kestrel.pk, by=mara)
            assert waves.add(later, [kestrel.pk], by=mara).added

    def test_closing_frees_everybody_also_whom_the_closer_does_not_see(self, wave, kestrel, mara, nina, vera, acting):
        heron = another("Heron", nina, vera, acting)
        with acting(nina):
            waves.add(wave, [heron.pk], by=nina)
        with acting(mara):
            waves.close(wave, by=mara)
            with pytest.raises(NotInWave):
                waves.add(wave, [kestrel.pk], by=mara)
        with acting(nina):
            assert waves.wave_of(heron, nina) is None

    def test_whoever_coordinates_nothing_begins_none(self, kestrel, vera, charlie, acting):
        for stranger in (vera, charlie):
            with acting(stranger), pytest.raises(Denied):
                waves.begin("Jade", "departure", timezone.localdate(), by=stranger)

    def test_a_case_of_somebody_else_does_not_join(self, wave, mara, nina, ilya, acting):
        stranger = another("Teal", nina, ilya, acting)
        with acting(mara), pytest.raises(Denied):
            waves.add(wave, [stranger.pk], by=mara)

    def test_the_lead_sees_the_wave_and_does_not_change_it(self, wave, kestrel, vera, acting):
        with acting(vera):
            assert waves.find(wave.pk, vera).alias == "Slate"
            for change in (lambda: waves.take_out(wave, kestrel.pk, by=vera), lambda: waves.close(wave, by=vera)):
                with pytest.raises(Denied):
                    change()

    def test_others_see_no_wave_in_either_lock(self, wave, tomas, charlie, hanna, elise, acting):
        for stranger in (tomas, charlie, hanna, elise):
            with acting(stranger):
                assert not Wave.objects.filter(pk=wave.pk).exists()
                with pytest.raises(Denied):
                    waves.find(wave.pk, stranger)


class TestHidden:
    def test_a_member_whom_i_may_not_open_is_neither_named_nor_counted(self, wave, mara, nina, ilya, acting):
        heron = another("Heron", nina, ilya, acting)
        with acting(nina):
            waves.add(wave, [heron.pk], by=nina)
        with acting(mara):
            assert [case.alias for case in waves.people(wave, mara)] == ["Kestrel"]
            assert Member.objects.filter(wave=wave).count() == 1


class TestReadiness:
    def test_each_column_says_what_is_missing_and_where_it_is_mended(self, wave, kestrel, vera, acting):
        with acting(vera):
            sight = readiness.look(wave, [kestrel], vera)
            cells = {name: found[kestrel.pk] for name, found in readiness.judged(sight).items()}
        assert cells["consent"].mark is Mark.READY
        assert cells["document"].mark is Mark.BLOCKED and "documents" in cells["document"].mend.url
        assert cells["bed"].mend.url == f"/stays/find/{kestrel.pk}/"
        assert cells["agreed"].mark is Mark.NOT_NEEDED

    def test_what_is_kept_from_somebody_is_not_judged_for_them(self, wave, kestrel, tomas, acting):
        with acting(tomas):
            judged = readiness.judged(readiness.look(wave, [kestrel], tomas))
        assert kestrel.pk not in judged["bed"] and kestrel.pk not in judged["seat"]
        assert kestrel.pk in judged["document"]


class TestPage:
    def test_it_shows_who_is_ready_what_holds_them_and_the_numbers(self, wave, mara, signed_in):
        page = signed_in(mara).get(f"/waves/{wave.pk}/").content.decode()
        assert "Wave Slate leaves in 10 days" in page
        assert "of 1 person ready" in page and "Beds, next 14 nights" in page and "Kestrel" in page

    def test_the_number_of_queries_does_not_grow_with_the_wave(self, wave, mara, vera, signed_in, acting):
        client, counted = signed_in(mara), []
        for aliases in (["Wren1"], ["Wren2", "Wren3", "Wren4"]):
            cases = [another(alias, mara, vera, acting) for alias in aliases]
            with acting(mara):
                waves.add(wave, [case.pk for case in cases], by=mara)
            client.get(f"/waves/{wave.pk}/")
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/waves/{wave.pk}/").status_code == 200
            counted.append(len(queries))
        assert counted[0] == counted[1]

    def test_a_stranger_finds_nothing_there_as_where_nothing_is(self, wave, charlie, mara, signed_in):
        nowhere = f"/waves/{mara.pk}/"
        for page in ("", "people/", "change/", "sheet/"):
            there, not_there = (signed_in(charlie).get(f"{path}{page}") for path in (f"/waves/{wave.pk}/", nowhere))
            assert (there.status_code, there.content) == (404, not_there.content)

    def test_people_join_in_three_clicks_and_are_taken_out(self, wave, mara, vera, signed_in, acting):
        plover, client = another("Plover", mara, vera, acting), signed_in(mara)
        assert "Plover" in client.get(f"/waves/{wave.pk}/people/?q=plo").content.decode()
        said = client.post(f"/waves/{wave.pk}/people/", {"people": [str(plover.pk)]}, follow=True).content.decode()
        assert "1 person joined." in said
        client.post(f"/waves/{wave.pk}/people/", {"out": str(plover.pk)})
        with acting(mara):
            assert [case.alias for case in waves.people(wave, mara)] == ["Kestrel"]

    def test_a_wave_is_begun_changed_printed_and_closed(self, kestrel, mara, signed_in):
        client, day = signed_in(mara), timezone.localdate() + 5 * DAY
        wrong = client.post("/waves/new/", {"alias": "To: Berlin!", "purpose": "departure", "leaves_on": day})
        assert "Use letters and figures only." in wrong.content.decode() and "To: Berlin!" in wrong.content.decode()
        begun = client.post("/waves/new/", {"alias": "Jade", "purpose": "departure", "leaves_on": day})
        wave = begun.url.removesuffix("people/")
        client.post(f"{wave}change/", {"alias": "Opal", "purpose": "extraction", "leaves_on": day, "coordinator": str(mara.pk)})
        assert "Opal" in client.get("/waves/").content.decode()
        assert "aliases only" in client.get(f"{wave}sheet/").content.decode()
        assert "closed" in client.post(f"{wave}change/", {"close": "1"}, follow=True).content.decode()

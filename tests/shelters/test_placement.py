"""Which house suits whom, in words; places proposed for many; and what a human accepts, through the door of the houses."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from fiction.telling import do_jobs
from relocation.journey import household
from relocation.journey.bars import bar
from relocation.journey.referring import assign, refer
from relocation.models import Case
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied
from shelters import hosting
from shelters.models import House, Offered, Proposal, Stay
from shelters.placement import proposing
from shelters.placement.fitness import fit, ranked
from shelters.placement.openings import openings
from tests.cast import afresh, referral
from tests.shelters.conftest import tonight

EVENING = time(18), time(21)


@pytest.fixture
def wren(mara, vera) -> Case:
    """Another of Vera's cases, coordinated by Mara."""
    with acting_as(mara.pk):
        case = refer(referral(alias="Wren", surname="Птицына", phone="+79990000002", needs=("wheelchair",)), by=mara)
        assign(case.pk, vera, by=mara, reason="has room")
    return afresh(case, vera)


@pytest.fixture
def judged(vera):
    """The houses as they suit some people, by their code."""

    def judge(*people, nights=None):
        with acting_as(vera.pk):
            asked = nights or tonight()
            return {one.house.code: one for one in ranked([fit(people, o, asked, vera) for o in openings(*asked)])}

    return judge


@pytest.fixture
def asked(kestrel, wren, vera):
    """Vera has had places proposed for both, and they were found."""

    def ask(*cases, by=vera):
        with acting_as(by.pk):
            made = proposing.ask(uuid4(), [case.pk for case in cases or (kestrel, wren)], tonight(), EVENING, by=by)
        do_jobs()
        return made

    return ask


def found(made, by):
    """What was found, by alias."""
    with acting_as(by.pk):
        return {one.case.alias: one for one in Offered.objects.filter(proposal=made).select_related("case", "house")}


def say(house, by, **said):
    with acting_as(by.pk):
        House.objects.filter(pk=house.pk).update(**said)


class TestWhichHouseSuits:
    def test_the_best_comes_first_with_reasons_in_words(self, judged, wren, alder, birch, vera):
        say(alder, vera, languages=["ka"], step_free=False, not_for="")
        say(birch, vera, languages=["ru"], step_free=True)
        shown = judged(wren)
        assert list(shown) == ["Birch", "Alder"]
        assert {reason.words for reason in shown["Birch"].reasons if reason.good} >= {
            "Spoken there: Russian.", "Reached and lived in without steps.",
        }  # fmt: skip
        assert {reason.words for reason in shown["Alder"].reasons if not reason.good} == {
            "Nobody there speaks a language of theirs.", "There are steps.",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"is_open": False}, "takes nobody now"),
            ({"compromised_at": timezone.now()}, "takes nobody now"),
            ({"stay_limit": 5}, "longer than 5 nights"),
            ({"smallest_household": 2}, "larger households"),
        ],
    )
    def test_what_a_hard_rule_forbids_stands_last_and_says_why(self, judged, kestrel, alder, vera, said, words):
        say(alder, vera, **said)
        shown = judged(kestrel)
        assert shown["Alder"].score is None and words in shown["Alder"].reasons[0].words
        assert list(shown)[-1] == "Alder" and shown["Birch"].score

    def test_whom_the_person_bars_is_not_named(self, judged, kestrel, birch, vera):
        with acting_as(vera.pk):
            bar(kestrel, by=vera, name="Birch")
        told = judged(kestrel)["Birch"]
        assert told.score is None and "Birch" not in told.reasons[0].words

    def test_a_household_stays_whole(self, judged, kestrel, wren, alder, birch, place, vera):
        with acting_as(vera.pk):
            beds = list(birch.beds.order_by("name"))
        for bed in beds[1:]:
            place(bed=bed)
        shown = judged(kestrel, wren)
        assert shown["Birch"].score is None and "1 of 2 beds" in shown["Birch"].reasons[0].words
        assert any(reason.words == "All of them in one room." for reason in shown["Alder"].reasons)


class TestThePage:
    def test_a_click_holds_a_bed_in_the_house(self, signed_in, vera, kestrel, alder):
        desk = signed_in(vera)
        page = desk.get(f"/cases/{kestrel.pk}/places/").content.decode()
        assert "House Alder" in page and "Эльфова" not in page and "lane 4" not in page
        first, until = tonight()
        answer = desk.post(f"/cases/{kestrel.pk}/places/", self.told(alder), follow=True)
        assert "1 bed is held for 24 hours" in answer.content.decode()
        with acting_as(vera.pk):
            stay = Stay.objects.select_related("house").get(case=kestrel)
        assert (stay.house, stay.nights.lower, stay.nights.upper) == (alder, first, until)

    def told(self, house, **said):
        first, until = tonight()
        usual = {"first_night": first, "leave_day": until, "arrives_from": "18:00", "arrives_until": "21:00", "house": house.pk}
        return usual | said

    def test_those_who_travel_together_are_held_together(self, signed_in, vera, kestrel, wren, alder):
        with acting_as(vera.pk):
            household.join(kestrel, wren, by=vera)
        signed_in(vera).post(f"/cases/{kestrel.pk}/places/", self.told(alder))
        with acting_as(vera.pk):
            assert set(Stay.objects.values_list("case__alias", "house__code")) == {("Kestrel", "Alder"), ("Wren", "Alder")}

    def test_what_cannot_be_is_said_and_what_was_typed_is_kept(self, signed_in, vera, kestrel, alder):
        desk, first = signed_in(vera), tonight()[0]
        page = desk.post(f"/cases/{kestrel.pk}/places/", self.told(alder, leave_day=first, arrives_until="17:15"))
        assert "comes after the first night" in page.content.decode() and 'value="17:15"' in page.content.decode()
        say(alder, vera, is_open=False)
        assert "There are no longer" in desk.post(f"/cases/{kestrel.pk}/places/", self.told(alder)).content.decode()
        for odd in ("x", uuid4()):
            assert desk.post(f"/cases/{kestrel.pk}/places/", self.told(alder) | {"house": odd}).status_code == 404

    @pytest.mark.parametrize("who", ["mara", "charlie", "hanna"])
    def test_whoever_may_not_place_finds_nothing_there(self, signed_in, ground, kestrel, alder, who):
        browser = signed_in(ground[who])
        assert browser.get(f"/cases/{kestrel.pk}/places/").status_code == 404
        assert browser.post(f"/cases/{kestrel.pk}/places/", self.told(alder)).status_code == 404


class TestAProposal:
    def test_places_everybody_and_holds_nothing(self, asked, vera, alder, birch):
        say(alder, vera, languages=["ka"], step_free=False)
        say(birch, vera, languages=["ru"], step_free=True)
        made = asked()
        with acting_as(vera.pk):
            told = Proposal.objects.get(pk=made.pk)
            assert told.state == "ready" and told.gap == 0 and not Stay.objects.exists()
        assert found(made, vera)["Wren"].house == birch

    def test_says_of_whom_there_is_no_place_for_and_why(self, asked, vera, alder, birch):
        say(alder, vera, is_open=False)
        say(birch, vera, is_open=False)
        assert {one.why for one in found(asked(), vera).values()} == {"unfit"}

    def test_who_must_not_meet_is_not_proposed_the_same_house(self, asked, kestrel, wren, vera, birch, alder):
        with acting_as(vera.pk):
            bar(kestrel, by=vera, name="Птицына Алёна")
        say(alder, vera, languages=["ka"])
        say(birch, vera, languages=["ru"])
        houses = {one.house.code for one in found(asked(), vera).values() if one.house}
        assert houses == {"Alder", "Birch"}

    def test_is_asked_for_once_for_one_form(self, kestrel, vera):
        token = uuid4()
        with acting_as(vera.pk):
            for _again in range(2):
                proposing.ask(token, [kestrel.pk], tonight(), EVENING, by=vera)
            assert Proposal.objects.count() == 1

    def test_is_refused_for_whom_one_may_not_place(self, kestrel, heron, vera, ground):
        for who, cases in (("vera", [kestrel, heron]), ("tomas", [kestrel]), ("hanna", [kestrel])):
            with acting_as(ground[who].pk), pytest.raises(Denied):
                proposing.ask(uuid4(), [case.pk for case in cases], tonight(), EVENING, by=ground[who])

    def test_may_be_stopped_by_whoever_asked_and_nobody_else(self, kestrel, vera, mara):
        with acting_as(vera.pk):
            made = proposing.ask(uuid4(), [kestrel.pk], tonight(), EVENING, by=vera)
        with acting_as(mara.pk), pytest.raises(Denied):
            proposing.halt(made.pk, by=mara)
        with acting_as(vera.pk):
            proposing.halt(made.pk, by=vera)
        do_jobs()
        assert found(made, vera)["Kestrel"].house


class TestAcceptance:
    def test_holds_the_household_and_again_changes_nothing(self, asked, kestrel, wren, vera):
        with acting_as(vera.pk):
            together = household.join(kestrel, wren, by=vera).pk
        made = asked()
        with acting_as(vera.pk):
            assert proposing.accept(made.pk, together, by=vera)
            assert not proposing.accept(made.pk, together, by=vera)
            assert set(Stay.objects.values_list("case__alias", flat=True)) == {"Kestrel", "Wren"}

    def test_of_all_says_beside_each_what_became_impossible(self, asked, signed_in, kestrel, wren, vera, alder, birch):
        say(alder, vera, languages=["ru"])
        say(birch, vera, languages=["ka"])
        made = asked(kestrel)
        say(alder, vera, compromised_at=timezone.now())
        desk = signed_in(vera)
        page = desk.post(f"/stays/proposals/{made.pk}/", {"do": "all"}, follow=True).content.decode()
        assert "1 place is no longer possible" in page and "no longer enough free beds" in page
        with acting_as(vera.pk):
            assert not Stay.objects.exists()

    def test_says_what_became_of_the_bed_and_where_to_look_for_another(self, asked, signed_in, kestrel, vera):
        desk, address = signed_in(vera), f"/stays/proposals/{asked(kestrel).pk}/"
        page = desk.post(address, {"accept": str(kestrel.pk)}, follow=True).content.decode()
        assert ">Held<" in page and "Compare the houses" not in page
        with acting_as(vera.pk):
            hosting.release(Stay.objects.get(), by=vera)
        page = desk.get(address).content.decode()
        assert ">Released<" in page and ">Held<" not in page and "Compare the houses" in page

    def test_is_the_leads_and_the_coordinator_is_told_so(self, asked, signed_in, kestrel, wren, mara, vera):
        made = asked(by=mara)
        browser = signed_in(mara)
        page = browser.get(f"/stays/proposals/{made.pk}/").content.decode()
        assert "Whoever leads the case accepts it" in page and 'name="accept"' not in page
        refused = browser.post(f"/stays/proposals/{made.pk}/", {"accept": str(kestrel.pk)})
        assert refused.status_code == 409 and "leads the case accepts it" in refused.content.decode()
        answer = signed_in(vera).post(f"/stays/proposals/{made.pk}/", {"do": "all"}, follow=True).content.decode()
        assert "2 places are held" in answer

    def test_of_a_stranger_finds_nothing_there(self, asked, signed_in, charlie, hanna, kestrel):
        made = asked()
        for account in (charlie, hanna):
            browser = signed_in(account)
            assert browser.get(f"/stays/proposals/{made.pk}/").status_code == 404
            assert browser.post(f"/stays/proposals/{made.pk}/", {"accept": str(kestrel.pk)}).status_code == 404


class TestTheFormOfAProposal:
    def test_takes_people_and_nights_and_shows_how_far_it_is(self, signed_in, kestrel, wren, vera):
        desk, (first, until) = signed_in(vera), tonight()
        told = {"first_night": first, "leave_day": until, "arrives_from": "18:00", "arrives_until": "21:00"}
        cases = {"case": [kestrel.pk, wren.pk], "token": uuid4()}
        page = desk.post("/stays/proposals/new/", told | cases, follow=True).content.decode()
        assert "Looking for places" in page and "You can leave this page" in page and "<progress" in page
        do_jobs()
        page = desk.get(desk.get("/stays/proposals/new/").request["PATH_INFO"]).content.decode()
        assert "Propose places" in page

    def test_says_what_is_missing(self, signed_in, vera, kestrel):
        first = tonight()[0]
        told = {"first_night": first, "leave_day": first + timedelta(days=2), "arrives_from": "18:00", "arrives_until": "21:00"}
        assert signed_in(vera).post("/stays/proposals/new/", told).status_code == 200
        assert signed_in(vera).get("/stays/proposals/new/?wave=x").status_code == 404

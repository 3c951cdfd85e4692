"""A house is set up, changed, closed, looked at and vouched for by its own desk, and by nobody else's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from relocation.desk import panels
from relocation.models import LedgerEntry
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied
from shelters import keeping
from shelters.models import Bed, Closure, House, Inspection, Sighting, Vetting
from tests.shelters.conftest import tonight

DAY = timedelta(days=1)


@pytest.fixture
def desk(signed_in, vera):
    """Vera's browser."""
    return signed_in(vera)


def text(response) -> str:
    return str(response.content.decode())


def described(**changes):
    """What Vera types about a new house."""
    return {
        "code": "Larch", "time_zone": "Europe/Moscow", "address": "9 Hidden Row", "meeting_point": "the clock on the square",
        "door_protocol": "Nobody opens without the words.", "takes": "adults", "smallest_household": "1",
        "largest_household": "2", "stay_limit": "30", "step_free": "on", "not_for": "a dog lives here", "languages": ["ru", "ce"],
    } | changes  # fmt: skip


def address_of(house, what=""):
    return f"/stays/houses/{house.pk}/{what}"


class TestSetUp:
    def test_by_screen_from_nothing_to_a_bed_that_takes_somebody(self, desk, vera):
        page = text(desk.post("/stays/houses/new/", described(), follow=True))
        assert "Larch" in page and "Chechen" in page and "a dog lives here" in page and "It has no beds yet" in page
        with acting_as(vera.pk):
            house = House.objects.get(code="Larch")
        assert (house.organisation_id, house.stay_limit, house.takes) == (vera.organisation_id, 30, "adults")
        desk.post(address_of(house), {"do": "room", "name": "Attic", "beds": "2"})
        page = text(desk.post(address_of(house), {"do": "room", "name": "Attic", "beds": "1"}, follow=True))
        assert "Attic, bed 3" in page
        for secret in ("Hidden Row", "clock on the square", "without the words"):
            assert secret not in page
        with acting_as(vera.pk):
            assert LedgerEntry.objects.filter(case_id=house.pk, what="house.made").count() == 1

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"code": ""}, "required"),
            ({"code": "Alder"}, "already exists"),
            ({"time_zone": "Moscow/Somewhere"}, "No time zone has this name"),
            ({"smallest_household": "3", "largest_household": "2"}, "not smaller"),
            ({"smallest_household": "0"}, "one person at least"),
            ({"stay_limit": "0"}, "Leave it empty"),
            ({"languages": ["tlh"]}, "valid choice"),
        ],
    )
    def test_what_cannot_be_is_said_and_what_was_typed_is_kept(self, desk, vera, typed, sentence):
        page = text(desk.post("/stays/houses/new/", described(**typed)))
        assert sentence in page and "a dog lives here" in page
        with acting_as(vera.pk):
            assert House.objects.count() == 2

    def test_a_change_leaves_what_was_not_typed_again_as_it_was(self, desk, alder, vera):
        before = described(code="Alder", address="", meeting_point="", door_protocol="", stay_limit="20")
        desk.post(address_of(alder, "change/"), before)
        with acting_as(vera.pk):
            after = House.objects.get(pk=alder.pk)
        assert after.stay_limit == 20 and after.address == alder.address

    @pytest.mark.parametrize("who", ["charlie", "hanna", "otto"])
    def test_the_house_of_others_is_not_there(self, request, signed_in, alder, who):
        client = signed_in(request.getfixturevalue(who))
        for path in ("", "change/"):
            found, never = client.get(address_of(alder, path)), client.get(f"/stays/houses/{timezone.now():%Y%m%d}/")
            assert found.status_code == never.status_code == 404
        assert client.post(address_of(alder), {"do": "room", "name": "x", "beds": "1"}).status_code == 404
        assert client.post(address_of(alder, "opened/door/")).status_code == 404

    @pytest.mark.parametrize(("who", "leads_to"), [("mara", "burned/"), ("vera", "/stays/houses/burned/")])
    def test_burned_leads_whoever_may_not_say_so_to_whom_to_call(self, request, signed_in, alder, who, leads_to):
        client = signed_in(request.getfixturevalue(who))
        [address] = re.findall(r'href="(/stays/houses/[^"]*burned/)"', text(client.get(address_of(alder))))
        assert address.endswith(leads_to) and client.get(address).status_code == 200

    def test_a_bed_goes_only_while_nobody_had_it(self, desk, held, alder, vera):
        with acting_as(vera.pk):
            free = Bed.objects.filter(house=alder).exclude(pk=held.bed_id)[0]
        assert "Close it instead" in text(desk.post(address_of(alder), {"do": "remove", "row": held.bed_id}))
        desk.post(address_of(alder), {"do": "remove", "row": free.pk})
        with acting_as(vera.pk):
            left = set(Bed.objects.filter(house=alder).values_list("pk", flat=True))
        assert held.bed_id in left and free.pk not in left


class TestKept:
    def test_closed_nights_and_open_again(self, desk, alder, vera):
        first = tonight()[0]
        typed = {"do": "close", "first": first, "opens": first + 3 * DAY, "part": "", "why": "rest", "note": "my sister comes"}
        page = text(desk.post(address_of(alder), typed, follow=True))
        assert "A rest" in page and "my sister" not in page
        assert "closed already" in text(desk.post(address_of(alder), typed | {"opens": first + 2 * DAY}))
        assert "comes after" in text(desk.post(address_of(alder), typed | {"opens": first}))
        with acting_as(vera.pk):
            closure = Closure.objects.get()
        for _time in range(2):
            desk.post(address_of(alder), {"do": "open", "row": closure.pk})
        with acting_as(vera.pk):
            assert not Closure.objects.standing().exists()
            assert LedgerEntry.objects.filter(case_id=alder.pk, what="house.opened").count() == 1

    def test_a_look_that_finds_it_unfit_closes_it_until_the_next(self, desk, alder, vera):
        today = timezone.localdate()
        typed = {"do": "inspect", "on": today, "result": "unfit", "finding": "the lock is broken", "next_due": today + 9 * DAY}
        page = text(desk.post(address_of(alder), typed, follow=True))
        assert "Nobody should be sent there" in page and "lock is broken" not in page
        with acting_as(vera.pk):
            assert Inspection.objects.get().by_id == vera.pk
            assert Closure.objects.standing().get().nights.upper == today + 9 * DAY
        assert "not come yet" in text(desk.post(address_of(alder), typed | {"on": today + DAY}))
        assert "later day" in text(desk.post(address_of(alder), typed | {"next_due": today}))

    def test_a_vetting_lapses_and_nobody_vouches_for_themselves(self, desk, alder, hanna, vera):
        with acting_as(vera.pk):
            Vetting.objects.filter(house=alder).update(renew_by=timezone.localdate() - DAY)
        assert "receives nobody" in text(desk.get(address_of(alder)))
        typed = {"do": "vouch", "account": hanna.pk, "how": "visit", "renew_by": timezone.localdate() + 90 * DAY}
        assert "within a year" in text(desk.post(address_of(alder), typed | {"renew_by": timezone.localdate() + 400 * DAY}))
        assert "valid choice" in text(desk.post(address_of(alder), typed | {"account": vera.pk}))
        assert "receives nobody" not in text(desk.post(address_of(alder), typed, follow=True))
        with acting_as(vera.pk):
            newest = Vetting.objects.filter(house=alder, by=vera).order_by("renew_by").last()
            oneself = Vetting(house=alder, account=vera, how="known", renew_by=timezone.localdate() + DAY)
            with pytest.raises(Denied):
                keeping.vouch(oneself, by=vera)
        page = text(desk.post(address_of(alder), {"do": "withdraw", "row": newest.pk}, follow=True))
        assert "receives nobody" in page

    def test_a_second_host_by_screen_who_is_vouched_for_before_anybody_is_sent(self, desk, alder, hanna, quentin, charlie, vera):
        shown = text(desk.get(address_of(alder)))
        assert "Add a host" in shown and "Quentin Roe" in shown
        for nobody in (charlie.pk, hanna.pk, vera.pk):
            assert "valid choice" in text(desk.post(address_of(alder), {"do": "host", "account": nobody}))
        shown = text(desk.post(address_of(alder), {"do": "host", "account": quentin.pk}, follow=True))
        assert "Nobody vouches" in shown and "No longer a host here" in shown
        with acting_as(vera.pk):
            keeper, first = (alder.keepers.get(account=host) for host in (quentin, hanna))
            assert LedgerEntry.objects.filter(case_id=alder.pk, what="house.host_added", about=quentin.pk).count() == 1
        assert "Withdraw that first" in text(desk.post(address_of(alder), {"do": "let_go", "row": first.pk}))
        shown = text(desk.post(address_of(alder), {"do": "let_go", "row": keeper.pk}, follow=True))
        assert "Add a host" in shown
        with acting_as(vera.pk):
            assert [one.account for one in alder.keepers.all()] == [hanna]
        with acting_as(charlie.pk), pytest.raises(Denied):
            keeping.add_host(alder, quentin, by=charlie)

    def test_what_was_seen_is_open_until_somebody_has_looked_into_it(self, desk, alder, confirmed, vera):
        typed = {
            "do": "saw",
            "what": "car",
            "seen_at": f"{timezone.now():%Y-%m-%dT%H:%M}",
            "plate": "A 123 BC",
            "words": "two men in it",
        }
        page = text(desk.post(address_of(alder), typed, follow=True))
        assert "A car waits" in page and "nobody has looked into it" in page and "two men" not in page
        opened = text(desk.post(address_of(alder, "opened/sightings/")))
        assert "two men in it" in opened and "A 123 BC" in opened
        with acting_as(vera.pk):
            sighting = Sighting.objects.get()
            assert LedgerEntry.objects.filter(case_id=alder.pk, what="read.sighting", actor_id=vera.pk).count() == 1
            assert [todo for todo in panels._days["houses"](vera) if "Seen near house Alder" in todo.sentence]
        page = text(desk.post(address_of(alder), {"do": "settle", "row": sighting.pk, "words": "a neighbour"}, follow=True))
        assert "Looked into" in page and "nobody has looked into it" not in page
        assert desk.post(address_of(alder), {"do": "settle", "row": "nonsense"}).status_code == 404
        assert desk.post(address_of(alder), {"do": "sell"}).status_code == 404
        assert desk.post(address_of(alder, "opened/address/")).status_code == 404

    def test_the_list_says_what_is_due(self, desk, alder, birch):
        page = text(desk.get("/stays/houses/"))
        assert "House Alder" in page and "Somebody should look at the house" in page

    def test_nobody_but_its_own_desk_changes_a_house_by_sql(self, alder, hanna, charlie):
        for stranger in (hanna, charlie):
            with acting_as(stranger.pk), pytest.raises(ProgrammingError), transaction.atomic():
                House.objects.filter(pk=alder.pk).update(compromised_at=None, code="Mine")
        with acting_as(charlie.pk), pytest.raises(ProgrammingError), transaction.atomic():
            Vetting.objects.create(house=alder, account=hanna, by=charlie, how="known", renew_by=timezone.localdate())

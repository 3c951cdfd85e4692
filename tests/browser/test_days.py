"""A host's and an escort's whole day on a phone without a script: every tap from home is counted, signing in is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from fiction import world
from fiction.ground import Ground
from fiction.somebody import open_case
from fiction.story import Story, as_
from logistics.models import Leg, Seat
from relocation.models import Alarm
from shelters import hosting
from shelters.models import Bed, Closure, FreeBeds, Sighting, Stay
from tests.browser.conftest import Sit
from tests.browser.screen import PHONE, Screen

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
HOST, ESCORT = reverse("stays:host"), reverse("passages:escort")


class TestTheDayOfAHost:
    def test_beds_arrivals_nights_something_seen_an_alarm_and_away(self, sit: Sit, ground: Ground) -> None:
        kestrel, plover = (expected(ground, number, "Alder") for number in (0, 1))
        elsewhere = expected(ground, 3, "Birch")
        with as_(ground["hanna"]) as hanna:
            FreeBeds(house=ground.houses["Alder"], beds=3, by=hanna, at=timezone.now() - timedelta(days=3)).save()
        phone = sit("hanna", script=False, viewport=PHONE)
        self.beds(phone)
        self.arrivals(phone)
        self.house(phone)
        not_theirs(phone, "stays:door", elsewhere.pk, here="0")
        self.danger(phone, ground)
        with as_(ground["vera"]):
            assert Stay.objects.get(pk=kestrel.pk).state == Stay.State.ARRIVED
            assert Stay.objects.get(pk=plover.pk).state == Stay.State.NOT_HERE
            assert Stay.objects.get(pk=elsewhere.pk).state == Stay.State.CONFIRMED
        leaves(phone)

    def beds(self, phone: Screen) -> None:
        """An answer of three days ago still holds; then it is two; a second tap says nothing new; and it is taken back."""
        with day(phone, HOST, 1) as home:
            home.sees("You last said 3 free").press("Still so").sees("3 free").hides("Is it still so?")
        with day(phone, HOST, 1) as home:
            twice(home, "2").sees("2 free")
        with day(phone, HOST, 1) as home:
            home.press("Undo").sees("Taken back.")

    def arrivals(self, phone: Screen) -> None:
        """Kestrel comes, tapped twice; Plover does not."""
        with day(phone, HOST, 1) as home:
            twice(home.sees("Kestrel", "Plover"), "Arrived").sees("Kestrel has arrived", "Here tonight")
        with day(phone, HOST, 1) as home:
            twice(home, "Not here").sees("Plover is not here")
        phone.sees("Did they come later?")
        assert phone.page.locator("section", has_text="Here tonight").get_by_text("Kestrel").is_visible()

    def house(self, phone: Screen) -> None:
        """Two nights are closed, which are nobody's to close twice, and a car is noted."""
        for said in ("Nobody new is sent to you", "These nights are closed already"):
            with day(phone, HOST, 3) as home:
                home.unfold("Close the house for some nights").fill(nights="2").press("Close these nights").sees(said)
        with day(phone, HOST, 2) as home:
            home.unfold("I have seen something").press("A car waits").sees("Written down")

    def danger(self, phone: Screen, ground: Ground) -> None:
        """The coordinator's number is one tap away, and so is the alarm for everybody in the house."""
        with day(phone, HOST, 1) as home:
            assert can_call(home)
            home.press("Raise the alarm").sees("being told now", "Call them")
        with as_(ground["hanna"]):
            assert (Closure.objects.count(), Sighting.objects.count()) == (1, 1)
        with as_(ground["vera"]):
            assert Alarm.objects.count() == 2


class TestTheDayOfAnEscort:
    def test_met_handed_over_missed_a_call_an_alarm_and_away(self, sit: Sit, ground: Ground) -> None:
        seats = [rides(ground, number) for number in (0, 1)]
        elsewhere = rides(ground, 3, escorted=False)
        phone = sit("otto", script=False, viewport=PHONE).sees("Kestrel", "Plover").hides("Curlew")
        with day(phone, ESCORT, 1) as home:
            home.press("Show where to meet").sees("the clock at the bus station")
        for state in ("Met", "Handed over"):
            with day(phone, ESCORT, 1) as home:
                twice(home, state).sees(f"Saved. Kestrel: {state.lower()}")
        with day(phone, ESCORT, 1) as home:
            twice(home, "Did not come").sees("Saved. Plover: did not come", "Done")
        with as_(ground["vera"]):
            found = Seat.objects.in_bulk([seat.pk for seat in [*seats, elsewhere]])
            assert [found[seat.pk].progress for seat in [*seats, elsewhere]] == ["handed_over", "missed", "waiting"]
        self.danger(phone, seats[1], elsewhere, ground)
        leaves(phone)

    def danger(self, phone: Screen, seat: Seat, elsewhere: Seat, ground: Ground) -> None:
        """Of a leg that is over an alarm takes one tap more, to open it; somebody else's leg is nowhere."""
        with day(phone, ESCORT, 2) as home:
            assert can_call(home)
            home.follow("Plover").press("Raise the alarm").sees("being told now")
        not_theirs(phone, "passages:escort_seat", elsewhere.pk, do="alarm")
        with as_(ground["vera"]):
            assert [alarm.case_id for alarm in Alarm.objects.all()] == [seat.case_id]


# What the day begins with


def expected(ground: Ground, number: int, house: str) -> Stay:
    """Somebody whom a house has expected for an hour, by a firm stay of three nights."""
    today, now = timezone.localdate(), timezone.now()
    case_id = open_case(world.PEOPLE[number], ground)
    with as_(ground["vera"]) as vera:
        taken = Stay.objects.standing().values("bed_id")
        bed = Bed.objects.filter(house__code=house).exclude(pk__in=taken).order_by("name")[0]
        window, nights = (now - timedelta(hours=1), now + timedelta(hours=number + 2)), (today, today + timedelta(days=3))
        case = Story(ground, case_id).case(vera)
        return hosting.confirm(hosting.hold(bed, case, nights, window=window, by=vera), by=vera)


def rides(ground: Ground, number: int, *, escorted: bool = True) -> Seat:
    """Somebody on a firm way of one leg, in some hours; with Otto, or with nobody."""
    leaves = timezone.now() + timedelta(hours=4 + number)
    leg = Leg(mode="car", from_place="Point A", to_place="Alder", departs_at=leaves, arrives_at=leaves + timedelta(hours=3))
    leg.seats, leg.escort = 3, ground["otto"] if escorted else None
    passage = Story(ground, open_case(world.PEOPLE[number], ground)).plan_passage("extraction", [leg])
    with as_(ground["vera"]):
        return Seat.objects.get(passage=passage)


# What is done with a phone


@contextmanager
def day(phone: Screen, home: str, taps: int) -> Iterator[Screen]:
    """One thing of the day, done from home within so many taps."""
    with phone.go(home).within(taps) as at_home:
        yield at_home


def twice(phone: Screen, words: str) -> Screen:
    """A finger that taps twice: what the first tap sent is sent again. The page is as the first tap left it."""
    button = phone.page.locator("main").get_by_role("button", name=words).first
    where, sent = button.evaluate("it => [it.form.action, Object.fromEntries(new FormData(it.form, it))]")
    phone.press(words)
    again = phone.page.request.post(where, form=sent, headers={"Referer": phone.page.url})
    assert again.status == 200, f"{again.status} for {words} once more"
    return phone


def not_theirs(phone: Screen, route: str, whose: UUID, **sent: str) -> None:
    """What is somebody else's is as little there as what is nobody's."""
    token = phone.go("/").page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    for pk in (whose, uuid4()):
        address, form = reverse(route, args=[pk]), dict[str, str | float | bool](sent, csrfmiddlewaretoken=token)
        answer = phone.page.request.post(address, form=form, headers={"Referer": phone.page.url})
        assert answer.status == 404 and "There is nothing here" in answer.text(), address


def can_call(phone: Screen) -> bool:
    """Whether the coordinator's number is under the finger."""
    call = phone.page.get_by_role("link", name="Call coordinator")
    return call.is_visible() and call.get_attribute("href") == "tel:+358400000000"


def leaves(phone: Screen) -> None:
    """One tap, and the session is over."""
    with day(phone, "/", 1):
        phone.follow("Leave now", within=".dock")
    assert phone.page.locator("body").inner_text().strip() == ""
    phone.go("/").sees("Sign in")

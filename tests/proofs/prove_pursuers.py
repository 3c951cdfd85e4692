"""N1: whoever hunts a person is kept from their beds and ways, in whichever spelling, and strangers are refused nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from fiction.telling import as_, do_jobs
from logistics import changing, dispatch, switching
from logistics.models import Leg, Passage
from relocation.journey import recording
from relocation.journey.kin import NotAdmitted
from relocation.models import AlarmContact, Channel, Consent, Identity, Pursuer, Referrer, Vehicle
from relocation.safety import access
from relocation.safety.policy import Role
from shelters import hosting, moving, watching
from shelters.models import Bed, House, Stay
from tests.proofs import owner
from tests.proofs.prove_burned import a_house
from tests.proofs.prove_roads import ride
from tests.proofs.tally import Tally, guarantee, scale
from tests.proofs.telling import Told
from tests.proofs.world import World, fresh

pytestmark = pytest.mark.usefixtures("lasting")
NIGHTS, FAR = timedelta(days=9), timedelta(days=30)
REFERRED, NUMBER, CAR = "Зайцева Анна, +7 999 765-43-21", "+79991234567", "white Lada, а 124 вс 05"
LOOKS = "SELECT count(*) FROM relocation_deadline WHERE case_id = %s AND kind = 'second_look' AND done_at IS NULL"
ALARMS = "SELECT count(*) FROM relocation_alarm WHERE case_id = %s AND kind IN ('seen', 'seen_here')"


@dataclass(frozen=True)
class Hunter:
    """Who is near under which name or number, and how a pursuer of them may be spelt."""

    near: str
    spelt: tuple[dict[str, str], ...] = field(default=())

    def spellings(self) -> tuple[dict[str, str], ...]:
        return self.spelt[: scale(len(self.spelt), 1)]


def named(*names: str) -> tuple[dict[str, str], ...]:
    return tuple({"name": name} for name in names)


def rung(*numbers: str) -> tuple[dict[str, str], ...]:
    return tuple({"name": "Unknown", "phone": number} for number in numbers)


def driving(*plates: str) -> tuple[dict[str, str], ...]:
    return tuple({"plate": plate} for plate in plates)


VOLKOV = named("Волков Пётр", "VOLKOVA Anna", "Pjotr Wolkow", "Волкова-Орлова")
RANG = rung(NUMBER, "8 (999) 123-45-67")
SENT = (*named("Зайцев Олег", "Zaytsev Oleg"), *rung("+7 999 7654321"))
STRANGERS = (*named("Другой Иван", "Ivanova Maria"), *rung("+79990000009"), *driving("A 125 BC", "B 124 BC 05"))
AT_NIGHT = (
    Hunter("host", named("Ахо Матти", "AHO Matti", "Matti Aho-Virtanen")),
    Hunter("neighbour", (*VOLKOV, *RANG)), Hunter("referrer", SENT),
)  # fmt: skip
ON_THE_WAY = (
    Hunter("escort", named("Берг Йозеф", "Josef BERG", "Berg-Holm")), Hunter("fellow", (*VOLKOV, *RANG)),
    Hunter("car", driving("А 124 ВС", "a124bc", "A124BC 05", "A-124-BC 05 RUS")), Hunter("referrer", SENT),
)  # fmt: skip


def note(told: Told, by: Any, spelt: dict[str, str]) -> None:
    row = Vehicle(**spelt) if "plate" in spelt else Pursuer(**spelt)
    row.case_id = told.case_id
    recording.write(row, by=by)


def hunted(world: World) -> Told:
    """Somebody who was referred by name and number."""
    told = fresh(world)
    with as_(world["vera"]) as vera:
        Referrer(case_id=told.case_id, by=vera, who=REFERRED).save(force_insert=True)
    return told


def other(world: World) -> Told:
    """Somebody called Volkova, who answers under a number."""
    told = fresh(world)
    with as_(world["vera"]) as vera:
        recording.write(Identity(case_id=told.case_id, surname="Волкова", given_names="Анна"), by=vera)
        recording.write(Channel(case_id=told.case_id, kind="phone", address=NUMBER), by=vera)
    return told


def beds(world: World, house: House) -> list[Bed]:
    with as_(world["vera"]):
        return list(Bed.objects.filter(house=house).select_related("house").order_by("pk"))


def hold(world: World, told: Told, bed: Bed, first: timedelta = timedelta(0), nights: timedelta = NIGHTS) -> Stay:
    today, now = timezone.localdate() + first, timezone.now()
    with as_(world["vera"]) as vera:
        window = (now, now + timedelta(hours=2))
        return hosting.hold(bed, told.case(vera), (today, today + nights), window=window, by=vera)


def by_vera(world: World, act: Callable[[Any], Any]) -> Callable[[], Any]:
    def acted() -> Any:
        with as_(world["vera"]) as vera:
            return act(vera)

    return acted


def beds_again(world: World, told: Told, own: list[Bed], stay: Stay) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each way to a bed; the person holds one, and each begins where the one before it ended."""
    now = timezone.now()
    window, last = (now, now + timedelta(hours=2)), stay.nights.upper
    yield "hold", lambda: hold(world, told, own[2], first=NIGHTS * 2)
    yield "confirm", by_vera(world, lambda vera: hosting.confirm(stay, by=vera))
    yield "extend", by_vera(world, lambda vera: moving.extend(stay, last + timedelta(days=2), by=vera))
    yield "move", by_vera(world, lambda vera: moving.move(stay, own[3], window=window, by=vera))


def seat_again(world: World, told: Told, legs: dict[str, Leg], way: Passage) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each way to a seat beside them; the person sits on the leg called first."""

    def ready(vera: Any) -> Any:
        return switching.stand_by(way.seats.get(), legs["third"], by=vera)

    def take(vera: Any) -> Any:
        another = dispatch.plan(told.case(vera), Passage.Purpose.EXTRACTION, [], by=vera)
        return dispatch.take_seat(another, legs["second"], by=vera, vehicle=CAR)

    yield "take a seat", by_vera(world, take)
    yield "stand ready", by_vera(world, ready)
    yield "confirm", by_vera(world, lambda vera: dispatch.confirm(way, by=vera))


def is_refused(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except NotAdmitted:
        return True
    return False


def looks(told: Told) -> int:
    return int(owner.rows(LOOKS, told.case_id)[0][0])


def try_beds(world: World, tally: Tally, near: str, spelt: dict[str, str]) -> None:
    """Somebody holds a bed; who hunts them is noted; no way leads to any bed there."""
    told, own, meant = hunted(world), beds(world, a_house(world)), near != "nobody"
    stay = hold(world, told, own[0])
    hold(world, other(world), own[1], nights=FAR)
    with as_(world["vera"]) as vera:
        note(told, vera, spelt)
    tally.check(looks(told) == meant, f"{near} {spelt}: {looks(told)} second looks")
    for door, attempt in beds_again(world, told, own, stay):
        count(tally, f"{near} {spelt}: {door}", is_refused(attempt), meant)


def try_ways(world: World, tally: Tally, near: str, spelt: dict[str, str]) -> None:
    """Somebody has a seat; who hunts them is noted; no way leads to a seat beside them."""
    told, beside, meant = hunted(world), other(world), near != "nobody"
    with as_(world["vera"]) as vera:
        legs = {name: escorted(world, vera, name, near) for name in ("first", "second", "third")}
        dispatch.plan(beside.case(vera), Passage.Purpose.EXTRACTION, legs.values(), by=vera)
        way = dispatch.plan(told.case(vera), Passage.Purpose.EXTRACTION, [], by=vera)
        dispatch.take_seat(way, legs["first"], by=vera, vehicle=CAR)
        note(told, vera, spelt)
    tally.check(looks(told) == meant, f"{near} {spelt}: {looks(told)} second looks")
    for door, attempt in seat_again(world, told, legs, way):
        if not (near == "car" and door == "stand ready"):  # its car is named when the seat is taken
            count(tally, f"{near} {spelt}: {door}", is_refused(attempt), meant)


def escorted(world: World, vera: Any, name: str, near: str) -> Leg:
    leg = ride(vera, seats=4, hours=6 + len(name))
    return changing.change(leg, {"escort": world["otto"]}, by=vera) if near in ("escort", "nobody") else leg


def count(tally: Tally, words: str, refused: bool, meant: bool) -> None:
    tally.check(refused == meant, f"{words} was {'refused' if refused else 'let through'}")
    tally.count("let_through", meant and not refused)
    tally.count("false_refusals", refused and not meant)
    tally.count("doors")


@guarantee("N1")
def test_no_bed_under_one_roof_with_them(world: World, tally: Tally) -> None:
    for hunter in AT_NIGHT:
        for spelt in hunter.spellings():
            try_beds(world, tally, hunter.near, spelt)


@guarantee("N1")
def test_no_seat_beside_them_and_none_in_their_car(world: World, tally: Tally) -> None:
    for hunter in ON_THE_WAY:
        for spelt in hunter.spellings():
            try_ways(world, tally, hunter.near, spelt)


@guarantee("N1")
def test_strangers_are_refused_nothing(world: World, tally: Tally) -> None:
    for spelt in STRANGERS[: scale(len(STRANGERS), 1)]:
        try_beds(world, tally, "nobody", spelt)
        try_ways(world, tally, "nobody", spelt)


@guarantee("N1")
def test_nobody_of_theirs_is_let_in_interprets_or_is_rung(world: World, tally: Tally) -> None:
    told, free = hunted(world), hunted(world)
    with as_(world["vera"]) as vera:
        for spelt in (*named("Ахо Матти", "Berg Josef", "Zoric Jan", "Marsh Tom"), *RANG[:1]):
            note(told, vera, spelt)
        note(free, vera, STRANGERS[0])
    for case, meant in ((told, True), (free, False)):
        for door, attempt in let_near(world, case):
            count(tally, door, _kept_out(attempt), meant)


def let_near(world: World, told: Told) -> Iterator[tuple[str, Callable[[], Any]]]:
    until, today = timezone.now() + timedelta(days=3), timezone.localdate()
    for role, who in ((Role.HOST, "hanna"), (Role.ESCORT, "otto"), (Role.RECEIVER, "otto")):

        def admit(vera: Any, role: Role = role, who: str = who) -> Any:
            return access.admit(world[who], role, told.case_id, by=vera, reason="near", until=until, scope=uuid4())

        yield role, by_vera(world, admit)

    def agree(vera: Any) -> Any:
        row = Consent(
            case_id=told.case_id, purpose="contact", given_on=today, expires_on=today + NIGHTS, interpreter="Anna Zoric"
        )
        return recording.write(row, by=vera)

    yield "interpreter", by_vera(world, agree)
    for model in (Channel, AlarmContact):

        def ring(vera: Any, model: Any = model) -> Any:
            return recording.write(model(case_id=told.case_id, address=NUMBER), by=vera)

        yield model.__name__, by_vera(world, ring)


def _kept_out(attempt: Callable[[], Any]) -> bool:
    try:
        return is_refused(attempt)
    except recording.NotRecorded:
        return True


@guarantee("N1")
def test_a_car_that_is_seen_wakes_those_whom_it_hunts_and_nobody_else(world: World, tally: Tally) -> None:
    house, stranger = a_house(world), hunted(world)
    with as_(world["vera"]) as vera:
        note(stranger, vera, {"plate": "A 125 BC"})
    for spelt in ON_THE_WAY[2].spellings():
        told = hunted(world)
        with as_(world["vera"]) as vera:
            note(told, vera, spelt)
        with as_(world["hanna"]) as hanna:
            watching.report(house, "car", by=hanna, said={"words": "it stands there", "plate": "А 124 ВС 05"})
        do_jobs()
        woken, others = (owner.rows(ALARMS, one.case_id)[0][0] for one in (told, stranger))
        tally.check(woken >= 1 and others == 0, f"{spelt}: woken {woken}, others {others}")
        tally.count("alarms_missed", not woken)
        tally.count("false_alarms", others)

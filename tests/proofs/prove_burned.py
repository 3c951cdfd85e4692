"""H2: a burned house: all who knew are listed, all who sleep there have one move, nothing is half done, two people undo it."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from fiction import ground as fiction_ground
from fiction.telling import as_
from relocation.models import Whereabouts
from relocation.safety import access, vault
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from shelters import burning, hosting
from shelters.models import Bed, Burn, House, Stay
from tests.proofs import owner
from tests.proofs.crowd import at_once
from tests.proofs.prove_faults import Breaks, Broken, key_count, state
from tests.proofs.tally import Tally, guarantee, scale
from tests.proofs.telling import Told
from tests.proofs.world import World, fresh

pytestmark = pytest.mark.usefixtures("lasting")
BESIDE = ("shelters_house", "shelters_burn", "shelters_knower")
MOVES = "SELECT count(*) FROM relocation_deadline WHERE case_id = %s AND kind = 'move' AND done_at IS NULL"
LIVE = (
    "SELECT count(*) FROM relocation_casegrant g JOIN shelters_stay s ON s.id = g.scope "
    "WHERE s.house_id = %s AND g.expires_at > statement_timestamp()"
)
ROUNDS = 2_000  # statements of one burning, at most


def a_house(world: World, beds: int = 9) -> House:
    """A house of this proof's own, which Hanna keeps."""
    with as_(world["vera"]) as vera:
        return fiction_ground._house(f"Burned {uuid4().hex[:6]}", beds, world["hanna"], vera)


def sleeper(world: World, house: House, until: str) -> tuple[Told, Stay]:
    """Somebody who holds a bed there, or `coming` to it, `present` in it, or who has been there and is `past`."""
    told, today = fresh(world), timezone.localdate()
    window = (timezone.now() + timedelta(hours=12), timezone.now() + timedelta(hours=14))
    with as_(world["vera"]) as vera:
        taken = Stay.objects.standing().filter(house=house).values("bed_id")
        bed = Bed.objects.filter(house=house).exclude(pk__in=taken).first()
        assert bed is not None
        stay = hosting.hold(bed, told.case(vera), (today, today + timedelta(days=9)), window=window, by=vera)
        if until == "held":
            return told, stay
        hosting.confirm(stay, by=vera)
    if until == "coming":
        return told, stay
    with as_(world["hanna"]) as hanna:
        hosting.arrived(stay.pk, by=hanna)
    if until == "past":
        with as_(world["vera"]) as vera:
            hosting.release(stay, by=vera)
    return told, stay


def burn(world: World, house: House, by: str = "mara") -> Burn:
    with as_(world[by]) as account:
        return burning.burn(house.pk, by=account, reason="a car has waited for two days")


def knowers(world: World, house: House, present: Told, coming: Told) -> set[tuple[str, str]]:
    """Let people come to know of the house in every way there is; who then knows, and how."""
    with as_(world["ilya"]) as ilya:
        vault.reveal_alone(house, "address", by=ilya, reason="drives there", alone=lambda _house: True)
    with as_(world["mara"]) as mara:
        place = Whereabouts(case_id=present.case_id, by=mara, place=f"a room in {house.code}")
        place.save(force_insert=True)
        vault.reveal_alone(place, "place", by=mara, reason="brings medicine", alone=lambda _case: True)
    with as_(world["vera"]) as vera:
        ends = timezone.now() + timedelta(days=3)
        access.admit(world["otto"], Role.ESCORT, coming.case_id, by=vera, reason="drives", until=ends, scope=uuid4())
    return {("hanna", "keeper"), ("hanna", "host"), ("ilya", "address"), ("mara", "place"), ("otto", "escort")}


@guarantee("H2")
def test_all_who_knew_are_listed_and_all_who_sleep_there_have_one_move(world: World, tally: Tally) -> None:
    house = a_house(world)
    people = {until: sleeper(world, house, until)[0] for until in ("held", "coming", "present", "past")}
    detained, _stay = sleeper(world, house, "present")
    detained.step("detain", "vera", reason="at the station")
    stranger, _stay = sleeper(world, a_house(world), "present")
    wanted = knowers(world, house, people["present"], people["coming"])
    row = burn(world, house)

    asked = (
        "SELECT a.username, k.how FROM shelters_knower k JOIN relocation_account a ON a.id = k.account_id WHERE k.burn_id = %s"
    )
    listed = set(owner.rows(asked, row.pk))
    for one in wanted | listed:
        tally.check((one in wanted) == (one in listed), f"{one}: knew {one in wanted}, listed {one in listed}")
    tally.count("knew", len(wanted))
    tally.count("listed", len(listed & wanted))
    for until, told in people.items():
        moves = owner.rows(MOVES, told.case_id)[0][0]
        tally.check(moves == (until != "past"), f"{until}: {moves} open moves")
        tally.check((standing(told) == "compromised") == (until != "past"), f"{until} is {standing(told)}")
    tally.check(standing(detained) == "detained" and owner.rows(MOVES, detained.case_id)[0][0] == 1, "the detained one")
    tally.check(standing(stranger) == "active", "somebody of another house")
    tally.check(owner.rows(LIVE, house.pk)[0][0] == 0, "a host still sees a stay")
    tally.check(not live_escort(people["coming"].case_id), "an escort still leads there")
    tally.check(not taken_on(world, house), "it still takes people")


def live_escort(case_id: UUID) -> int:
    found: int = owner.rows(
        "SELECT count(*) FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id "
        "WHERE g.case_id = %s AND p.codename = 'escort' AND g.expires_at > statement_timestamp()",
        case_id,
    )[0][0]
    return found


def standing(told: Told) -> str:
    return str(owner.rows("SELECT standing FROM relocation_case WHERE id = %s", told.case_id)[0][0])


def taken_on(world: World, house: House) -> bool:
    """Whether somebody can still be placed there."""
    try:
        sleeper(world, house, "held")
    except hosting.HouseClosed:
        return False
    return True


@guarantee("H2")
def test_it_happens_at_once_or_not_at_all(world: World, tally: Tally) -> None:
    house = a_house(world)
    sleeper(world, house, "present")
    sleeper(world, house, "coming")
    after, stride = 0, scale(1, 15)
    while after < ROUNDS:
        before, keys = whole(), key_count()
        try:
            with connection.execute_wrapper(Breaks(after)):
                burn(world, house)
        except Broken:
            held = whole() == before and key_count() == keys
            tally.check(held, f"broken before statement {after + 1}, something stayed")
            tally.count("partial_states", not held)
            after += stride
            continue
        tally.check(whole() != before, "it did nothing")
        break
    tally.count("fault_points", after // stride)


def whole() -> list[Any]:
    """What a burning writes: as for a step, and the house's own rows."""
    told = "SELECT count(*), md5(string_agg(md5(x::text), '' ORDER BY x::text)) FROM {} x"
    return [*state(), *((table, owner.rows(told.format(table))) for table in BESIDE)]


@guarantee("H2")
def test_however_many_press_it_is_burned_once(world: World, tally: Tally) -> None:
    house, many = a_house(world), scale(50, 12)
    told, _stay = sleeper(world, house, "present")
    outcomes = at_once(lambda number: burn(world, house, ("mara", "ilya")[number % 2]), many)
    tally.check(outcomes == {"done": many}, f"{dict(outcomes)}")
    counts = {
        "burns": owner.rows("SELECT count(*) FROM shelters_burn WHERE house_id = %s", house.pk)[0][0],
        "moves": owner.rows(MOVES, told.case_id)[0][0],
        "alarms": owner.rows("SELECT count(*) FROM relocation_alarm WHERE case_id = %s", told.case_id)[0][0],
    }
    for name, number in counts.items():
        tally.check(number == 1, f"{number} {name}")
    tally.count("pressed", many)


@guarantee("H2")
def test_two_people_undo_it_and_nobody_else_and_no_other_way(world: World, tally: Tally) -> None:
    house = a_house(world)
    row = burn(world, house)
    for number, attempt in enumerate(alone(world, house, row)):
        with suppress(DatabaseError, Denied, burning.NotSafe):
            attempt()
        tally.check(owner.rows("SELECT compromised_at FROM shelters_house WHERE id = %s", house.pk)[0][0], f"attempt {number}")
    tally.count("undone_by_one", 0)
    with as_(world["ilya"]) as ilya:
        tally.check(burning.safe_again(row, by=ilya, reason="I was there", device="two"), "the honest way is closed")
    tally.check(owner.rows("SELECT is_open FROM shelters_house WHERE id = %s", house.pk)[0][0], "it is not open again")


def alone(world: World, house: House, row: Burn) -> Iterator[Any]:
    """What one person, or somebody who does not answer for the house, may try; the last leaves Mara's half standing."""
    by_hand = (
        "UPDATE shelters_house SET compromised_at = NULL, is_open = true WHERE id = %s",
        "UPDATE shelters_house SET is_open = true WHERE id = %s",
        "UPDATE shelters_burn SET undone_at = now(), undone_by_id = by_id WHERE house_id = %s",
        "DELETE FROM shelters_burn WHERE house_id = %s",
    )
    for who in ("mara", "vera", "hanna"):
        for statement in by_hand:
            yield lambda who=who, statement=statement: raw(world, who, statement, house.pk)
    for who, device in (("charlie", "x"), ("vera", "x"), ("mara", ""), ("mara", "one"), ("mara", "two"), ("ilya", "one")):
        yield lambda who=who, device=device: say(world, who, row, device)


def raw(world: World, who: str, statement: str, house_id: UUID) -> None:
    with as_(world[who]), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [house_id])


def say(world: World, who: str, row: Burn, device: str) -> None:
    with as_(world[who]) as account:
        burning.safe_again(row, by=account, reason="it is safe", device=device)

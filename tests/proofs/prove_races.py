"""G14 to G17: who comes first wins alone, nothing is given twice or lost, and what has ended does not come back."""

import random
import time
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fiction.telling import as_
from logistics import dispatch
from logistics.check_ins import log
from logistics.models import Leg, Passage
from relocation.journey import custody, facts
from relocation.journey.advance import advance
from relocation.models import Identity, Stage
from relocation.safety import access, vault
from relocation.safety.policy import Role
from shelters import hosting
from shelters.models import Bed
from tests.proofs import owner
from tests.proofs.crowd import at_once
from tests.proofs.matrix import SignIn
from tests.proofs.tally import SEED, Tally, guarantee, scale
from tests.proofs.world import World, fresh

pytestmark = pytest.mark.usefixtures("lasting")
TAKEN = "SELECT bed_id FROM shelters_stay WHERE state IN ('held', 'confirmed', 'arrived')"
LEADS = """SELECT count(*) FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id
           WHERE g.case_id = %s AND p.codename = 'lead' AND g.expires_at > now()"""
ENTRIES = "SELECT count(*) FROM relocation_ledgerentry WHERE case_id = %s AND what = %s"


@guarantee("G14")
def test_of_many_who_take_the_same_step_one_does(world: World, tally: Tally) -> None:
    told, many = fresh(world), scale(50, 12)
    for number in range(scale(20, 4)):
        name = ("hold", "resume")[number % 2]
        told_facts = facts.OnHold(timezone.localdate()) if name == "hold" else None
        with as_(world["vera"]):
            version = told.version()

        def take(_number: int, name: str = name, version: int = version, told_facts: Any = told_facts) -> None:
            with as_(world["vera"]) as vera:
                advance(told.case_id, name, by=vera, version=version, reason="waits", facts=told_facts)

        before = owner.rows(ENTRIES, told.case_id, f"step.{name}")[0][0]
        outcomes = at_once(take, many)
        tally.check(outcomes == {"done": 1, "Stale": many - 1}, f"round {number}: {dict(outcomes)}")
        tally.check(owner.rows(ENTRIES, told.case_id, f"step.{name}")[0][0] == before + 1, f"round {number}: entries")
        tally.count("double_wins", max(0, outcomes["done"] - 1))
    tally.count("threads", many)


@guarantee("G14")
def test_of_many_leads_named_at_once_one_leads(world: World, tally: Tally) -> None:
    told, names = fresh(world), ("nina", "ilya", "sven", "rolf")
    for number in range(scale(10, 2)):
        with as_(world["greta"]) as greta:
            code = owner.rows("SELECT code FROM relocation_case WHERE id = %s", told.case_id)[0][0]
            circle = custody.find(code, by=greta)  # what every one of them looked at before
            assert circle is not None

        def name(who: int, circle: custody.Circle = circle) -> None:
            with as_(world["greta"]) as greta:
                custody.let_in(circle, world[names[who]], Role.LEAD, by=greta, reason="leads from now on")

        outcomes = at_once(name, len(names))
        leads = owner.rows(LEADS, told.case_id)[0][0]
        tally.check(leads == 1, f"round {number}: {leads} leads, {dict(outcomes)}")
        tally.check(set(outcomes) <= {"done", "NotGiven"}, f"round {number}: {dict(outcomes)}")
        tally.count("second_leads", max(0, leads - 1))


@guarantee("G15")
def test_a_bed_is_given_once(world: World, tally: Tally) -> None:
    told = [fresh(world).until(Stage.ACCEPTED) for _ in range(2)]
    today = timezone.localdate()
    window = (timezone.now(), timezone.now() + timedelta(hours=2))
    with as_(world["vera"]):
        bed = Bed.objects.exclude(pk__in=[pk for (pk,) in owner.rows(TAKEN)]).first()
        assert bed is not None

    def take(number: int) -> None:
        with as_(world["vera"]) as vera:
            hosting.hold(
                bed, told[number % 2].case(vera), (today, today + timedelta(days=3 + number % 3)), window=window, by=vera
            )

    many = scale(100, 16)
    outcomes = at_once(take, many)
    tally.check(outcomes == {"done": 1, "BedTaken": many - 1}, f"beds: {dict(outcomes)}")
    standing = owner.rows("SELECT count(*) FROM shelters_stay WHERE bed_id = %s AND state = 'held'", bed.pk)
    tally.check(standing == [(1,)], f"stays in one bed: {standing}")
    tally.count("overbooked", standing[0][0] - 1)


@guarantee("G15")
def test_a_seat_is_given_once(world: World, tally: Tally) -> None:
    many, now = scale(100, 12), timezone.now()
    told = [fresh(world) for _ in range(scale(6, 3))]
    with as_(world["vera"]) as vera:
        leg = Leg(mode="car", from_place="A", to_place="B", departs_at=now, arrives_at=now + timedelta(hours=3), seats=2)
        leg = dispatch.add_leg(leg, by=vera)
        ways = [dispatch.plan(one.case(vera), "extraction", [], by=vera) for one in told]

    def take(number: int) -> None:
        with as_(world["vera"]) as vera:
            dispatch.take_seat(Passage.objects.get(pk=ways[number % len(ways)].pk), leg, by=vera)

    outcomes = at_once(take, many)
    tally.check(outcomes == {"done": 2, "NoSeat": many - 2}, f"seats: {dict(outcomes)}")
    taken = "SELECT count(*), count(DISTINCT number), count(DISTINCT case_id) FROM logistics_seat WHERE leg_id = %s"
    tally.check(owner.rows(taken, leg.pk) == [(2, 2, 2)], f"seats on the leg: {owner.rows(taken, leg.pk)}")


@guarantee("G16")
def test_whoever_comes_too_late_keeps_what_they_wrote_and_sees_who_was_first(
    world: World, signed_in: SignIn, tally: Tally
) -> None:
    told = fresh(world)
    path = reverse("desk:step", args=[told.case_id, "hold"])
    client = signed_in(world["vera"])
    stale = {
        "do": "take",
        "version": "0",
        "reason": "what I had written",
        "review_on": str(timezone.localdate() + timedelta(days=2)),
    }
    told.step("hold", "vera", reason="the first words", facts=facts.OnHold(timezone.localdate()))
    answer = client.post(path, stale)
    page = answer.content.decode()
    tally.check(answer.status_code == 409, f"a stale form was answered {answer.status_code}")
    tally.check("what I had written" in page, "what was typed is lost")
    tally.check("Vera Lind" in page, "who was first is not said")
    with as_(world["vera"]):
        tally.check(told.version() == 1, "the stale form moved the case")
    kept = owner.rows("SELECT count(*) FROM relocation_ledgerentry WHERE case_id = %s AND what = 'step.hold'", told.case_id)
    tally.check(kept == [(1,)], "the first one's words are lost")
    answer = client.post(reverse("desk:step", args=[told.case_id, "resume"]), {"do": "take", "version": "99"})
    tally.check(answer.status_code == 409, "a version from the future was taken")


@guarantee("G17")
def test_a_session_that_ended_is_not_saved_again(world: World, signed_in: SignIn, tally: Tally) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for _ in range(scale(20, 5)):
        client = signed_in(world["vera"])
        in_flight = store(client.cookies[settings.SESSION_COOKIE_NAME].value)
        in_flight["words"] = "written while somebody signed out"
        client.post(reverse("sign-out"))
        try:
            in_flight.save()
            tally.check(False, "a dead session was saved")
        except UpdateError:
            tally.check(not store().exists(in_flight.session_key), "a dead session came back")
        tally.check(client.get("/cases/").status_code == 302, "a dead session opened a page")


@guarantee("G17")
def test_what_is_downloaded_ends_with_the_grant(world: World, signed_in: SignIn, tally: Tally) -> None:
    told = fresh(world).until(Stage.APPLYING)
    document, scan = owner.rows("SELECT document_id, id FROM relocation_scan WHERE case_id = %s LIMIT 1", told.case_id)[0]
    path = reverse("desk:scan", args=[told.case_id, document, scan])
    client = signed_in(world["sven"])
    for _ in range(scale(20, 4)):
        with as_(world["mara"]) as mara:
            access.admit(world["sven"], Role.WORKER, told.case_id, by=mara, reason="for a while")
        before = fetch(client, path)
        with as_(world["mara"]) as mara:
            access.dismiss(world["sven"], Role.WORKER, told.case_id, by=mara)
        after = fetch(client, path)
        tally.check((before, after) == (200, 404), f"granted {before}, revoked {after}")


def fetch(client: Client, path: str) -> int:
    """Ask for a file as a form does, and follow its link."""
    return int(client.post(path, follow=True).status_code)


@guarantee("G17")
def test_a_soak_of_everything_at_once_knows_no_deadlock(world: World, tally: Tally) -> None:
    told, until = [fresh(world) for _ in range(3)], time.monotonic() + scale(60, 4)

    def work(number: int) -> None:
        chance = random.Random(SEED * 1000 + number)
        while time.monotonic() < until:
            deeds = (hold_or_resume, let_in_or_out, look, called)
            chance.choice(deeds)(world, chance.choice(told))

    def hold_or_resume(world: World, one: Any) -> None:
        with as_(world["vera"]) as vera:
            case = one.case(vera)
            name, told_facts = ("resume", None) if case.standing == "on_hold" else ("hold", facts.OnHold(timezone.localdate()))
            tried(lambda: advance(one.case_id, name, by=vera, version=case.version, reason="waits", facts=told_facts))

    def let_in_or_out(world: World, one: Any) -> None:
        with as_(world["mara"]) as mara:
            tried(lambda: access.admit(world["nina"], Role.WORKER, one.case_id, by=mara, reason="papers"))
            tried(lambda: access.dismiss(world["nina"], Role.WORKER, one.case_id, by=mara))

    def look(world: World, one: Any) -> None:
        with as_(world["vera"]) as vera:
            vault.reveal(Identity.objects.filter(case_id=one.case_id)[0], "surname", by=vera, reason="to call them")

    def called(world: World, one: Any) -> None:
        with as_(world["vera"]) as vera:
            log(one.case(vera), "no_answer", by=vera, channel="phone")

    outcomes = at_once(work, scale(12, 6))
    tally.check(outcomes["deadlock"] == 0, f"deadlocks: {dict(outcomes)}")
    tally.check(set(outcomes) == {"done"}, f"outcomes: {dict(outcomes)}")
    tally.count("deadlocks", outcomes["deadlock"])


def tried(act: Any) -> None:
    """Somebody else may have been first, which is what a soak is for; anything but that is told."""
    from django.db import IntegrityError, transaction

    from relocation.safety.refusal import Refusal

    try:
        with transaction.atomic():
            act()
    except (Refusal, IntegrityError):
        return

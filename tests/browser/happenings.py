"""What the browser's world has besides the invented one: a wave with money, a proposal, an alarm, a burned house."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import uuid4

from django.utils import timezone

from fiction.ground import Ground
from fiction.story import as_
from fiction.telling import do_jobs
from logistics.models import Expense, Limit
from logistics.money import budgets, limits, spending
from relocation.journey import answering, waves
from relocation.models import Account, Alarm, Case, Wave
from relocation.safety import keys
from shelters import burning
from shelters.models import Bed, Burn, House, Proposal, Room
from shelters.placement import proposing

TOGETHER = ("Kestrel", "Plover", "Heron", "Sanderling", "Siskin")


def happen(ground: Ground) -> None:
    """Whatever of it has not happened yet."""
    with as_(ground["mara"]) as mara:
        wave = Wave.objects.visible_to(mara).first() or _wave(mara)
        if not Limit.objects.exists():
            limits.propose("EUR", 50_000, by=mara, device="device of mara")
        if not Alarm.objects.filter(closed_at=None).exists():
            answering.sound(_case("Osprey", mara), by=mara)
        if not Burn.objects.exists():
            burning.burn(_cedar(ground), by=mara, reason="The landlord's brother asked who lives there.")
    with as_(ground["vera"]) as vera:
        if not Expense.objects.exists():
            _spend(vera)
        if not Proposal.objects.exists():
            _propose(vera, wave)
    do_jobs()


def _case(alias: str, by: Account) -> Case:
    return Case.objects.visible_to(by).get(alias=alias)


def _wave(by: Account) -> Wave:
    wave = waves.begin("Basalt", Wave.Purpose.DEPARTURE, timezone.localdate() + timedelta(days=20), by=by)
    waves.add(wave, [_case(alias, by).pk for alias in TOGETHER], by=by)
    budgets.plan_wave(wave.pk, "EUR", 1_200_000, by=by)
    return wave


def _spend(by: Account) -> None:
    kestrel, today = _case("Kestrel", by), timezone.localdate()
    budgets.plan(kestrel, "EUR", 250_000, by=by)
    for category, currency, minor in (("housing", "EUR", 18_000), ("food", "RUB", 430_050), ("departure", "EUR", 9_900)):
        paid = spending.Payment(category, currency, minor, today, payee="the usual one")
        spending.enter(kestrel, paid, by=by, device="device of vera")


def _propose(by: Account, wave: Wave) -> None:
    nights = timezone.localdate(), timezone.localdate() + timedelta(days=14)
    people = [_case(alias, by).pk for alias in ("Curlew", "Avocet", "Linnet")]
    proposing.ask(uuid4(), people, nights, (time(18), time(21)), by=by, wave=wave)


def _cedar(ground: Ground) -> object:
    """A house of one bed in which nobody ever slept."""
    house = House(code="Cedar", organisation=ground["mara"].organisation)
    keys.new_key(house.pk)
    house.save(force_insert=True)
    Bed.objects.create(house=house, room=Room.objects.create(house=house, name="Room 1"), name="bed 1")
    return house.pk

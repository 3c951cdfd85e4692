"""A wave of referrals imported, compared for duplicates and triaged, against one form at a time through the same doors.

Triage is what makes a referral workable: its lead is named, the look for duplicates is written down, and verifying starts. One
form at a time, each person is compared with everybody known so far; that grows with the cases, so that forms are measured in
empty tables and again in full ones, and the mean of both stands for all of them.
"""

from __future__ import annotations

import csv
import io
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from uuid import UUID, uuid4

from django.utils import timezone

from benchmarks import ground
from benchmarks.figure import Figure, Pairs, figure
from fiction import ground as fiction_ground
from fiction.ground import Ground
from relocation.intake import importing
from relocation.journey import turns, waves
from relocation.journey.advance import advance
from relocation.journey.referring import assign
from relocation.journey.turns import Chosen
from relocation.models import Account, Case, DuplicateCheck, Turn
from relocation.safety.actor import acting_as
from relocation.safety.keys import keys_in_hand

SIZES = {"full": (1000, 12), "small": (60, 4)}  # people, forms at each end
HEADER = ("№", "Фамилия", "Имя", "Дата рождения", "Телефон", "Согласие на связь")
SURNAMES = ("Цаплин", "Чижов", "Стрижов", "Дятлов", "Щеглов", "Скворцов", "Журавлёв", "Воробьёв", "Зябликов", "Чайкин")
NAMES = ("Адам", "Артём", "Денис", "Пётр", "Руслан", "Тимур", "Юрий", "Ильяс", "Марат", "Даниил")


def measure(scale: str) -> Iterator[Figure]:
    """Seconds for one person, of a whole wave and of single forms; then the memory of the second half against the first."""
    many, forms = SIZES[scale]
    laid = fiction_ground.lay()
    with_empty_tables = [_form(laid, number) for number in range(many, many + forms)]
    each = _whole(laid, range(many)) / many
    with_full_tables = [_form(laid, number) for number in range(many + forms, many + 2 * forms)]
    mean = [(first + last) / 2 for first, last in zip(with_empty_tables, with_full_tables, strict=True)]
    pairs = Pairs([each] * forms, mean)
    yield figure("wave", pairs, ">= 20", against="one form at a time, for one person")
    yield _memory(laid, many + 2 * forms, many // 2)


def _whole(laid: Ground, numbers: Iterable[int]) -> float:
    """Import, compare and triage them all at once; returns the seconds that it took."""
    mara, vera = laid["mara"], laid["vera"]
    began = time.perf_counter()
    with acting_as(mara.pk):
        seen = importing.look(_file(numbers), "wave.csv", by=mara)
        added = importing.save(seen.new, by=mara).added
    _triage(added, mara, vera)
    return time.perf_counter() - began


def _triage(added: list[UUID], mara: Account, vera: Account) -> None:
    """Name the lead of each, note the look for duplicates, put them into a wave, and start verifying for all of them."""
    with ground.acting(mara), keys_in_hand():
        for case_id in added:
            assign(case_id, vera, by=mara, reason="has room")
        wave = waves.begin("Slate", "extraction", timezone.localdate(), by=mara)
        waves.add(wave, added, by=mara)
    with ground.acting(vera), keys_in_hand():
        for case_id in added:
            DuplicateCheck(case_id=case_id, by=vera).save(force_insert=True)
        chosen = [Chosen(case_id, 0) for case_id in added]
        asked = turns.ask(wave, "verify", chosen, {}, token=uuid4(), reason="", by=vera, device="device")
    with acting_as(vera.pk), keys_in_hand():
        turns.take_all(asked)
    with ground.acting(vera):
        if Turn.objects.filter(wavestep=asked, outcome=Turn.Outcome.DONE).count() != len(added):
            raise AssertionError("somebody of the wave was not triaged")


def _form(laid: Ground, number: int) -> float:
    """The same for one person, through the same doors; returns the seconds that it took."""
    mara, vera = laid["mara"], laid["vera"]
    began = time.perf_counter()
    with acting_as(mara.pk):
        seen = importing.look(_file([number]), "one.csv", by=mara)
        (case_id,) = importing.save(seen.new, by=mara).added
    with ground.acting(mara):
        assign(case_id, vera, by=mara, reason="has room")
    with ground.acting(vera):
        DuplicateCheck(case_id=case_id, by=vera).save(force_insert=True)
        advance(Case.objects.visible_to(vera).get(pk=case_id), "verify", by=vera, version=0)
    return time.perf_counter() - began


def _memory(laid: Ground, first: int, half: int) -> Figure:
    """Peak bytes of Python while a second half is imported, against the first half."""
    peaks = []
    for start in (first, first + half):
        tracemalloc.start()
        with acting_as(laid["mara"].pk):
            importing.save(importing.look(_file(range(start, start + half)), "half.csv", by=laid["mara"]).new, by=laid["mara"])
        peaks.append(float(tracemalloc.get_traced_memory()[1]))
        tracemalloc.stop()
    return figure("wave_memory", Pairs([peaks[1]], [peaks[0]]), "<= 1.5", against="peak memory of the half before (bytes)")


def _file(numbers: Iterable[int]) -> io.BytesIO:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([HEADER, *map(_person, numbers)])
    return io.BytesIO(text.getvalue().encode())


def _person(number: int) -> tuple[str, ...]:
    """An invented person with a birth date and a phone of their own."""
    birth = f"{number % 28 + 1:02}.{number % 12 + 1:02}.{1960 + number % 45}"
    phone = f"+7 9{number % 90 + 10} {number // 90:07}"
    return str(number), SURNAMES[number % 10], NAMES[number // 10 % 10], birth, phone, "да"

"""A wave of referrals imported, compared for duplicates and triaged, against one form at a time through the same doors.

Triage is what makes a referral workable: its lead is named, the look for duplicates is noted, and verifying has begun. Both ways
go over the pages that people have, without a server and a network in between, and do the jobs that these leave. One at a time,
each person is compared with everybody known so far; that grows with the cases, so that single forms are measured in empty tables
and again in full ones, and the mean of both stands for all of them.
"""

from __future__ import annotations

import csv
import io
import re
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks import ground
from benchmarks.figure import Figure, Pairs, figure
from fiction import ground as fiction_ground
from fiction.ground import Ground
from fiction.telling import do_jobs
from relocation.intake import importing
from relocation.journey import triage
from relocation.models import Case, Stage, Wave
from relocation.safety.actor import acting_as

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


def _whole(laid: Ground, numbers: range) -> float:
    """Import, compare and triage them all at once; returns the seconds that it took."""
    mara, vera = ground.browser(laid["mara"]), ground.browser(laid["vera"])
    before, began = _verifying(laid), time.perf_counter()
    _import(mara, numbers)
    _post(mara, reverse("desk:wave_new"), alias="Slate", purpose="extraction", leaves_on=timezone.localdate())
    wave = _wave(laid)
    while waiting := _waiting(laid):
        told = {"people": waiting, "leads": [laid["vera"].pk], "reason": "has room", "wave": wave.pk}
        _post(mara, reverse("desk:triage"), **told)
    step = reverse("desk:wave_step", args=[wave.pk, "verify"])
    page = vera.get(step).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    _post(vera, step, token=token[1], people=re.findall(r'name="people" value="([^"]+)"', page), reason="they are whom they say")
    do_jobs()
    took = time.perf_counter() - began
    _insist(laid, before + len(numbers))
    return took


def _form(laid: Ground, number: int) -> float:
    """The same for one person, as somebody does it who has one form at a time; returns the seconds that it took."""
    mara, vera = ground.browser(laid["mara"]), ground.browser(laid["vera"])
    before, began = _verifying(laid), time.perf_counter()
    page = _import(mara, range(number, number + 1))
    opened = re.search(r"/cases/([0-9a-f-]{36})/", page)
    assert opened
    case, people, step = (
        reverse(f"desk:{name}", args=[opened[1], *rest]) for name, *rest in (("case",), ("people",), ("step", "verify"))
    )
    for address in (case, people):
        mara.get(address)
    _post(mara, people, role="lead", account=laid["vera"].pk, reason="has room")
    for address in (case, step):
        vera.get(address)
    _post(vera, step, do="take", version=0, reason="they are whom they say")
    do_jobs()
    took = time.perf_counter() - began
    _insist(laid, before + 1)
    return took


def _import(mara: Client, numbers: range) -> str:
    """Upload a file, look at it, agree, have it imported; returns the page that lists the cases."""
    mara.get(reverse("desk:referrals"))
    file = SimpleUploadedFile("wave.csv", _file(numbers).getvalue())
    looked = _post(mara, reverse("desk:referrals"), file=file)
    _post(mara, looked, **{"import": ""})
    do_jobs()
    return mara.get(looked).content.decode()


def _post(browser: Client, address: str, **told: Any) -> str:
    """Send a form, and look at the page that it leads to; returns that page's address."""
    answer = browser.post(address, told)
    if answer.status_code != 302:
        raise AssertionError(f"a form was not taken: {answer.status_code}")
    browser.get(answer["Location"])
    return answer["Location"]


def _waiting(laid: Ground) -> list[str]:
    """Whoever stands on the page of those without a lead."""
    with ground.acting(laid["mara"]):
        return [str(pk) for pk in triage.without_lead(laid["mara"]).values_list("pk", flat=True)[:100]]


def _wave(laid: Ground) -> Wave:
    with ground.acting(laid["mara"]):
        return Wave.objects.kept_by(laid["mara"]).get()


def _verifying(laid: Ground) -> int:
    """How many cases have come as far as this."""
    with ground.acting(laid["vera"]):
        return Case.objects.visible_to(laid["vera"]).filter(stage=Stage.VERIFYING).count()


def _insist(laid: Ground, many: int) -> None:
    if _verifying(laid) != many:
        raise AssertionError("somebody was not triaged")


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

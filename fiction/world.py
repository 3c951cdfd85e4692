"""A small world to look around in: people of every stage, told by the same story as the walkthrough."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta

from django.utils import timezone

from fiction import ground, living, spent
from fiction.ground import Ground
from fiction.living import Living
from fiction.somebody import Somebody, open_case, traveller
from fiction.story import Story, as_
from logistics.check_ins import log
from relocation.journey import facts, household, recording
from relocation.models import Case, Organisation, PastAttempt, Pursuer, Stage, Vehicle
from shelters.closing import close
from shelters.keeping import inspect
from shelters.models import Closure, Inspection, Sighting
from shelters.watching import report

PEOPLE = (
    Somebody("Kestrel", "Эльфова", "Алёна", ("ELFOVA", "ALENA"), date(1992, 4, 28), Stage.DOCUMENTING, ("ru", "ce"), ("step-free room",), "late"),
    Somebody("Plover", "Чижов", "Лёма", ("CHIZHOV", "LEMA"), date(1990, 6, 2), Stage.LODGED, ("ru", "av"), (), "asked"),
    Somebody("Heron", "Скворцов", "Адам", ("SKVORTSOV", "ADAM"), date(1989, 1, 17), Stage.EXTRACTING, ("ru", "inh"), ("no dairy",), "expected"),
    Somebody("Curlew", "Цаплина", "Яна", ("TSAPLINA", "IANA"), date(1991, 2, 3), Stage.ACCEPTED, ("ru",)),
    Somebody("Avocet", "Дятлов", "Артём", ("DIATLOV", "ARTEM"), date(1995, 10, 4), Stage.VERIFYING, ("ru",)),
    Somebody("Dunlin", "Журавлёва", "Заира", ("ZHURAVLEVA", "ZAIRA"), date(1984, 1, 6), Stage.GRANTED, ("ru", "ce")),
    Somebody("Sanderling", "Воробьёв", "Пётр", ("VOROBEV", "PETR"), date(1976, 8, 6), Stage.SHELTERED, ("ru",), ("medicine at 8 and 20",)),
    Somebody("Osprey", "Щеглова", "Екатерина", ("SHCHEGLOVA", "EKATERINA"), date(1992, 12, 20), Stage.TRAVELLING, ("ru",)),
    Somebody("Linnet", "Зябликов", "Адам", ("ZIABLIKOV", "ADAM"), date(1995, 3, 20), Stage.REFERRED, ("ru", "inh")),
    Somebody("Teal", "Юркова", "Эльза", ("IURKOVA", "ELZA"), date(1976, 5, 7), Stage.RESETTLED, ("ru",)),
    Somebody("Siskin", "Стрижов", "Артём", ("STRIZHOV", "ARTEM"), date(1985, 9, 9), Stage.APPLYING, ("ru",)),
)  # fmt: skip


def is_empty() -> bool:
    """Whether nobody has laid any ground yet."""
    return not Organisation.objects.exists()


def fill(password: str | None = None, as_owner: Callable[[str], AbstractContextManager[None]] | None = None) -> Iterator[str]:
    """Fill an empty database, one sentence at a time. Only with `as_owner` some of it lies in the past, and was reported."""
    laid = ground.lay(password)
    ground.open_houses(laid, living.HOUSES)
    yield "organisations, posts, houses and the cast"
    stories: dict[str, Story] = {}
    for number, somebody in enumerate((*PEOPLE, *living.PEOPLE)):
        stories[somebody.alias] = _live(somebody, laid, number)
        yield f"{somebody.alias}: {Stage(somebody.stage).label}"
    _look_after(laid)
    yield "houses looked after"
    _looked_for(laid)
    yield "somebody looks for Kestrel"
    _travel_together("Curlew", "Avocet", laid)
    yield "Curlew and Avocet travel together"
    wave = Living(laid, stories)
    yield from wave.tell()
    yield from spent.tell(wave, as_owner)


def _look_after(laid: Ground) -> None:
    """Alder was looked at and is closed for a few nights; a car waited near Birch."""
    today = timezone.localdate()
    with as_(laid["mara"]) as mara:
        alder, birch = laid.houses["Alder"], laid.houses["Birch"]
        look = Inspection(house=alder, on=today, result=Inspection.Result.GOOD, next_due=today + timedelta(days=90))
        look.finding = "Both ways out are free; a new lock since spring."
        inspect(look, by=mara)
        bed = alder.beds.order_by("-name")[0]
        close(alder, (today + timedelta(days=5), today + timedelta(days=8)), by=mara, why=Closure.Why.REPAIRS, part=bed)
        report(birch, Sighting.What.CAR, by=mara, said={"vehicle": "grey van", "plate": "A 123 BC"})


def _looked_for(laid: Ground) -> None:
    """Kestrel's brother found her once, and waited at the station the second time."""
    with as_(laid["vera"]) as vera:
        kestrel = Case.objects.visible_to(vera).get(alias="Kestrel")
        for row in (
            Pursuer(name="Эльфов Руслан", relation="brother", phone="+79990004411", note="asks in their town"),
            Vehicle(plate="Н 735 ОХ 05", look="dark Priora"),
            PastAttempt(
                when="2026-05", where="a cousin’s flat", words="He stood at the door with two others; she left by the yard."
            ),
            PastAttempt(when="about August 2026", where="the station", words="He waited there for a day. She had been warned."),
        ):
            row.case = kestrel
            recording.write(row, by=vera)


def _travel_together(one: str, other: str, laid: Ground) -> None:
    with as_(laid["vera"]) as vera:
        cases = {case.alias: case for case in Case.objects.visible_to(vera)}
        household.join(cases[one], cases[other], by=vera)


def _live(somebody: Somebody, laid: Ground, number: int) -> Story:
    house = living.BURNED if number >= len(PEOPLE) else "Alder" if number < 5 else "Birch"
    silent_for = timedelta(hours=5 if somebody.afterwards == "late" else 0)
    story = Story(laid, open_case(somebody, laid), traveller(somebody, number), house=house, silent_for=silent_for)
    story.to(somebody.stage)
    AFTERWARDS.get(somebody.afterwards, lambda story: None)(story)
    return story


def _asked_for_more(story: Story) -> None:
    week = timezone.localdate() + timedelta(days=7)
    story.step(
        "defer",
        "elise",
        facts=facts.MoreAsked(story.application().pk, asked="Proof of the family link.", answer_by=week),
    )


def _no_answer(story: Story) -> None:
    with as_(story.ground["vera"]) as vera:
        log(story.case(vera), "no_answer", by=vera, channel="phone")


def _expected(story: Story) -> None:
    story.hold_bed()


AFTERWARDS = {"late": _no_answer, "asked": _asked_for_more, "expected": _expected}

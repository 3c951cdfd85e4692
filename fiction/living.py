"""A wave under way in the world: some have a bed, some a seat, one house is burned, and somebody must be brought away."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from fiction import seats
from fiction.ground import Ground
from fiction.somebody import Somebody
from fiction.story import Story, as_, do_jobs
from relocation.journey import answering, approvals, facts, household, turns, waves
from relocation.models import Approval, BorderCheck, Paper, Stage, Wave
from relocation.paperwork.issue import issue
from shelters import burning, hosting, moving
from shelters.models import Bed, Stay
from shelters.placement import proposing

LEAVES_IN = timedelta(days=10)
HOUSES, BURNED, OTHER = {"Cedar": 6, "Elm": 4}, "Elm", "Cedar"
PEOPLE = (
    Somebody("Redstart", "Лугова", "Амина", ("LUGOVA", "AMINA"), date(1994, 3, 11), Stage.GRANTED, ("ru", "ce")),
    Somebody("Whinchat", "Лугов", "Тимур", ("LUGOV", "TIMUR"), date(1990, 7, 2), Stage.GRANTED, ("ru", "ce")),
    Somebody("Wagtail", "Орешкин", "Денис", ("ORESHKIN", "DENIS"), date(1987, 5, 30), Stage.SHELTERED),
    Somebody("Bunting", "Полянская", "Вера", ("POLIANSKAIA", "VERA"), date(1983, 2, 14), Stage.ACCEPTED, ("ru",), ("two cats",)),
    Somebody("Fieldfare", "Полянский", "Марк", ("POLIANSKII", "MARK"), date(1981, 11, 8), Stage.ACCEPTED),
    Somebody("Nuthatch", "Ивушкин", "Руслан", ("IVUSHKIN", "RUSLAN"), date(1998, 9, 21), Stage.ACCEPTED, ("ru", "av")),
    Somebody("Dipper", "Рощина", "Софья", ("ROSHCHINA", "SOFIA"), date(1979, 12, 1), Stage.ACCEPTED, needs=("step-free room",)),
    Somebody("Dotterel", "Камнева", "Лейла", ("KAMNEVA", "LEILA"), date(2001, 4, 17), Stage.ACCEPTED, ("ru", "inh")),
)  # fmt: skip
# Who joins of those whom the world tells of already, and who flies; the last of these has no ticket yet.
JOINS = ("Plover", "Dunlin", "Sanderling", "Siskin", "Kestrel", "Curlew", "Avocet", "Osprey")
FLIES = ("Dunlin", "Redstart", "Whinchat", "Plover", "Siskin", "Sanderling")
SEEKS = ("Bunting", "Fieldfare", "Nuthatch", "Dipper", "Dotterel", "Curlew", "Avocet")
TOGETHER = (("Redstart", "Whinchat"), ("Bunting", "Fieldfare"))


@dataclass
class Living:
    """The wave, and the stories of its people by alias."""

    ground: Ground
    stories: dict[str, Story]
    wave: Wave = field(init=False)

    def tell(self) -> Iterator[str]:
        """Everything that has happened to it so far, a sentence each."""
        self.gather()
        yield f"wave {self.wave.alias}: {len(JOINS) + len(PEOPLE)} people"
        self.fly()
        yield "a plane, and its manifest"
        self.propose()
        yield "places proposed, and some of them accepted"
        self.burn()
        yield f"{BURNED} is burned, two of three are safe again"
        self.set_out()
        yield "a step for all, and why it is not open yet"

    def pks(self, aliases: tuple[str, ...]) -> list[UUID]:
        return [self.stories[alias].case_id for alias in aliases]

    def gather(self) -> None:
        names = (*JOINS, *(somebody.alias for somebody in PEOPLE))
        with as_(self.ground["vera"]) as vera:
            for one, other in TOGETHER:
                household.join(self.stories[one].case(vera), self.stories[other].case(vera), by=vera)
        with as_(self.ground["mara"]) as mara:
            self.wave = waves.begin("Slate", "departure", timezone.localdate() + LEAVES_IN, by=mara)
            waves.add(self.wave, self.pks(names), by=mara)

    def fly(self) -> None:
        """Checks for some of those who fly, and a manifest of whoever has a passport."""
        for alias in ("Dunlin", "Redstart", "Whinchat", "Siskin"):
            self.stories[alias].check_borders()
        self.stories["Plover"].note(BorderCheck(kind="debts", outcome="clear", cleared_on=timezone.localdate()), "vera")
        self.stories["Nuthatch"].add_passport(timezone.localdate() + timedelta(days=40))
        plane = seats.leg(
            self.ground["vera"], "plane", LEAVES_IN / timedelta(hours=1), 5, 14, carrier="North Air", number="NA 418",
            from_place="Point C", to_place="Point F", to_zone="Europe/Paris", crossing="in", needs_manifest=True,
        )  # fmt: skip
        for number, alias in enumerate(FLIES):
            ticket = "" if alias == FLIES[-1] else f"TK-{51200 + number}"
            seats.board(self.stories[alias], "departure", plane, ticket=ticket, alone_by_choice=number < 4)
        with as_(self.ground["vera"]) as vera:
            listed = [self.stories[alias].case(vera) for alias in FLIES if alias != FLIES[-1]]
            made = issue("manifest", listed, "North Air", by=vera, about=plane.pk, language="en")
        do_jobs()
        with as_(self.ground["vera"]):
            assert Paper.objects.get(pk=made.pk).state == Paper.State.READY, made.trouble

    def propose(self) -> None:
        """Whoever has no bed yet; the family's is accepted and confirmed, one is held, and the others wait for a word."""
        today, token, arrives = timezone.localdate(), uuid4(), (time(18), time(21))
        with as_(self.ground["vera"]) as vera:
            asked = proposing.ask(token, self.pks(SEEKS), (today, today + LEAVES_IN), arrives, by=vera, wave=self.wave)
        do_jobs()
        with as_(self.ground["vera"]) as vera:
            bunting = self.stories["Bunting"].case(vera)
            for together in (bunting.household_id or bunting.pk, self.stories["Nuthatch"].case_id):
                proposing.accept(asked.pk, together, by=vera)
            for stay in Stay.objects.filter(case__in=self.pks(("Bunting", "Fieldfare"))).standing():
                hosting.confirm(stay, by=vera)

    def burn(self) -> None:
        house = self.ground.houses[BURNED]
        with as_(self.ground["mara"]) as mara:
            burning.burn(house.pk, by=mara, reason="The same car waited outside two nights in a row.")
        do_jobs()
        for alias in ("Redstart", "Whinchat"):
            self._bring_away(self.stories[alias])
        with as_(self.ground["ilya"]) as ilya:
            wagtail = self.stories["Wagtail"].case(ilya)
            for done in ("second_channel", "on_the_way"):
                answering.note(wagtail, done, by=ilya)

    def _bring_away(self, story: Story) -> None:
        """Another bed, a host who has seen them come, two people who agree, and the incident is over."""
        window = (timezone.now(), timezone.now() + timedelta(hours=2))
        with as_(self.ground["vera"]) as vera:
            taken = Stay.objects.standing().values("bed_id")
            free = Bed.objects.filter(house=self.ground.houses[OTHER]).exclude(pk__in=taken).order_by("name")[0]
            old = Stay.objects.filter(case_id=story.case_id, state=Stay.State.ARRIVED).get()
            stay = moving.move(old, free, window=window, by=vera)
        with as_(self.ground["pekka"]) as pekka:
            hosting.arrived(stay.pk, by=pekka)
        story.step("move_house", "vera", facts=facts.Sheltering())
        story.agreed_step("make_safe", "mara", "ilya", facts=facts.MadeSafe("another house, nobody followed"))
        with as_(self.ground["mara"]) as mara:
            answering.end(story.case(mara), by=mara, reason="They are in another house, and nobody followed.")

    def set_out(self) -> None:
        """Vera asks for everybody at once: Mara agrees to two, one waits for her, two hear what is missing."""
        with as_(self.ground["vera"]) as vera:
            ready = [case for case in waves.people(self.wave, vera) if case.stage in (Stage.SHELTERED, Stage.GRANTED)]
            chosen = [turns.Chosen(case.pk, case.version) for case in ready]
            turns.ask(self.wave, "depart", chosen, {}, token=uuid4(), reason="", by=vera, device="device of vera")
        do_jobs()
        with as_(self.ground["mara"]) as mara:
            agreed = Approval.objects.filter(case__in=self.pks(("Redstart", "Whinchat")), what="step.depart", given=None)
            for pk in list(agreed.values_list("pk", flat=True)):
                approvals.answer(pk, given=True, by=mara, session="device of mara")

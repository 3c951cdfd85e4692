"""The world of the proofs: two organisations, three cases per state, one actor of every kind, a canary in every place."""

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from config.owner import as_owner
from fiction import ground as fiction_ground
from fiction.cast import Person, enrol
from fiction.ground import Ground
from fiction.story import Traveller
from fiction.telling import as_, do_jobs
from logistics.models import CaseBudget, Expense, Receipt
from relocation.journey.referring import NewCase, assign, refer
from relocation.models import (
    Account,
    Bar,
    Lock,
    Message,
    Organisation,
    Paper,
    PaperSubject,
    Part,
    PastAttempt,
    Pursuer,
    SafetyCheck,
    Stage,
    Standing,
    Vehicle,
    Vouch,
)
from relocation.safety import access, locks
from relocation.safety.keys import keys_in_hand
from relocation.safety.policy import Role
from relocation.safety.walls import models_on_case
from shelters.models import House
from tests.proofs.canaries import Canaries
from tests.proofs.tally import QUICK
from tests.proofs.telling import Told, season
from tests.standing import PASSWORD

STATES: tuple[Stage | Standing, ...] = (*Stage, *(s for s in Standing if s != Standing.ACTIVE))
LAID = (
    (Stage.REFERRED, Stage.VERIFYING, Stage.ACCEPTED, Stage.DECLINED, Stage.EXTRACTING, Stage.LODGED, Stage.TRAVELLING,
     Stage.RESETTLED, Standing.ON_HOLD, Standing.WITHDRAWN) if QUICK else STATES
)  # fmt: skip
FEW: dict[Stage | Standing, tuple[int, ...]] = {
    Stage.LODGED: (0, 1),
    Stage.EXTRACTING: (0, 2),
}  # QUICK: which columns, where not the first alone

# Colleagues beside the cast: a second lead, and the other organisation's own people.
BESIDE = (
    Person("nora", "Nora Vest", Part.DESK, ""),
    Person("wanda", "Wanda Zoric", Part.DESK, "", organisation="Southern Cross"),
    Person("bogdan", "Bogdan Hall", Part.DESK, "", organisation="Southern Cross"),
    Person("zoe", "Zoe Marsh", Part.DESK, "", organisation="Southern Cross"),
    Person("ruth", "Ruth Vale", Part.DESK, "", organisation="Southern Cross"),
    Person("helga", "Helga Stern", Part.HOUSE, "", organisation="Southern Cross"),
    Person("oskar", "Oskar Lund", Part.ROAD, "", organisation="Southern Cross"),
    *(Person(name, name.title(), Part.DESK, "") for name in ("emil", "rolf", "dora", "lars", "sven")),
)
# Ruth knows no case and does nothing at all, so that whatever she reaches is what a stranger reaches.
# Sven has no case and is let in where a proof needs somebody.
# Once leads of Vera's cases: Emil's time is over, Rolf was let go; Dora's account is closed and Lars's locked, though their
# grants still run.
ONCE = ("emil", "rolf", "dora", "lars")
# By column: who is called vera, mara, tomas and otto there; the house and its host; the post.
COLUMNS: tuple[tuple[dict[str, str], str, str, str], ...] = (
    ({}, "Rowan", "hanna", "R2"),
    ({"vera": "nora"}, "Elm", "pekka", "R5"),
    ({"vera": "wanda", "mara": "bogdan", "tomas": "zoe", "otto": "oskar"}, "Cedar", "helga", "R2"),
)


@dataclass
class World:
    """Who is there, the cases by state (the first of each is Vera's), and every canary."""

    ground: Ground
    canaries: Canaries
    cases: dict[Stage | Standing, dict[int, UUID]] = field(default_factory=dict)
    told: dict[UUID, Told] = field(default_factory=dict)
    offered: dict[UUID, list[Any]] = field(default_factory=dict)  # what each page of a case offers to send
    seconds: float = 0.0

    def __getitem__(self, username: str) -> Account:
        return self.ground[username]

    def one(self, state: Stage | Standing, column: int = 0) -> UUID:
        """The case of a column at a state: 0 is led by Vera, 1 by Nora, 2 belongs to the other organisation."""
        return self.cases[state][column]

    def all(self) -> Iterator[UUID]:
        for cases in self.cases.values():
            yield from cases.values()


_laid: list[World] = []


def lay() -> World:
    """Lay the world in empty tables and commit it."""
    began = timezone.now()
    if Organisation.objects.exists():
        _empty()  # another run's, in a database that was kept (--reuse-db)
    world = World(fiction_ground.lay(PASSWORD), Canaries(Random(secrets.randbits(64))))
    _laid.append(world)
    watched(False)
    world.ground.people |= {person.username: enrol(person) for person in BESIDE}
    _houses(world)
    for state in LAID:
        columns = FEW.get(state, (0,)) if QUICK else range(len(COLUMNS))
        world.cases[state] = {column: _tell(world, state, column) for column in columns}
    _say_the_rest(world)
    do_jobs()
    _season(world)
    _let_go(world)
    world.seconds = (timezone.now() - began).total_seconds()
    return world


def _houses(world: World) -> None:
    with as_(world["vera"]):
        for _others, code, host, _post in COLUMNS:
            world.ground.houses[code] = fiction_ground._house(code, 30, world[host], world["vera"])


def _tell(world: World, state: Stage | Standing, column: int) -> UUID:
    """One case, told to its state with the names of its column."""
    told = fresh(world, column).until(state)
    world.told[told.case_id] = told
    return told.case_id  # type: ignore[no-any-return]


def fresh(world: World, column: int = 0) -> Told:
    """A case of one's own, just referred, told by the names of a column: to commit on, without touching the world's."""
    others, house, host, post = COLUMNS[column]
    people = world.ground.people | {name: world[other] for name, other in others.items()}
    ground = Ground(people, world.ground.posts, world.ground.houses)
    case_id = _open(world, ground)
    told = Told(ground, case_id, _traveller(world, case_id), house=house, post=post)
    told.canaries, told.host = world.canaries, host
    return told


def _open(world: World, ground: Ground) -> UUID:
    """A referral with a word in each of its fields."""
    canaries, drafts = world.canaries, []

    def word(place: str, compartment: str, *, sealed: bool = True) -> str:
        drafts.append(planted := canaries.plant(place, None, compartment, sealed=sealed))
        return planted

    with as_(ground["mara"]) as mara:
        new = NewCase(
            consent_given_on=timezone.localdate() - timedelta(days=3), birth="1992-04-28", languages=("ru",),
            alias=f"Tern {word('relocation_case.alias', 'card', sealed=False)}",
            needs=(word("relocation_case.needs", "card", sealed=False),),
            surname=word("relocation_identity.surname", "identity"),
            given_names=word("relocation_identity.given_names", "identity"),
            patronymic=word("relocation_identity.patronymic", "identity"),
            phone=word("relocation_channel.address", "contacts"), place=word("relocation_whereabouts.place", "location"),
            danger=word("relocation_claim.danger", "claim"), referred_by=word("relocation_referrer.who", "contacts"),
        )  # fmt: skip
        case = refer(new, by=mara)
        assign(case.pk, ground["vera"], by=mara, reason=word("relocation_casegrant.reason", "card"))
    for planted in drafts:
        canaries.tell(planted, case.pk)
    return case.pk


def _traveller(world: World, case_id: UUID) -> Traveller:
    def word(column: str) -> str:
        return world.canaries.plant(f"relocation_document.{column}", case_id, "documents")

    summary = world.canaries.plant("relocation_claim.summary", case_id, "claim")
    born = date(1992, 4, 28)
    return Traveller(word("surname").upper(), word("given_names").upper(), word("native_name"), born, summary=summary)


def _say_the_rest(world: World) -> None:
    """Records that no chapter of the story writes."""
    for column in (0, 1):
        told = world.told[world.one(Stage.LODGED, column)]
        application = told.application()
        with as_(told.ground["vera"]):
            paper = Paper.objects.get(pk=str(application.dossier_id))
        for row in (
            Pursuer(name="A brother"), Vehicle(plate="K 101 AB"), PastAttempt(), Bar(name="A neighbour"),
            Vouch(whom=Vouch.For.LEAD, about=told.ground["vera"].pk), PaperSubject(paper=paper),
            SafetyCheck(day=7, channel="phone"), Message(application=application, dossier=paper),
        ):  # fmt: skip
            told.note(row, "vera")
        _spend(told)
    _spend(world.told[world.one(Stage.TRAVELLING)])


def _spend(told: Told) -> None:
    """A budget, and bread with its receipt."""
    told.note(bread := _bread(), "vera")
    for row in (_planned(), Receipt(expense=bread, sha256=b"of a page", body=b"a page")):
        told.note(row, "vera")


def _bread() -> Expense:
    return Expense(category="food", currency="EUR", minor=1250, paid_on=timezone.localdate())


def _planned() -> CaseBudget:
    return CaseBudget(currency="EUR", minor=450_000)


def _let_go(world: World) -> None:
    """Those who could once open Vera's cases, and no longer can."""
    for cases in world.cases.values():
        soon = timezone.now() + timedelta(seconds=1.5)
        with as_(world["mara"]) as mara:
            for name in ONCE:
                until = soon if name == "emil" else None
                access.admit(world[name], Role.LEAD, cases[0], by=mara, reason="for a while", until=until)
        with as_(world["mara"]) as mara:
            access.dismiss(world["rolf"], Role.LEAD, cases[0], by=mara)
    Account.objects.filter(username="dora").update(is_active=False)
    with as_(world["mara"]):
        locks.lock(Lock.Scope.ACCOUNT, world["lars"].pk, by=world["mara"])
    time.sleep(2)


def _season(world: World) -> None:
    """A word in every sealed text that no door filled; as the owner, since some of them are never written twice."""
    with as_owner("default"), keys_in_hand():
        for model in [*models_on_case(), House]:
            for row in model._base_manager.all():
                about = row.pk if model is House else row.case_id
                if names := season(row, about, world.canaries):
                    row.save(update_fields=names)


def watched(on: bool) -> None:
    """Whether whoever opens very much in one hour is locked out, as the proofs' people would be; G48 is about that."""
    with as_owner("default"), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE relocation_ledgerentry {'ENABLE' if on else 'DISABLE'} TRIGGER watch")


def leave() -> None:
    """Empty the tables if the world lies in them."""
    if _laid:
        watched(True)
        _laid.clear()
        _empty()


def _empty() -> None:
    for alias in ("default", "keys"):
        call_command("flush", database=alias, interactive=False, verbosity=0)

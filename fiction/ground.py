"""The ground that every invented world stands on: organisations, posts, checklists, houses, the cast, who is on call."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from fiction.cast import CAST, enrol
from relocation.models import Account, Checklist, DocumentKind, DutyShift, Organisation, Post, enrol_sweeps
from relocation.safety import keys
from relocation.safety.actor import acting_as
from shelters.models import Bed, House, Keeper, Room, Vetting

POSTS = {
    "R2": ("Embassy of Ruritania", "RUR", "fr", [DocumentKind.PASSPORT, DocumentKind.TRAVEL_DOCUMENT]),
    "R5": ("Consulate of Freedonia", "FRE", "de", [DocumentKind.PASSPORT]),
}
HOUSES = {"Alder": (5, "hanna"), "Birch": (4, "pekka")}
LATER = "pekka"  # who hosts in houses that are opened later
# What the houses say of themselves.
TOLD: dict[str, dict[str, Any]] = {
    "Alder": {"languages": ["ru", "en"], "step_free": True, "not_for": "a dog lives here"},
    "Birch": {"languages": ["ru", "ce"], "smoking": True, "pets": True, "not_for": "three flights of stairs"},
    "Cedar": {"languages": ["ru", "ce", "en"], "step_free": True},
    "Elm": {"languages": ["ru", "av"], "pets": True},
}


@dataclass
class Ground:
    """What stands before the first referral comes in."""

    people: dict[str, Account] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    houses: dict[str, House] = field(default_factory=dict)

    def __getitem__(self, username: str) -> Account:
        return self.people[username]


def lay(password: str | None = None) -> Ground:
    """Lay the ground in an empty database; the password is everybody's, None for one-click only."""
    ground = Ground()
    for name in ("Northern Light", "Southern Cross"):
        _organisation(name)
    for code, (name, country, language, accepts) in POSTS.items():
        ground.posts[code] = Post.objects.create(code=code, name=name, country=country, language=language, accepts=accepts)
        Checklist.objects.create(post=ground.posts[code], kinds=[DocumentKind.PASSPORT, DocumentKind.PHOTO])
    ground.people = {person.username: enrol(person, password) for person in CAST}
    enrol_sweeps()
    with acting_as(ground["vera"].pk), transaction.atomic():
        _on_call(ground)
        for code, (beds, host) in HOUSES.items():
            ground.houses[code] = _house(code, beds, ground[host], ground["vera"])
    return ground


def host_of(code: str) -> str:
    """Who hosts in a house."""
    return HOUSES[code][1] if code in HOUSES else LATER


def open_houses(laid: Ground, houses: dict[str, int]) -> None:
    """More houses, each with so many beds, all of which the same host looks after."""
    with acting_as(laid["vera"].pk), transaction.atomic():
        for code, beds in houses.items():
            laid.houses[code] = _house(code, beds, laid[LATER], laid["vera"])


def _organisation(name: str) -> Organisation:
    organisation = Organisation.objects.create(
        name=name,
        letterhead=f"{name}\nBox 17, 00100 Harbourtown",
        duty_phone="+358400000000",
        attester="Dr Ingrid Vik",
        attester_position="Head of protection",
    )
    keys.new_key(organisation.pk)
    return organisation


def _on_call(ground: Ground) -> None:
    now = timezone.now()
    for username in ("ilya", "mara"):
        DutyShift.objects.create(account=ground[username], starts_at=now - timedelta(hours=2), ends_at=now + timedelta(days=3))


def _house(code: str, beds: int, host: Account, by: Account) -> House:
    house = House(code=code, organisation=Organisation.objects.get(name="Northern Light"), **TOLD.get(code, {}))
    keys.new_key(house.pk)
    house.address, house.meeting_point = f"{code} lane 4, Harbourtown", "the bakery by the tram stop"
    house.door_protocol = "Nobody opens without the words. Shoes off, no lights in the hall, no names."
    house.save(force_insert=True)
    room = Room.objects.create(house=house, name="Room 1")
    for number in range(1, beds + 1):
        Bed.objects.create(house=house, room=room, name=f"bed {number}")
    Keeper.objects.create(house=house, account=host)
    in_a_year = timezone.localdate() + timedelta(days=365)
    Vetting.objects.create(house=house, account=host, by=by, how=Vetting.How.VISIT, renew_by=in_a_year)
    return house

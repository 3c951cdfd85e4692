"""Decoys and honey cases: invented people who look like all others, held by accounts that nobody signs in to."""

import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from relocation.journey.advance import advance
from relocation.journey.referring import NewCase, assign, refer
from relocation.models import Account, Case, DuplicateCheck, Organisation, Part
from relocation.models.account import NO_PASSWORD
from relocation.safety import honey, keys
from relocation.safety.actor import acting_as

NAMES = ("Ida Holm", "Jon Brekke", "Sara Nyman", "Emil Falk", "Lea Virta", "Max Orlov", "Ines Duarte", "Paul Renner")
BIRDS = (
    "Wigeon",
    "Garganey",
    "Whimbrel",
    "Turnstone",
    "Knot",
    "Bittern",
    "Crake",
    "Merlin",
    "Pipit",
    "Wheatear",
    "Brambling",
    "Twite",
)
PEOPLE = (
    ("Орлова", "Марина"), ("Соколов", "Тимур"), ("Грачёв", "Илья"),
    ("Синицына", "Лейла"), ("Галкин", "Руслан"), ("Лебедева", "Анна"),
)  # fmt: skip
DANGERS = (
    "Отчим нашёл переписку и грозит",
    "Уволили и вызывают в отдел",
    "Соседи узнали, дядя едет за мной",
    "Забрали телефон, потом отпустили",
)


def make(organisation: str, *, decoys: int, cases: int) -> Iterator[str]:
    """So many decoys, each leading so many honey cases, in an organisation of their own; one sentence for each decoy."""
    home = _home(organisation)
    keeper = _account(home)
    for number in range(1, decoys + 1):
        lead = _account(home)
        for _n in range(cases):
            _case(keeper, lead)
        yield f"decoy {number}: {cases} cases"


def _home(name: str) -> Organisation:
    with transaction.atomic():
        home, new = Organisation.objects.get_or_create(name=name, defaults={"letterhead": name})
        if new:
            keys.new_key(home.pk)
        return home


def _account(home: Organisation) -> Account:
    """An account with an ordinary name that seems to be used, and a password that nobody knows."""
    name = secrets.choice(NAMES)
    username = f"{name.split()[0].lower()}.{secrets.token_hex(3)}"
    with transaction.atomic():
        account = Account.objects.create(username=username, name=name, part=Part.DESK, organisation=home, password=NO_PASSWORD)
        if not honey.mark_decoy(account.pk):
            raise RuntimeError("A decoy is made by a command, where nobody has signed in.")
        seen = timezone.now() - timedelta(hours=1 + secrets.randbelow(90))
        kept = {"password": make_password(secrets.token_urlsafe(32)), "email": f"{username}@example.net", "last_login": seen}
        Account.objects.filter(pk=account.pk).update(**kept)
    return account


def _case(keeper: Account, lead: Account) -> None:
    with acting_as(keeper.pk), transaction.atomic():
        case_id: UUID = refer(_told(), by=keeper).pk
        assign(case_id, lead, by=keeper, reason="has room for one more")
        honey.mark_case(case_id)
    if secrets.randbelow(3):
        with acting_as(lead.pk), transaction.atomic():
            case = Case.objects.visible_to(lead).get(pk=case_id)
            DuplicateCheck(case=case, by=lead).save(force_insert=True)
            advance(case, "verify", by=lead, version=case.version)


def _told() -> NewCase:
    surname, given = secrets.choice(PEOPLE)
    born = date(1975 + secrets.randbelow(28), 1 + secrets.randbelow(12), 1 + secrets.randbelow(28))
    return NewCase(
        alias=secrets.choice(BIRDS), surname=surname, given_names=given, birth=born.isoformat(), place="Нижний Новгород",
        phone=f"+7922{secrets.randbelow(9_000_000) + 1_000_000}", languages=("ru",), needs=(), danger=secrets.choice(DANGERS),
        referred_by="горячая линия", consent_given_on=timezone.localdate() - timedelta(days=1 + secrets.randbelow(9)),
    )  # fmt: skip

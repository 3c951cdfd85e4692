"""The invented people: the same few everywhere, in the world, the walkthrough, the tests and the pictures."""

from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha1
from typing import Any

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext_lazy as _

from relocation.models import Account, Office, Organisation, Part, Post
from relocation.safety import factors


@dataclass(frozen=True)
class Person:
    """One of the cast: how they sign in, who they are, and what they do here."""

    username: str
    name: str
    part: Part
    does: Any
    organisation: str = "Northern Light"
    offices: tuple[Office, ...] = ()
    post: str = ""
    language: str = "en"


PASSWORD = "nobody here is real"  # noqa: S105  everybody invented has it

CAST = (
    Person("vera", "Vera Lind", Part.DESK, _("leads cases")),
    Person("mara", "Mara Kask", Part.DESK, _("coordinates, agrees as the second person")),
    Person("ilya", "Ilya Brandt", Part.DESK, _("coordinates, is on call tonight")),
    Person("tomas", "Tomas Oja", Part.DESK, _("verifies what people tell")),
    Person("nina", "Nina Salo", Part.DESK, _("works on documents")),
    Person("hanna", "Hanna Aho", Part.HOUSE, _("hosts in house Alder")),
    Person("pekka", "Pekka Niemi", Part.HOUSE, _("hosts in house Birch")),
    Person("otto", "Otto Berg", Part.ROAD, _("escorts people on one leg")),
    Person("elise", "Elise Moreau", Part.POST, _("embassy officer of post R2"), organisation="", post="R2"),
    Person("pierre", "Pierre Valois", Part.POST, _("embassy officer of another post, R5"), organisation="", post="R5"),
    Person("greta", "Greta Holm", Part.OFFICE, _("access custodian: lets in, reads nothing"), offices=(Office.CUSTODIAN,)),
    Person("anton", "Anton Rebane", Part.OFFICE, _("auditor: reads the ledger, no case"), offices=(Office.AUDITOR,)),
    Person("charlie", "Charlie Stone", Part.DESK, _("a colleague elsewhere, knows no case"), organisation="Southern Cross"),
)  # fmt: skip


def lines() -> Iterator[str]:
    """Who one may sign in as, for the terminal."""
    for person in CAST:
        yield f"  {person.username:8} {person.name:14} {person.does}"
    yield f"One click signs in; the ordinary way is the password “{PASSWORD}”, then the code that the next page shows."


def secret_of(username: str) -> str:
    """What the authenticator of somebody invented holds, in base32; known to everybody, like their password."""
    return b32encode(sha1(f"invented: {username}".encode()).digest()).decode()  # noqa: S324  nobody is protected by it


def give_authenticator(account: Account) -> None:
    """Give somebody invented their authenticator, so that the ordinary way in is there too."""
    with factors.of(account):
        Authenticator.objects.create(
            user=account, type=factors.TOTP, data={"secret": factors.seal(secret_of(account.username)), "used": 0}
        )


def enrol(person: Person, password: str | None = None) -> Account:
    """Make the account of one of the cast, or find it. Without a password only one-click sign-in works.

    With one, everybody has an authenticator too.
    """
    organisation = Organisation.objects.filter(name=person.organisation).first()
    post = Post.objects.filter(code=person.post).first()
    account, new = Account.objects.get_or_create(
        username=person.username,
        defaults={
            "name": person.name, "part": person.part, "offices": [str(o) for o in person.offices], "organisation": organisation,
            "post": post, "language": person.language, "email": f"{person.username}@example.org",
        },
    )  # fmt: skip
    if new:
        account.set_password(password)
        account.save(update_fields=["password"])
        if password:
            give_authenticator(account)
    return account

"""Who may know what. Anything that is not in this table is no.

`r` reads, `w` writes, `?` reads after giving a reason, `2` reads after a second person agrees,
`own` only what the grant was given for (one stay, one leg, one dossier; a receiver reads it and writes nothing), `-` nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Roles on one case; each is the codename of a grant's permission."""

    LEAD = "lead", _("case lead")
    WORKER = "worker", _("case worker")
    VERIFIER = "verifier", _("verifier")
    COORDINATOR = "coordinator", _("coordinator")
    HOST = "host", _("host")
    ESCORT = "escort", _("escort")
    CLINICIAN = "clinician", _("clinician")
    LAWYER = "lawyer", _("lawyer")
    EMBASSY = "embassy", _("embassy officer")
    RECEIVER = "receiver", _("receiver")
    GLASS = "glass", _("let in by themselves, in an emergency")


class Compartment(StrEnum):
    """Kinds of knowledge about a case, each under a key of its own."""

    CARD = "card"
    IDENTITY = "identity"
    CLAIM = "claim"
    LOCATION = "location"
    DOCUMENTS = "documents"
    TRAVEL = "travel"
    MEDICAL = "medical"
    DESTINATION = "destination"
    CONTACTS = "contacts"
    POST = "post"
    MONEY = "money"


POLICY_TABLE = """
             card  identity  claim  location  documents  travel  medical  destination  contacts  post   money  ends
lead         rw    ?w        ?w     2w        rw         rw      -        ?w           ?w        rw     rw     180
worker       rw    ?         ?      -         rw         r       -        -            -         r      rw     30
verifier     r     ?         ?w     -         r          -       -        -            ?         -      -      14
coordinator  rw    ?         -      2         r          rw      -        ?            -         rw     rw     90
host         r     -         -      own       -          -       -        -            -         -      -      given
escort       r     -         -      own       -          own     -        -            -         -      -      given
clinician    r     -         -      -         -          -       rw       -            -         -      -      30
lawyer       r     ?         ?      -         r          -       -        -            -         -      -      30
embassy      -     -         -      -         -          -       -        -            -         own    -      14
receiver     r     ?         -      -         -          own     -        r            -         -      -      90
glass        r     ?         -      ?         r          r       -        ?            ?         r      -      given
"""

# Who lets whom in, never themselves; the access custodian may let in anybody else and reads nothing.
ADMITS: dict[Role, frozenset[Role]] = {
    Role.COORDINATOR: frozenset({Role.COORDINATOR, Role.LEAD, Role.WORKER, Role.VERIFIER, Role.CLINICIAN, Role.LAWYER}),
    Role.LEAD: frozenset({Role.HOST, Role.ESCORT, Role.EMBASSY, Role.RECEIVER}),
}

# Who ends whose access: whoever may give it, and a coordinator everybody's, since ending protects.
ENDS: dict[Role, frozenset[Role]] = ADMITS | {Role.COORDINATOR: frozenset(Role)}

# Whose word counts as a second person's.
AGREES = frozenset({Role.COORDINATOR})

# Roles that are given for one stay, leg or dossier and end with it.
SCOPED = frozenset({Role.HOST, Role.ESCORT, Role.EMBASSY})

# Nobody gives the last role: the database alone does, to whoever breaks the glass, for half an hour.
# Roles whose grant names what it is for. A receiver, let in for the last leg, reads the card too, as those at the desk do.
FOR_ONE = SCOPED | {Role.RECEIVER, Role.GLASS}


@dataclass(frozen=True)
class Right:
    """What one role may do with one compartment."""

    cell: str

    @property
    def reads(self) -> bool:
        return "r" in self.cell

    @property
    def writes(self) -> bool:
        return not self.own and "w" in self.cell

    @property
    def with_reason(self) -> bool:
        return "?" in self.cell

    @property
    def with_second_person(self) -> bool:
        return "2" in self.cell

    @property
    def own(self) -> bool:
        return self.cell == "own"

    @property
    def any(self) -> bool:
        return self.cell not in ("-", "own")


@dataclass(frozen=True)
class Policy:
    """The table above, read."""

    rights: dict[tuple[Role, Compartment], Right]
    ends: dict[Role, timedelta | None]

    def roles(self, compartment: Compartment, kind: str) -> frozenset[Role]:
        """Roles with `kind` ("reads", "writes", "with_reason", "with_second_person", "own", "any") in `compartment`."""
        return frozenset(r for (r, c), right in self.rights.items() if c == compartment and getattr(right, kind))

    def roles_in(self, compartments: Iterable[Compartment], kind: str) -> frozenset[Role]:
        return frozenset().union(*(self.roles(c, kind) for c in compartments))


def read_table(text: str) -> Policy:
    """Parse the table; an unknown role, compartment or a missing cell raises ValueError."""
    head, *lines = [line.split() for line in text.strip().splitlines()]
    compartments = [Compartment(name) for name in head[:-1]]
    rights: dict[tuple[Role, Compartment], Right] = {}
    ends: dict[Role, timedelta | None] = {}
    for name, *cells, end in lines:
        role = Role(name)
        rights |= {(role, c): Right(cell) for c, cell in zip(compartments, cells, strict=True)}
        ends[role] = None if end == "given" else timedelta(days=int(end))
    if set(compartments) != set(Compartment) or set(ends) != set(Role):
        raise ValueError("The policy table misses a role or a compartment.")
    return Policy(rights, ends)


POLICY = read_table(POLICY_TABLE)

F = TypeVar("F", bound="models.Field")  # type: ignore[type-arg]


def known(compartment: Compartment, field: F) -> F:
    """Declare which compartment a plain field belongs to; sealed fields say it themselves."""
    field.compartment = compartment  # type: ignore[attr-defined]
    return field

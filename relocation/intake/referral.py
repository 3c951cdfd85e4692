"""What a row of a referral file can become."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import date

from relocation.intake.formulas import begins_like_formula
from relocation.models.dates import PartialDate
from relocation.models.names import fold


@dataclass(frozen=True, slots=True)
class Referral:
    """One person who agreed to be contacted. What the file lacks is empty; `danger` stays word for word.

    `own_id` is unique within its file; `given_id` is what the file itself called the row, or nothing. Languages are
    BCP 47 tags or free text, the phone is E.164, `received_on` a calendar date. `unread` names fields not understood.
    """

    own_id: str
    number: int
    given_id: str
    alias: str = dataclasses.field(default="", repr=False)
    surname: str = dataclasses.field(default="", repr=False)
    given_names: str = dataclasses.field(default="", repr=False)
    patronymic: str = dataclasses.field(default="", repr=False)
    birth: PartialDate | None = dataclasses.field(default=None, repr=False)
    phone: str | None = dataclasses.field(default=None, repr=False)
    city: str = dataclasses.field(default="", repr=False)
    languages: tuple[str, ...] = dataclasses.field(default=(), repr=False)
    household_size: int | None = dataclasses.field(default=None, repr=False)
    urgency: str | None = dataclasses.field(default=None, repr=False)
    danger: str = dataclasses.field(default="", repr=False)
    referred_by: str = dataclasses.field(default="", repr=False)
    received_on: date | None = dataclasses.field(default=None, repr=False)
    unread: tuple[str, ...] = ()
    consent: bool = True

    def fingerprint(self) -> bytes:
        """The row's material, the same whenever the row comes again; personal, so only kept hashed under a key."""
        facts = [self.given_id, str(self.received_on or ""), str(self.birth or ""), self.phone or ""]
        names = [fold(name) for name in (self.alias, self.surname, self.given_names, self.patronymic)]
        texts = [" ".join(text.lower().split()) for text in (self.city, self.danger, self.referred_by)]
        return json.dumps(["referral 1", *facts, *names, *texts], ensure_ascii=False).encode()

    @property
    def has_formula_text(self) -> bool:
        """Whether a text begins like a formula and was kept as text."""
        names = (self.alias, self.surname, self.given_names, self.patronymic)
        return any(map(begins_like_formula, (*names, self.city, self.danger, self.referred_by, *self.languages)))


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not imported: its own id, the field to be mended, why, and its cells as they came."""

    own_id: str
    field: str
    reason: str
    number: int
    cells: tuple[str, ...] = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A row that is no person, such as a sum; `label` is its first text."""

    label: str

"""Blind indexes: a keyed digest beside a sealed field, so that an exact value is found again without being read.

Only for values that are hard to guess, each purpose under an HMAC key of its own: of a name, a city or an orientation a
digest would tell who shares it with whom, and the few that there are could be tried out by whoever holds the program.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models
from django.db.models import Count

from relocation.safety.keys import keyed_digest
from relocation.safety.sealed import Draft, Misuse, Sealed

if TYPE_CHECKING:
    Binary = models.BinaryField[Any, Any]
else:
    Binary = models.BinaryField

HIGHEST_SHARE = 0.05  # of a column's rows that one value may have
ENOUGH = 40  # rows; of fewer, a share says nothing

# Purposes, and what makes two writings of the same thing alike.
PURPOSES: Mapping[str, Callable[[str], str]] = {
    "passport": lambda written: "".join(letter for letter in written.upper() if letter.isalnum()),
    "phone": lambda written: "".join(letter for letter in written if letter.isdigit()),
}
# Other columns of bytes that are looked up, and why nobody guesses what is in them.
HARD_TO_GUESS = {
    "relocation.Case.origin": "a whole referral with its own number, under a key of the organisation",
    "relocation.Paper.code_digest": "a random code",
    "relocation.RevokedPaper.code_digest": "a random code",
    "relocation.FileLink.digest": "32 random bytes",
    "relocation.Feed.digest": "32 random bytes",
}


class Share(NamedTuple):
    """How many rows of a column have a digest, and how many the most frequent one."""

    column: str
    rows: int
    top: int

    @property
    def is_too_high(self) -> bool:
        return self.rows >= ENOUGH and self.top > max(1, self.rows * HIGHEST_SHARE)


class BlindIndex(Binary):
    """The digest of the sealed field `of`, written with it; it stands before that field, whose draft it reads."""

    def __init__(self, *args: Any, of: str, purpose: str, **kwargs: Any) -> None:
        self.of, self.purpose = of, purpose
        super().__init__(*args, **(kwargs | {"null": True, "db_index": True, "editable": False}))

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of, "purpose": self.purpose}

    def pre_save(self, row: models.Model, add: bool) -> Any:
        value = getattr(row, self.of)
        if value is None:
            row.__dict__[self.attname] = None
        elif isinstance(value, Draft):
            row.__dict__[self.attname] = digest(row.case.organisation_id, self.purpose, value.raw.decode())  # type: ignore[attr-defined]
        return getattr(row, self.attname)


def digest(organisation_id: UUID, purpose: str, written: str) -> bytes:
    """The digest of a value as one organisation keeps it. Raises `Misuse` for a purpose that has no index."""
    if purpose not in PURPOSES:
        raise Misuse(f"Nothing is indexed for {purpose}.")
    return keyed_digest(organisation_id, purpose, PURPOSES[purpose](written).encode())


def blind_indexes() -> Iterator[BlindIndex]:
    """Every blind index of every model."""
    for model in apps.get_models():
        yield from (column for column in model._meta.local_concrete_fields if isinstance(column, BlindIndex))


def share(column: BlindIndex) -> Share:
    """How often the most frequent value of a column stands in it, among the rows that may be seen."""
    rows = column.model._base_manager.filter(**{f"{column.name}__isnull": False}).order_by()
    top = rows.values(column.name).annotate(n=Count("pk")).order_by("-n").values_list("n", flat=True).first()
    return Share(f"{column.model._meta.label}.{column.name}", rows.count(), top or 0)


@register()
def only_what_is_hard_to_guess_is_indexed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E003: a digest of a sealed field is for a known purpose; E004: no other column of bytes is looked up unless listed."""
    found: list[CheckMessage] = []
    for model in apps.get_models():
        for column in model._meta.local_concrete_fields:
            found += _wrong_index(column) if isinstance(column, BlindIndex) else _looked_up(model, column)
    return found


def _wrong_index(column: BlindIndex) -> Iterator[CheckMessage]:
    names = [field.name for field in column.model._meta.concrete_fields]
    source = column.model._meta.get_field(column.of) if column.of in names else None
    if column.purpose not in PURPOSES:
        yield Error("Only values that are hard to guess are indexed.", hint=", ".join(PURPOSES), obj=column, id="harbour.E003")
    if not isinstance(source, Sealed) or column.of not in names[names.index(column.name) :]:
        yield Error("A blind index stands before the sealed field that it is of.", obj=column, id="harbour.E003")


def _looked_up(model: type[models.Model], column: Any) -> Iterator[CheckMessage]:
    """A column of bytes by which rows are found."""
    keys = {name for index in model._meta.indexes for name, _order in index.fields_orders}
    keys |= {name for rule in model._meta.total_unique_constraints for name in rule.fields}
    found_by = column.unique or column.db_index or column.name in keys
    if column.get_internal_type() == "BinaryField" and found_by and f"{model._meta.label}.{column.name}" not in HARD_TO_GUESS:
        yield Error("Bytes are looked up only where they are hard to guess.", hint="HARD_TO_GUESS", obj=column, id="harbour.E004")


def uneven() -> list[Share]:
    """Columns in which one value is too frequent for what was thought hard to guess; asked by whoever sees every row."""
    return [found for found in map(share, blind_indexes()) if found.is_too_high]

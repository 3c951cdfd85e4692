"""Sealed fields, whose text the database, lists, logs, forms and error pages see as dots; `cells` says how they are laid out."""

import hmac
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from relocation.safety import actor, cells
from relocation.safety.keys import CaseKey, Foreign, subkey
from relocation.safety.policy import Compartment
from relocation.safety.refusal import Damaged

if TYPE_CHECKING:
    BaseField = models.Field[Any, Any]
else:
    BaseField = models.Field

NOBODY = UUID(int=0)


class Misuse(TypeError):
    """Something sealed was used as if it were plain."""


class Dots:
    """Something sealed; prints dots wherever it is printed."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def __str__(self) -> str:
        return "•••"

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return "•••"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dots) and type(other) is type(self) and hmac.compare_digest(self.raw, other.raw)

    def __hash__(self) -> int:
        raise Misuse("What is sealed is not hashed.")


class Cell(Dots):
    """Ciphertext as it lies in the database."""

    __slots__ = ()


class Draft(Dots):
    """Plaintext on its way in; lives until save."""

    __slots__ = ()

    def __reduce__(self) -> Any:
        raise Misuse("An unsaved secret is not pickled.")

    def __deepcopy__(self, memo: Any) -> "Draft":
        return self


def place_of(row: models.Model, field: "Sealed") -> bytes:
    """Table, column, row and case: what a cell is bound to. Raises `Misuse` for a row that has no key yet."""
    if row.pk is None:
        raise Misuse("A row has its key before anything in it is sealed.")
    return f"{row._meta.db_table}|{field.column}|{row.pk}|{field.subject_of(row)}".encode()


def seal(row: models.Model, field: "Sealed", plain: bytes) -> bytes:
    """The cell for this place and no other, under the newest generation of its key. Raises `Gone`, `Shut`, `Damaged`."""
    key, generation = key_of(row, field)
    return cells.close(key, generation, place_of(row, field), plain)


def unseal(row: models.Model, name: str) -> bytes:
    """Plaintext of one sealed field; only the vault calls this. Empty where nothing is written. Raises as `seal`."""
    field = sealed_field(row, name)
    value = getattr(row, name)
    if value is None or isinstance(value, Draft):
        return value.raw if value else b""
    try:
        cells.format_of(value.raw)
        key, _generation = key_of(row, field, cells.generation_of(value.raw))
        return cells.opened(key, place_of(row, field), value.raw)
    except cells.Broken:
        raise damaged(row, field) from None


def key_of(row: models.Model, field: "Sealed", generation: int = 0) -> CaseKey:
    """The key of a cell and its generation; 0 asks for the newest. Raises `Gone`, `Shut`, `Damaged`."""
    try:
        return subkey(field.subject_of(row), field.compartment, generation)
    except Foreign:
        raise damaged(row, field) from None


def damaged(row: models.Model, field: "Sealed") -> Damaged:
    """What a cell that does not hold is refused with."""
    what = f"{row._meta.model_name}.{field.name}"
    return Damaged(field.subject_of(row), what, actor.current() or NOBODY, str(row.pk))


def sealed_field(row: models.Model, name: str) -> "Sealed":
    field = row._meta.get_field(name)
    if not isinstance(field, Sealed):
        raise Misuse(f"{name} is not sealed.")
    return field


class SealedAttribute(DeferredAttribute):
    """Turns what is written into a draft at once, so that plaintext never lies about in a row."""

    field: "Sealed"

    def __set__(self, row: models.Model, value: object) -> None:
        if isinstance(value, (str, bytes)):
            value = Draft(value.encode() if isinstance(value, str) else value) if value else None
        if value is not None and not isinstance(value, Dots):
            raise Misuse("A sealed field takes text.")
        row.__dict__[self.field.attname] = value


class SealedFormField(forms.CharField):
    """Never shows what is stored; left blank it changes nothing."""

    def prepare_value(self, value: Any) -> Any:
        return "" if isinstance(value, Dots) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)


class Sealed(BaseField):
    """Text under the key of its case and compartment. `keyed_by` names the attribute that holds the key's subject."""

    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, compartment: Compartment, keyed_by: str = "case_id", **kwargs: Any) -> None:
        self.compartment, self.keyed_by = compartment, keyed_by
        super().__init__(*args, **(kwargs | {"null": True, "blank": kwargs.get("blank", True)}))

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("null", None)
        return name, path, args, kwargs | {"compartment": str(self.compartment), "keyed_by": self.keyed_by}

    def subject_of(self, row: models.Model) -> UUID:
        subject: UUID = getattr(row, self.keyed_by)
        return subject

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Cell | None:
        return None if value is None else Cell(bytes(value))

    def pre_save(self, row: models.Model, add: bool) -> Any:
        value = getattr(row, self.attname)
        if isinstance(value, Draft):
            value = row.__dict__[self.attname] = Cell(seal(row, self, value.raw))
        return value

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Cell):
            return value.raw
        if value is None or isinstance(value, bytes):
            return value
        raise Misuse(f"{self.name} is sealed: write it through save(); it cannot be looked up.")

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        raw = self.get_prep_value(value)
        return None if raw is None else connection.Database.Binary(raw)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise Misuse(f"{self.name} is sealed: it cannot be looked up.")
        return super().get_lookup(lookup_name)

    def to_python(self, value: Any) -> Any:
        return value

    def clean(self, value: Any, row: models.Model | None) -> Any:
        return value

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**({"form_class": SealedFormField} | kwargs))

    def save_form_data(self, row: models.Model, data: Any) -> None:
        if data:
            setattr(row, self.attname, data)

    def value_to_string(self, row: models.Model) -> str:
        raise Misuse("Sealed fields are not serialised; back up the database instead.")

"""The only cipher: sealed fields, whose text the database, lists, logs, forms and error pages see as dots.

A cell is `format (1 byte) | generation (2) | nonce (12) | ciphertext and tag`, AES-256-GCM (NIST SP 800-38D), bound to
table, column, row and case; the plaintext is padded so that its length tells little.
"""

import hmac
import secrets
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django import forms
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from relocation.safety.keys import subkey
from relocation.safety.policy import Compartment

if TYPE_CHECKING:
    BaseField = models.Field[Any, Any]
else:
    BaseField = models.Field

FORMAT = 1
BUCKET = 64


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


def _bound(row: models.Model, field: "Sealed") -> bytes:
    return f"{row._meta.db_table}|{field.column}|{row.pk}|{field.subject_of(row)}|{FORMAT}".encode()


def _pad(plain: bytes) -> bytes:
    plain += b"\x80"
    return plain + b"\0" * (-len(plain) % BUCKET)


def seal(row: models.Model, field: "Sealed", plain: bytes) -> bytes:
    """The cell for this place and no other."""
    key, generation = subkey(field.subject_of(row), field.compartment)
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(key).encrypt(nonce, _pad(plain), _bound(row, field))
    return bytes([FORMAT]) + generation.to_bytes(2, "big") + nonce + sealed


def unseal(row: models.Model, name: str) -> bytes:
    """Plaintext of one sealed field; only the vault calls this. Empty where nothing is written."""
    field = sealed_field(row, name)
    value = getattr(row, name)
    if value is None or isinstance(value, Draft):
        return value.raw if value else b""
    if value.raw[:1] != bytes([FORMAT]):
        raise Misuse("A cell of an unknown format.")
    key, _generation = subkey(field.subject_of(row), field.compartment, int.from_bytes(value.raw[1:3], "big"))
    padded = AESGCM(key).decrypt(value.raw[3:15], value.raw[15:], _bound(row, field))
    return padded.rstrip(b"\0")[:-1]


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

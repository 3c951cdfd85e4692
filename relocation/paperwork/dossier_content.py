"""What a dossier says: frozen, made of plain texts, days and bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .page import Organisation


@dataclass(frozen=True, slots=True)
class Attester:
    """Who vouches for the facts, by name."""

    name: str
    position: str


@dataclass(frozen=True, slots=True)
class BioData:
    """Exactly what the travel document says; a date of which a part is unknown is written as it is printed there."""

    surname: str
    given_names: str
    native_names: tuple[str, ...]
    birth: date | str
    sex: str
    nationality: str
    document_type: str
    number: str
    issuing_state: str
    issued: date | str
    expires: date | str
    mrz: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Corroboration:
    """A kind of corroboration, never the testimony itself."""

    kind: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """One document that was seen and checked; `sha256` in hexadecimal, printed in short."""

    kind: str
    pages: int
    issued: date | None
    verified_on: date | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, and when as far as it is known."""

    when: date | str
    what: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person agreed to share with this recipient, and until when."""

    given_on: date
    expires: date
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A verified copy: JPEG or PNG."""

    title: str
    image: bytes


@dataclass(frozen=True, slots=True)
class DossierContent:
    """All that one version of a dossier says. Texts are in `language` (en, ru, fr, de) or in the person's own."""

    recipient_post: str
    recipient_reference: str
    language: str
    version: int
    issued_on: date
    code: str
    verify_address: str
    organisation: Organisation
    attester: Attester
    attestation: tuple[str, ...]
    summary: tuple[str, ...]
    person: BioData
    corroboration: tuple[Corroboration, ...] = ()
    inventory: tuple[Inventory, ...] = ()
    timeline: tuple[Event, ...] = ()
    consent: Consent | None = None
    photo: bytes | None = None
    copies: tuple[Copy, ...] = ()

"""What is sealed is opened here and nowhere else; every opening is in the ledger."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models, transaction

from relocation.safety import access, keys, ledger, pieces, rotation
from relocation.safety.keys import Gone, new_key
from relocation.safety.refusal import Denied
from relocation.safety.sealed import Sealed, sealed_field, unseal

if TYPE_CHECKING:
    from relocation.models import Account

__all__ = [
    "Gone",
    "ask",
    "new_key",
    "read",
    "read_kept",
    "read_of_place",
    "read_pieces",
    "reveal",
    "reveal_alone",
    "reveal_own",
    "reveal_own_bytes",
    "reveal_together",
    "rotate",
    "shred",
    "unlocked",
    "unlocked_for_comparison",
]

VIEW_FOR = timedelta(minutes=30)


def read(row: models.Model, *names: str, by: "Account", purpose: str) -> dict[str, str]:
    """Plaintext of fields that `by`'s role reads without giving a reason; one ledger entry names row and purpose."""
    return {name: plain.decode() for name, plain in read_bytes(row, *names, by=by, purpose=purpose).items()}


def read_bytes(row: models.Model, *names: str, by: "Account", purpose: str) -> dict[str, bytes]:
    """As `read`, for files."""
    case_id = _subject(row, names[0])
    for compartment in {sealed_field(row, name).compartment for name in names}:
        access.require(by, f"{compartment}.read", case_id)
    with transaction.atomic():
        ledger.record(f"read.{row._meta.model_name}", case_id, by=by, about=_id(row), detail=purpose)
        return {name: unseal(row, name) for name in names}


def read_pieces(row: models.Model, name: str, *, by: "Account", purpose: str) -> Iterator[bytes]:
    """As `read_bytes`, piece by piece, for whoever goes on acting until the last one; without the last, the others are void."""
    case_id = _subject(row, name)
    access.require(by, f"{sealed_field(row, name).compartment}.read", case_id)
    ledger.record(f"read.{row._meta.model_name}", case_id, by=by, about=_id(row), detail=purpose)
    return pieces.unsealed(row, name)


def reveal(row: models.Model, name: str, *, by: "Account", reason: str) -> str:
    """Plaintext of one field of one row, for a reason that is kept. Raises `Denied`, or ValueError without a reason."""
    field, case_id = sealed_field(row, name), _subject(row, name)
    if not reason.strip():
        raise ValueError("Say why.")
    access.require(by, f"{field.compartment}.reveal", case_id)
    return _opened(row, name, by=by, reason=reason)


def reveal_own(row: models.Model, name: str, *, scope: UUID, by: "Account") -> str:
    """What a host, escort or embassy officer may see of the one stay, leg or dossier that the grant is for."""
    return reveal_own_bytes(row, name, scope=scope, by=by).decode()


def reveal_own_bytes(row: models.Model, name: str, *, scope: UUID, by: "Account") -> bytes:
    """As `reveal_own`, for files."""
    access.require(by, f"{sealed_field(row, name).compartment}.own", _subject(row, name), scope=scope)
    return _opened_bytes(row, name, by=by, reason="")


def reveal_together(row: models.Model, name: str, *, by: "Account", reason: str, agreed: Callable[[UUID], bool]) -> str:
    """What needs a second person: `agreed(case id)` says whether one agreed in the last 30 minutes."""
    field, case_id = sealed_field(row, name), _subject(row, name)
    access.require(by, f"{field.compartment}.reveal_together", case_id)
    if not reason.strip() or not agreed(case_id):
        raise Denied(case_id, f"{field.compartment}.reveal_together", by.pk)
    return _opened(row, name, by=by, reason=reason)


def reveal_alone(row: models.Model, name: str, *, by: "Account", reason: str, alone: Callable[[UUID], bool]) -> str:
    """What otherwise needs a second person, while `alone(case id)` holds: during an incident, or after breaking the glass."""
    case_id = _subject(row, name)
    if not reason.strip() or not alone(case_id):
        raise Denied(case_id, f"{sealed_field(row, name).compartment}.reveal_alone", by.pk)
    return _opened(row, name, by=by, reason=reason)


def ask(question: Callable[..., bool], *cells: tuple[models.Model, str]) -> bool:
    """A yes or no about sealed fields, for a judgement by machine (a codeword, a likeness); no text leaves."""
    return bool(question(*(unseal(row, name).decode() for row, name in cells)))


def unlocked(rows: Iterable[models.Model], *names: str, by: "Account", purpose: str) -> list[dict[str, str]]:
    """Fields of many rows for one machine comparison or one paper: a single ledger entry per case, text stays in memory.

    Raises `Denied` unless `by` may at least reveal each compartment.
    """
    rows = list(rows)
    wanted = {(_subject(row, name), sealed_field(row, name).compartment) for row in rows for name in names}
    for case_id, compartment in wanted:
        access.require(by, f"{compartment}.reveal", case_id)
    for case_id in {case_id for case_id, _compartment in wanted}:
        ledger.record("read.together", case_id, by=by, detail=purpose)
    return [{name: unseal(row, name).decode() for name in names} for row in rows]


def unlocked_for_comparison(
    rows: Iterable[models.Model], names: Mapping[type[models.Model], tuple[str, ...]], *, by: "Account", purpose: str
) -> list[tuple[models.Model, dict[str, str]]]:
    """Fields, by model, of many cases' rows for one comparison in memory: a single entry, on `by`'s own chain, counts the cases.

    Raises `Denied` unless `by` may reveal all of them. A row whose key was destroyed is passed over.
    """
    rows, allowed = list(rows), _revealable(names, by)
    cells = {(compartment, case_id) for row in rows for compartment, case_id in _cells(row, names[type(row)])}
    for compartment, case_id in cells:
        if case_id not in allowed[compartment]:
            raise Denied(case_id, f"{compartment}.reveal", by.pk)
    ledger.record(f"read.for_{purpose}", by.pk, by=by, detail=str(len({case_id for _compartment, case_id in cells})))
    return list(_still_readable(rows, names))


def read_kept(row: models.Model, *names: str, by: "Account") -> dict[str, bytes]:
    """What `by` put away for themselves, in a row that names its `owner` and hangs on no case; raises `Denied` for others."""
    what = f"read.{row._meta.model_name}"
    if row.owner_id != by.pk:  # type: ignore[attr-defined]
        raise Denied(by.pk, what, by.pk)
    with transaction.atomic():
        ledger.record(what, by.pk, by=by, about=_id(row))
        return {name: unseal(row, name) for name in names}


def read_of_place(
    row: models.Model, *names: str, by: "Account", known_to: Callable[[UUID], bool], purpose: str
) -> dict[str, str]:
    """What is sealed under the key of a place and hangs on no case: `known_to(place)` says whether `by` may know it.

    One entry on the place's own chain names row and purpose. Raises `Denied`.
    """
    place, what = _subject(row, names[0]), f"read.{row._meta.model_name}"
    if not known_to(place):
        raise Denied(place, what, by.pk)
    with transaction.atomic():
        ledger.record(what, place, by=by, about=_id(row), detail=purpose)
        return {name: unseal(row, name).decode() for name in names}


def rotate() -> int:
    """Wrap every key with the newest master key; see `rotation` for more. Returns how many."""
    return rotation.rewrap_all().moved


def shred(subject_id: UUID) -> int:
    """Destroy a subject's keys: what they sealed is noise from now on. Returns how many there were."""
    return keys.destroy(subject_id)


def _opened(row: models.Model, name: str, *, by: "Account", reason: str) -> str:
    return _opened_bytes(row, name, by=by, reason=reason).decode()


def _opened_bytes(row: models.Model, name: str, *, by: "Account", reason: str) -> bytes:
    with transaction.atomic():
        what = f"reveal.{row._meta.model_name}.{name}"
        ledger.record(what, _subject(row, name), by=by, about=_id(row), reason=reason)
        return unseal(row, name)


def _still_readable(
    rows: Iterable[models.Model], names: Mapping[type[models.Model], tuple[str, ...]]
) -> Iterator[tuple[models.Model, dict[str, str]]]:
    for row in rows:
        with suppress(Gone):
            yield row, {name: unseal(row, name).decode() for name in names[type(row)]}


def _cells(row: models.Model, names: Iterable[str]) -> set[tuple[str, UUID]]:
    return {(sealed_field(row, name).compartment, _subject(row, name)) for name in names}


def _revealable(names: Mapping[type[models.Model], tuple[str, ...]], by: "Account") -> dict[str, set[UUID]]:
    """For each compartment of these fields, the cases in which `by` may reveal it."""
    fields = {model._meta.get_field(name) for model, of_model in names.items() for name in of_model}
    compartments = {field.compartment for field in fields if isinstance(field, Sealed)}
    return {c: set(access.permitted(by, f"{c}.reveal").values_list("pk", flat=True)) for c in compartments}


def _subject(row: models.Model, name: str) -> UUID:
    return sealed_field(row, name).subject_of(row)


def _id(row: models.Model) -> Any:
    return row.pk if isinstance(row.pk, UUID) else None


def sealed_fields(model: type[models.Model]) -> list[Sealed]:
    """The sealed fields of a model, for checks, proofs and forms."""
    return [field for field in model._meta.get_fields() if isinstance(field, Sealed)]

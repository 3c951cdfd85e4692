"""What is sealed is opened here and nowhere else; every opening is in the ledger."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models, transaction

from relocation.safety import access, keys, ledger
from relocation.safety.keys import Gone, WrappedKey, new_key
from relocation.safety.refusal import Denied
from relocation.safety.sealed import Sealed, sealed_field, unseal

if TYPE_CHECKING:
    from relocation.models import Account

__all__ = ["Gone", "ask", "new_key", "read", "reveal", "reveal_own", "reveal_own_bytes", "reveal_together", "rotate", "shred", "unlocked"]

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


def rotate() -> int:
    """Wrap every key with the newest master key; resumable, since each row says which one wraps it. Returns how many."""
    newest, moved = max(keys.master_keys()), 0
    for row in WrappedKey.objects.exclude(master=newest).iterator():
        moved += keys.rewrap(row, newest)
    return moved


def shred(subject_id: UUID) -> int:
    """Destroy a subject's keys: what they sealed is noise from now on. Returns how many there were."""
    return WrappedKey.objects.filter(subject_id=subject_id).delete()[0]


def _opened(row: models.Model, name: str, *, by: "Account", reason: str) -> str:
    return _opened_bytes(row, name, by=by, reason=reason).decode()


def _opened_bytes(row: models.Model, name: str, *, by: "Account", reason: str) -> bytes:
    with transaction.atomic():
        what = f"reveal.{row._meta.model_name}.{name}"
        ledger.record(what, _subject(row, name), by=by, about=_id(row), reason=reason)
        return unseal(row, name)


def _subject(row: models.Model, name: str) -> UUID:
    return sealed_field(row, name).subject_of(row)


def _id(row: models.Model) -> Any:
    return row.pk if isinstance(row.pk, UUID) else None


def sealed_fields(model: type[models.Model]) -> list[Sealed]:
    """The sealed fields of a model, for checks, proofs and forms."""
    return [field for field in model._meta.get_fields() if isinstance(field, Sealed)]

"""A page of 25 cases with three sealed fields each: against the same page in plain text, and against Fernet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models
from django.test import Client

from benchmarks import ground
from benchmarks.figure import Figure, figure, in_turn
from fiction import ground as fiction_ground
from relocation.journey.referring import NewCase, refer
from relocation.models import Account, Identity
from relocation.safety import cells, keys
from relocation.safety.keys import subkey
from relocation.safety.sealed import place_of, sealed_field, unseal
from relocation.safety.walls import all_rules

CASES = 25
NAMES = ("surname", "given_names", "birth")
ROUNDS = {"full": 40, "small": 8}
AGAIN = 20  # times the ciphers alone are tried in a round, which is too short to be timed by itself
AGREED = date(2026, 1, 5)
PLAIN = "CREATE TABLE bench_identity AS SELECT id, case_id, by_id, at FROM relocation_identity"
TEXTS = """ALTER TABLE bench_identity ADD surname text DEFAULT 'Эльфова', ADD given_names text DEFAULT 'Алёна',
  ADD birth text DEFAULT '1992-04-28'; GRANT SELECT ON bench_identity TO harbour_app"""


class PlainIdentity(models.Model):
    """The same rows with the texts as they are."""

    case_id = models.UUIDField()
    by_id = models.UUIDField()
    at = models.DateTimeField()
    surname, given_names, birth = (models.TextField() for _name in NAMES)

    class Meta:
        app_label = "relocation"
        db_table = "bench_identity"
        managed = False
        default_permissions = ()

    def __str__(self) -> str:
        return f"identity {self.pk}"


def measure(scale: str) -> Iterator[Figure]:
    """The page with and without opening what is sealed; then the opening alone."""
    mara = fiction_ground.lay()["mara"]
    with ground.acting(mara):
        for _n in range(CASES):
            refer(NewCase(AGREED, surname="Эльфова", given_names="Алёна", birth="1992-04-28"), by=mara)
    ground.owner_runs((PLAIN, {}), (TEXTS, {}), *same_walls(), ("ANALYZE", {}))
    client = ground.browser(mara)
    page = in_turn(lambda: _sealed(client, mara), lambda: _plain(client, mara), ROUNDS[scale])
    yield figure("sealed_page", page, "<= 1.03", against="the same page in plain text")
    yield from _against_fernet(mara, ROUNDS[scale])
    ground.owner_runs(("DROP TABLE bench_identity", {}))


def same_walls() -> Iterator[tuple[str, dict[str, Any]]]:
    """Statements that give the plain table the row policy of the sealed one, since it is sealing that is measured."""
    rule = all_rules()[Identity._meta.db_table]["SELECT"].replace(Identity._meta.db_table, PlainIdentity._meta.db_table)
    yield f"ALTER TABLE bench_identity ENABLE ROW LEVEL SECURITY; CREATE POLICY same ON bench_identity USING ({rule})", {}


def _sealed(client: Client, mara: Account) -> None:
    client.get("/cases/")
    with ground.acting(mara), keys.keys_in_hand():
        rows = list(Identity.objects.all())
        keys.fetch(row.case_id for row in rows)
        _insist([unseal(row, name).decode() for row in rows for name in NAMES])


def _plain(client: Client, mara: Account) -> None:
    client.get("/cases/")
    with ground.acting(mara):
        _insist([getattr(row, name) for row in PlainIdentity._default_manager.all() for name in NAMES])


def _against_fernet(mara: Account, rounds: int) -> Iterator[Figure]:
    """The ciphers alone, on the same texts: a key for each case, and everything in memory on both sides."""
    field = sealed_field(Identity(), "surname")
    with ground.acting(mara), keys.keys_in_hand():
        rows = list(Identity.objects.all())
        ours = [(AESGCM(subkey(row.case_id, field.compartment)[0]), _cells(row)) for row in rows]
        boxes = [(Fernet(Fernet.generate_key()), [unseal(row, name) for name in NAMES]) for row in rows]
    theirs = [(box, [box.encrypt(text) for text in texts]) for box, texts in boxes]

    def with_ours() -> None:
        for _n in range(AGAIN):
            _insist([key.decrypt(*cell) for key, of_case in ours for cell in of_case])

    def with_fernet() -> None:
        for _n in range(AGAIN):
            _insist([box.decrypt(token) for box, tokens in theirs for token in tokens])

    pairs = in_turn(with_ours, with_fernet, rounds)
    yield figure("sealed_page_cells", pairs, ">= 10", against="Fernet, the cipher alone")


def _cells(row: Identity) -> list[tuple[bytes, bytes, bytes]]:
    """Nonce, ciphertext, and what it is bound to."""
    return [_cell(place_of(row, sealed_field(row, name)), getattr(row, name).raw) for name in NAMES]


def _cell(place: bytes, raw: bytes) -> tuple[bytes, bytes, bytes]:
    body, bound = raw[cells.HEAD :], cells._bound(place, cells.WHOLE, cells.generation_of(raw))
    return body[: cells.NONCE], body[cells.NONCE :], bound


def _insist(texts: Sequence[str | bytes]) -> None:
    if len(texts) != CASES * len(NAMES) or not all(texts):
        raise AssertionError("not every field was opened")

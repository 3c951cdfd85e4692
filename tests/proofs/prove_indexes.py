"""G22: only what is hard to guess can be looked up, exactly, by whoever may open the case; each purpose has its own key."""

import random
from typing import Any

import pytest
from django.db import connection

from config.owner import as_owner
from conftest import BOTH
from relocation.intake.numbers import cases_with_number
from relocation.models import Account, Case, Document
from relocation.safety import digests
from relocation.safety.sealed import Misuse
from tests.proofs.tally import SEED, Tally, guarantee, scale
from tests.safety.committed import as_, kestrel, referred

__all__ = ["kestrel", "referred"]
SEVERAL = pytest.mark.django_db(transaction=True, databases=BOTH)


@SEVERAL
@guarantee("G22")
def test_only_what_is_hard_to_guess_can_be_looked_up(kestrel: Case, vera: Account, charlie: Account, tally: Tally) -> None:
    """No value of a digest's column is frequent; the number is found exactly, by whoever may, and by nobody else."""
    draw = random.Random(SEED)
    numbers = [f"{draw.choice('ABCDEF')}{draw.randrange(10**8):08}" for _ in range(scale(2_000, 200))]
    with as_(vera):
        for number in numbers:
            Document(case=kestrel, by=vera, kind="passport", number=number).save(force_insert=True)
    with as_owner("default"):
        for column in digests.blind_indexes():
            found = digests.share(column)
            tally.check(found.rows == len(numbers) and not found.is_too_high, f"{found.column}: {found.top} of {found.rows}")
            tally.count("highest_share_per_thousand", found.top * 1000 // found.rows)
    for number in numbers[: scale(200, 50)]:
        with as_(vera):
            tally.check(cases_with_number(f" {number.lower()} ", by=vera) == [kestrel], "a number is not found again")
            tally.check(not cases_with_number(number[:-1], by=vera), "part of a number is found")
        with as_(charlie):
            tally.count("leaks", not tally.check(not cases_with_number(number, by=charlie), "a stranger finds a case by number"))


@guarantee("G22")
def test_each_purpose_has_its_own_key_and_no_other_bytes_are_indexed(ground: Any, tally: Tally) -> None:
    mine, theirs = ground["vera"].organisation, ground["charlie"].organisation
    made = {digests.digest(org.pk, purpose, "12345678") for org in (mine, theirs) for purpose in digests.PURPOSES}
    tally.check(len(made) == 2 * len(digests.PURPOSES), "two purposes or organisations share a key")
    for purpose in ("name", "city", "country", "orientation", "birth"):
        with pytest.raises(Misuse):
            digests.digest(mine.pk, purpose, "x")
        tally.check(True)
    tally.check(digests.only_what_is_hard_to_guess_is_indexed(None) == [], "the check finds an index that should not be")
    allowed = {_column(label) for label in digests.HARD_TO_GUESS} | {_column(str(index)) for index in digests.blind_indexes()}
    for table, column in _indexed_bytes():
        tally.check((table, column) in allowed, f"{table}.{column} is indexed")


def _column(label: str) -> tuple[str, str]:
    app, model, name = label.split(".")
    return f"{app}_{model.lower()}", name


def _indexed_bytes() -> list[tuple[str, str]]:
    """Columns of bytes in any index, as the database's own catalogue says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) "
            "WHERE a.atttypid = 'bytea'::regtype AND c.relnamespace = 'public'::regnamespace"
        )
        return [(table, column) for table, column in cursor.fetchall()]

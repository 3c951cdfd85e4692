"""The door by which referrals become cases: looked at first, saved only when somebody has said so."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.intake.known import Known
from relocation.intake.likeness import Match
from relocation.intake.preview import Preview, preview
from relocation.intake.referral import Referral
from relocation.journey.referring import AlreadyKnown, NewCase, known_cases, known_origins, refer
from relocation.models import Account, Part
from relocation.models.dates import under_age
from relocation.safety import ledger
from relocation.safety.keys import keys_in_hand
from relocation.safety.refusal import Denied

BATCH = 100
LONGEST_ALIAS, LONGEST_LANGUAGE, MOST_LANGUAGES = 40, 40, 8


@dataclass(frozen=True, slots=True)
class Look:
    """A file as its importer sees it. `already`: rows that are cases of theirs; `cases`: from label to case."""

    preview: Preview
    already: frozenset[str] = frozenset()
    cases: dict[str, UUID] = field(default_factory=dict)

    @property
    def new(self) -> tuple[Referral, ...]:
        """The good rows that would add somebody, as far as the importer can know."""
        return tuple(row for row in self.preview.good if row.own_id not in self.already)

    @property
    def like_nobody(self) -> frozenset[str]:
        """The own ids of new rows that resemble no other row and no case which the importer may open."""
        alike = {match.first for match in self.preview.known}
        alike |= {label for match in self.preview.duplicates for label in (match.first, match.second)}
        return frozenset(row.own_id for row in self.new if row.own_id not in alike)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the cases it opened, and how many rows were cases before, whosever they are."""

    added: list[UUID] = field(default_factory=list)
    already: int = 0


def why_not(by: Account) -> str:
    """The sentence that says why this account imports nobody, or nothing."""
    if not by.is_active:
        return _("This account is closed.")
    if by.part != Part.DESK:
        return _("Only somebody who works on cases imports referrals.")
    if by.organisation is None:
        return _("This account belongs to no organisation, so it cannot open cases. Ask whoever manages accounts.")
    return ""


def look(
    source: Path | str | IO[bytes],
    name: str = "",
    *,
    by: Account,
    known: Known | None = None,
    progress: Callable[[int], None] | None = None,
) -> Look:
    """Judge a file and compare it with the cases that `by` may open; saves nothing. Raises `Denied` who may not import.

    `known` may be shared between files, so that the comparison is one entry in the ledger.
    """
    _insist(by)
    cases = known or Known(by)
    with transaction.atomic(), keys_in_hand():
        found = preview(source, name, known=cases, progress=progress)
        return _compared(found, by, cases)


def _compared(found: Preview, by: Account, cases: Known) -> Look:
    """A row that was imported before is no likely duplicate of its own case."""
    already = already_imported(found.good, by=by)
    known = tuple(match for match in _once(found.known) if match.first not in already)
    return Look(dataclasses.replace(found, known=known), already, cases.cases)


def _once(matches: Iterable[Match]) -> Iterator[Match]:
    """Each pair once, though a case may have several phones."""
    return iter({(match.first, match.second): match for match in matches}.values())


def already_imported(good: Iterable[Referral], *, by: Account) -> frozenset[str]:
    """The own ids of rows that are already cases which `by` may open."""
    assert by.organisation is not None
    prints = {row.own_id: row.fingerprint() for row in good}
    known = known_origins(prints.values(), by.organisation, by=by)
    return frozenset(own_id for own_id, material in prints.items() if material in known)


def save(
    good: Iterable[Referral],
    *,
    by: Account,
    like_nobody: Container[str] = (),
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Open a case at `referred` for each row that is none yet, each in a transaction of its own.

    On the case of a row that is `like_nobody` (see `Look`) the look for duplicates is noted; at the others a person looks.
    Raises `Denied` for whoever may not import, and ValueError for a row without consent. What is saved stays when the
    rest fails, and the same rows again add nobody. `progress` hears how many rows are done.
    """
    _insist(by)
    added: list[UUID] = []
    count = 0
    for batch in _batches(good):
        with keys_in_hand():
            added += _save_batch(batch, by, like_nobody)
        count += len(batch)
        if progress:
            progress(count)
    with transaction.atomic():
        ledger.record("referrals.imported", by.pk, by=by, detail=f"{len(added)}/{count}")
    return Imported(added, count - len(added))


def _save_batch(batch: list[Referral], by: Account, like_nobody: Container[str]) -> list[UUID]:
    """The cases that these rows became."""
    with transaction.atomic():
        already = already_imported(batch, by=by)
    added = (_added(row, by, row.own_id in like_nobody) for row in batch if row.own_id not in already)
    return [case_id for case_id in added if case_id]


def _added(row: Referral, by: Account, like_nobody: bool) -> UUID | None:
    """The case that the row became, or None where somebody of the organisation imported it before."""
    try:
        with transaction.atomic():
            new = dataclasses.replace(told(row, timezone.localdate()), like_nobody=like_nobody)
            return refer(new, by=by).pk
    except AlreadyKnown:
        return None


def told(row: Referral, today: date) -> NewCase:
    """What a row tells, as of `today`. Raises ValueError without consent."""
    if not row.consent:
        raise ValueError("Nobody is imported who did not agree to be contacted.")
    return NewCase(
        consent_given_on=min(row.received_on or today, today),
        alias=row.alias[:LONGEST_ALIAS],
        surname=row.surname,
        given_names=row.given_names,
        patronymic=row.patronymic,
        birth=str(row.birth or ""),
        phone=row.phone or "",
        place=row.city,
        languages=tuple(language[:LONGEST_LANGUAGE] for language in row.languages[:MOST_LANGUAGES]),
        household_size=row.household_size or 1,
        is_minor=bool(row.birth) and under_age(row.birth, today),
        danger=row.danger,
        referred_by=row.referred_by,
        material=row.fingerprint(),
    )


def opened_since(rows: Iterable[Referral], since: datetime, *, by: Account) -> list[UUID]:
    """The cases that `by` opened from these rows since a moment (UTC)."""
    assert by.organisation is not None
    known = known_cases([row.fingerprint() for row in rows], by.organisation, by=by)
    return [case.pk for case in known.values() if case.created_by_id == by.pk and case.created_at >= since]


def _insist(by: Account) -> None:
    if why_not(by):
        raise Denied(by.pk, "referrals.import", by.pk)


def _batches(rows: Iterable[Referral]) -> Iterator[list[Referral]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch

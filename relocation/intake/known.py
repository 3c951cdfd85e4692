"""The cases that an importer may open, as likenesses: compared in memory, shown by their aliases alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from django.db import models

from relocation.intake.likeness import Likeness, likeness
from relocation.models import Account, Case, Channel, Identity
from relocation.models.dates import NoSuchDate, PartialDate, read
from relocation.models.phones import UnusablePhone, e164
from relocation.safety import vault

NAMES: dict[type[models.Model], tuple[str, ...]] = {
    Identity: ("surname", "given_names", "patronymic", "birth"),
    Channel: ("address",),
}


class Known:
    """The likenesses of all cases whose identity `by` may reveal, unlocked when they are first asked for.

    That writes a single ledger entry, `read.for_duplicates`. `cases` leads from a label to its case.
    """

    def __init__(self, by: Account) -> None:
        self.by = by
        self.cases: dict[str, UUID] = {}
        self._people: list[Likeness] | None = None

    def __iter__(self) -> Iterator[Likeness]:
        if self._people is None:
            self._people = list(self._read())
        return iter(self._people)

    def _read(self) -> Iterator[Likeness]:
        labels = self._labels()
        self.cases = {label: case_id for case_id, (_alias, label) in labels.items()}
        identities, phones = self._told()
        for case_id, told in identities.items():
            for phone in sorted(phones[case_id]) or [""]:
                yield _likeness(*labels[case_id], told, phone)

    def _labels(self) -> dict[UUID, tuple[str, str]]:
        """The alias of each case, and its label: the alias, with the code where two share it."""
        found = Case.objects.visible_to(self.by, "identity.reveal").values_list("pk", "alias", "code")
        cases = list(found.order_by("created_at", "pk"))
        shared = Counter(alias for _pk, alias, _code in cases)
        return {pk: (alias, alias if shared[alias] == 1 else f"{alias} ({code})") for pk, alias, code in cases}

    def _told(self) -> tuple[dict[UUID, dict[str, str]], dict[UUID, set[str]]]:
        """What each case's newest identity says, and the phones of those whose contacts may be revealed."""
        identities: dict[UUID, dict[str, str]] = {}
        phones: dict[UUID, set[str]] = defaultdict(set)
        for row, told in vault.unlocked_for_comparison(_rows(self.by), NAMES, by=self.by, purpose="duplicates"):
            if isinstance(row, Identity):
                identities[row.case_id] = told
            elif isinstance(row, Channel) and (phone := _phone(told["address"])):
                phones[row.case_id].add(phone)
        return identities, phones


def _rows(by: Account) -> Iterator[models.Model]:
    revealed = Case.objects.visible_to(by, "identity.reveal")
    yield from Identity.objects.filter(case__in=revealed).order_by("at")
    reached = Case.objects.visible_to(by, "contacts.reveal")
    yield from Channel.objects.filter(case__in=reached, kind=Channel.Kind.PHONE)


def _likeness(alias: str, label: str, told: dict[str, str], phone: str) -> Likeness:
    names = (told["surname"], told["given_names"], told["patronymic"])
    return likeness(label, *names, birth=_birth(told["birth"]), phone=phone or None, alias=alias)


def _birth(text: str) -> PartialDate | None:
    for parse in (PartialDate.parse, lambda written: read(written, datetime.now(UTC).date())):
        try:
            return parse(text)
        except NoSuchDate:
            continue
    return None


def _phone(text: str) -> str | None:
    try:
        return e164(text)
    except UnusablePhone:
        return None

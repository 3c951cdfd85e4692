"""Reads each row of a table: a referral, or refused with its field and the reason in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from relocation.intake import words
from relocation.intake.columns import Columns, filled
from relocation.intake.referral import Ignored, Referral, Refused
from relocation.intake.table import Row, Table
from relocation.models import dates
from relocation.models.dates import NoSuchDate, PartialDate
from relocation.models.phones import UnusablePhone, e164

LONGEST_NAME = 120
LONGEST_TEXT = 20_000
NAMES = ("alias", "surname", "given_names", "patronymic", "city", "referred_by")
# Zero-width signs, direction marks and control characters have no place in a name.
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f-\x9f]")
PATRONYMIC = re.compile(r"(?:вич|вна|ична|оглы|кызы|vich|vna|ichna|ogly|kyzy)$", re.I)
NO_PHONE = {"нет", "no", "none", "нет телефона", "no phone"}

Read = Referral | Refused | Ignored


def read(table: Table, today: date) -> Iterator[Read]:
    """Each row of the table, one at a time; an id that comes twice is told apart by its row's number."""
    seen: set[str] = set()
    for row in table.rows:
        yield read_row(row, table.columns, _own_id(row, table.columns, seen), today)


def read_row(row: Row, columns: Columns, own_id: str, today: date) -> Read:
    """One row as of `today`, after which nobody was born yet."""
    number, cells = row
    if columns.repeated_in(cells) or _is_sum(cells, columns):
        return Ignored(filled(cells)[0])
    if words.consents(columns.cell("consent", cells)) is not True:
        return Refused(own_id, "consent", _without_consent(columns.cell("consent", cells)), number, cells)
    reading = Reading(cells, columns, today)
    facts = reading.facts()
    if reading.faults:
        field, reasons = next(iter(reading.faults)), " ".join(reading.faults.values())
        return Refused(own_id, field, reasons, number, cells)
    return Referral(own_id=own_id, number=number, given_id=_given_id(cells, columns), **facts)


class Reading:
    """One row being read: its facts, the faults that refuse it, and the fields whose words were not understood."""

    def __init__(self, cells: tuple[str, ...], columns: Columns, today: date) -> None:
        self.cells, self.columns, self.today = cells, columns, today
        self.faults: dict[str, str] = {}
        self.unread: list[str] = []

    def facts(self) -> dict[str, Any]:
        """The fields of a referral, as far as they can be read; faults are in the order in which people mend them."""
        names = self.names()
        phone = self.cell("phone")
        if not (names["alias"] or names["surname"] or names["given_names"] or phone):
            self.faults["identity"] = _("There is no name, alias or phone to know the person by. Add one of them.")
        return {
            **names,
            "birth": self.birth(),
            "phone": self.phone(),
            "danger": self.danger(),
            "languages": words.languages(self.cell("languages")),
            "household_size": self.understood("household_size", words.people),
            "urgency": self.understood("urgency", words.urgency),
            "received_on": self.understood("received_on", self.day),
            "unread": tuple(self.unread),
        }

    def cell(self, field: str) -> str:
        """The words of a field, or nothing where they only say that nothing is known."""
        return words.said(self.columns.cell(field, self.cells).strip())

    def understood(self, field: str, read: Any) -> Any:
        """What `read` makes of a field that refuses nobody."""
        text = self.cell(field)
        fact = read(text) if text else None
        if text and fact is None:
            self.unread.append(field)
        return fact

    def names(self) -> dict[str, str]:
        """The names in their parts, one space between words."""
        names = {field: _tidy(self.cell(field)) for field in NAMES}
        for part, name in self.split_name().items():
            names[part] = names[part] or name
        for field, name in names.items():
            if len(name) > LONGEST_NAME:
                self.faults[field] = _("A name or place is longer than 120 letters. Shorten it.")
        return names

    def split_name(self) -> dict[str, str]:
        """A name from one cell: surname first where the column or a comma says so, else last."""
        formal, informal = _tidy(self.cell("formal_name")), _tidy(self.cell("full_name"))
        if not formal and "," not in informal:
            given, _space, surname = informal.rpartition(" ")
            return {"surname": surname, "given_names": given} if given else {"given_names": informal}
        surname, *names = (formal or informal.replace(",", " ")).split() or [""]
        patronymic = names.pop() if len(names) > 1 and PATRONYMIC.search(names[-1]) else ""
        return {"surname": surname, "given_names": " ".join(names), "patronymic": patronymic}

    def birth(self) -> PartialDate | None:
        """The birth date, as precisely as it was written."""
        text = self.cell("birth")
        try:
            return dates.born(text, self.today) if text else None
        except NoSuchDate:
            self.faults["birth_date"] = _(
                "This birth date is not in the calendar or cannot be read. Write it as 04.10.1975, 10.1975, 1975 or about 1975."
            )
            return None

    def phone(self) -> str | None:
        """The phone as E.164."""
        text = self.cell("phone")
        try:
            return e164(text) if text and words.plain(text) not in NO_PHONE else None
        except UnusablePhone:
            self.faults["phone"] = _(
                "This is not one phone number that can be rung. Write one number and nothing else, or leave the cell empty."
            )
            return None

    def danger(self) -> str:
        """Word for word."""
        text = self.columns.cell("danger", self.cells).strip()
        if len(text) > LONGEST_TEXT:
            self.faults["danger"] = _("The account of the danger is longer than 20,000 letters. Send it as a document instead.")
        return text

    def day(self, text: str) -> date | None:
        """A whole day, or None."""
        try:
            return dates.read(text, self.today).exact
        except NoSuchDate:
            return None


def _own_id(row: Row, columns: Columns, seen: set[str]) -> str:
    number, cells = row
    own_id = _given_id(cells, columns) or str(number)
    if own_id in seen:
        own_id = _("%(id)s (row %(number)d)") % {"id": own_id, "number": number}
    seen.add(own_id)
    return own_id


def _given_id(cells: tuple[str, ...], columns: Columns) -> str:
    return _tidy(columns.cell("own_id", cells))[:60]


def _tidy(text: str) -> str:
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def _is_sum(cells: tuple[str, ...], columns: Columns) -> bool:
    """Whether the row adds up the others; a person whose name begins so has said whether to be contacted."""
    return words.sums_up(filled(cells)[0]) and not columns.cell("consent", cells).strip()


def _without_consent(said: str) -> str:
    if words.consents(said) is False:
        return _("This person does not agree to be contacted, so nothing about them is imported.")
    return _("Nothing says plainly that this person agrees to be contacted. Ask, then write yes or no.")

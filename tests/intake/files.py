"""Referral files made for a test, all of invented people."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from relocation.intake.preview import Preview, preview

REFERRALS = Path(__file__).parents[1] / "data" / "referrals"
TODAY = date(2026, 11, 23)
HEADER = ["№", "Фамилия", "Имя", "Дата рождения", "Телефон", "Согласие на связь"]
SURNAMES = ["Цаплин", "Чижов", "Стрижов", "Дятлов", "Щеглов", "Скворцов", "Журавлёв", "Воробьёв", "Зябликов", "Чайкин"]
NAMES = ["Адам", "Артём", "Денис", "Пётр", "Руслан", "Тимур", "Юрий", "Ильяс", "Марат", "Даниил"]


def people(count: int) -> Iterable[list[str]]:
    """So many invented people, each with a birth date and phone of their own."""
    for number in range(count):
        birth = f"{number % 28 + 1:02}.{number % 12 + 1:02}.{1960 + number % 45}"
        phone = f"+7 9{number % 90 + 10} {number // 90:07}"
        yield [str(number), SURNAMES[number % 10], NAMES[number // 10 % 10], birth, phone, "да"]


def as_csv(*rows: Iterable[object], delimiter: str = ";", encoding: str = "utf-8") -> io.BytesIO:
    """A CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def as_xlsx(*rows: Iterable[object], change: Callable[[Workbook], None] | None = None) -> io.BytesIO:
    """A workbook of one sheet, changed before it is saved where a test wants that."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    if change:
        change(book)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def with_part(file: io.BytesIO, name: str, content: bytes) -> io.BytesIO:
    """A workbook with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    out.seek(0)
    return out


def look(file: io.BytesIO | Path, name: str = "referrals.csv", **more: Any) -> Preview:
    """The preview of a file, as of the day of the tests."""
    return preview(file, name, today=TODAY, **more)

"""What importing a file would do, before anybody decides: nothing is saved here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.intake import likeness, rows, table
from relocation.intake.likeness import Likeness, Match
from relocation.intake.referral import Referral, Refused

EVERY = 100


@dataclass(frozen=True, slots=True)
class Preview:
    """A file judged. `duplicates` are within it, `known` against cases; `refused_whole` is a sentence or nothing."""

    name: str
    good: tuple[Referral, ...] = ()
    refused: tuple[Refused, ...] = ()
    ignored: tuple[str, ...] = ()
    duplicates: tuple[Match, ...] = ()
    known: tuple[Match, ...] = ()
    headers: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    sheet: str = ""
    refused_whole: str = ""

    @property
    def rows(self) -> int:
        """Rows that hold a person, refused ones among them."""
        return len(self.good) + len(self.refused)

    @property
    def kept_as_text(self) -> tuple[str, ...]:
        """The ids of rows in which a text begins like a formula."""
        return tuple(referral.own_id for referral in self.good if referral.has_formula_text)

    def as_json(self) -> dict[str, Any]:
        """The preview without anybody's data: ids, fields and counts."""
        return {
            "rows": self.rows,
            "refused": {row.own_id: row.field for row in self.refused},
            "likely_duplicates": [[match.first, match.second] for match in (*self.duplicates, *self.known)],
            "kept_as_text": list(self.kept_as_text),
            "ignored": list(self.ignored),
            "refused_whole": bool(self.refused_whole),
        }

    def sentences(self) -> Iterator[str]:
        """The preview as lines for a terminal; they name rows by their ids and nobody by name."""
        if self.refused_whole:
            yield f"{self.name}: {self.refused_whole}"
            return
        yield _count(len(self.good))
        for row in self.refused:
            yield _("Row %(id)s is refused: %(reason)s") % {"id": row.own_id, "reason": row.reason}
        for match in self.duplicates:
            yield _("Rows %(first)s and %(second)s may be one person (%(why)s).") % _shown(match)
        for match in self.known:
            yield _("Row %(first)s may be %(second)s, whose case is open to you (%(why)s).") % _shown(match)
        yield from self._remarks()

    def _remarks(self) -> Iterator[str]:
        for own_id in self.kept_as_text:
            yield _("Row %(id)s holds a text that looks like a formula; it is kept as text.") % {"id": own_id}
        for row in self.good:
            if row.unread:
                unread = ", ".join(row.unread).replace("_", " ")
                yield _("Row %(id)s: these words were not understood and are left out: %(fields)s.") % {
                    "id": row.own_id,
                    "fields": unread,
                }
        for label in self.ignored:
            yield _("A row that begins with “%(label)s” is no person and is passed over.") % {"label": label}
        if self.unknown_columns:
            yield _("These columns are not known and are left out: %(names)s.") % {"names": ", ".join(self.unknown_columns)}


def preview(
    source: Path | str | IO[bytes],
    name: str = "",
    *,
    known: Iterable[Likeness] = (),
    progress: Callable[[int], None] | None = None,
    today: date | None = None,
) -> Preview:
    """Reads and compares a file; `progress` hears the number of rows read, `today` is the date in UTC unless given."""
    name = name or (Path(source).name if isinstance(source, (str, Path)) else "")
    try:
        with table.read(source, name) as opened:
            return _judge(name, opened, known, progress, today or datetime.now(UTC).date())
    except table.NotATable as error:
        return Preview(name, refused_whole=str(error))


def _judge(
    name: str, opened: table.Table, known: Iterable[Likeness], progress: Callable[[int], None] | None, today: date
) -> Preview:
    good: list[Referral] = []
    refused: list[Refused] = []
    ignored: list[str] = []
    for count, row in enumerate(rows.read(opened, today), 1):
        if isinstance(row, Referral):
            good.append(row)
        elif isinstance(row, Refused):
            refused.append(row)
        else:
            ignored.append(row.label)
        if progress and count % EVERY == 0:
            progress(count)
    people = [likeness.of_referral(referral) for referral in good]
    return Preview(
        name=name,
        good=tuple(good),
        refused=tuple(refused),
        ignored=tuple(ignored),
        duplicates=tuple(likeness.pairs(people)),
        known=tuple(likeness.against(people, known)),
        headers=opened.headers,
        unknown_columns=opened.columns.unknown,
        sheet=opened.sheet,
    )


def _count(good: int) -> str:
    return ngettext("%(count)d row can be imported.", "%(count)d rows can be imported.", good) % {"count": good}


def _shown(match: Match) -> dict[str, str]:
    names = {"name": _("name"), "birth": _("birth"), "phone": _("phone"), "alias": _("alias")}
    return {"first": match.first, "second": match.second, "why": ", ".join(names[what] for what in match.why)}

"""What the preview page shows of a file: few facts about each row, never a place beside a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from relocation.intake.importing import Look
from relocation.intake.likeness import Match
from relocation.intake.referral import Referral

MOST_GOOD, MOST_REFUSED, MOST_PAIRS = 50, 100, 50


@dataclass(frozen=True)
class Pair:
    """Two that may be one person: rows of the file, or a row and a case that is shown by its alias alone."""

    why: str
    first: Referral
    second: Referral | None = None
    label: str = ""
    case_id: UUID | None = None


def shown(seen: Look) -> dict[str, Any]:
    """The context of the preview page; long lists are cut, and the page says by how many."""
    found, new = seen.preview, seen.new
    pairs = _pairs(seen)
    return {
        "found": found,
        "new": len(new),
        "already": len(seen.already),
        "good": new[:MOST_GOOD],
        "more_good": max(0, len(new) - MOST_GOOD),
        "refused": found.refused[:MOST_REFUSED],
        "more_refused": max(0, len(found.refused) - MOST_REFUSED),
        "pair_count": len(pairs),
        "pairs": pairs[:MOST_PAIRS],
        "more_pairs": max(0, len(pairs) - MOST_PAIRS),
        "remarks": _remarks(seen),
    }


def _pairs(seen: Look) -> list[Pair]:
    """Likely duplicates among what is new; a row that is a case already adds nobody and needs no decision."""
    rows = {row.own_id: row for row in seen.new}
    known = [_with_case(match, rows, seen) for match in seen.preview.known if match.first in rows]
    within = [match for match in seen.preview.duplicates if match.first in rows and match.second in rows]
    return [*known, *(Pair(_why(match), rows[match.first], rows[match.second]) for match in within)]


def _with_case(match: Match, rows: dict[str, Referral], seen: Look) -> Pair:
    return Pair(_why(match), rows[match.first], label=match.second, case_id=seen.cases.get(match.second))


def _why(match: Match) -> str:
    names = {"name": _("name"), "birth": _("birth"), "phone": _("phone"), "alias": _("alias")}
    return ", ".join(names[what] for what in match.why)


def _remarks(seen: Look) -> list[str]:
    """Sentences about what was left out or kept as it is."""
    found = seen.preview
    no_person = _("“%(label)s” begins a row that is no person; it is passed over.")
    remarks = [no_person % {"label": label} for label in found.ignored]
    if found.unknown_columns:
        names = ", ".join(found.unknown_columns)
        remarks.append(_("These columns are not known and are left out: %(names)s.") % {"names": names})
    if found.kept_as_text:
        ids = ", ".join(found.kept_as_text)
        remarks.append(_("Kept as text, though it looks like a formula: row %(ids)s.") % {"ids": ids})
    unread = [f"{row.own_id} ({', '.join(row.unread).replace('_', ' ')})" for row in found.good if row.unread]
    if unread:
        ids = ", ".join(unread[:MOST_GOOD])
        remarks.append(_("Words that were not understood are left out, in row %(ids)s.") % {"ids": ids})
    return remarks

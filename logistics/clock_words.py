"""What the clock of documents says, as sentences: each finding with its day, and the page on which it is mended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from logistics.document_clock import Finding, Rule
from logistics.models import Passage
from relocation.desk.templatetags.harbour import plain_day

SENTENCES: dict[tuple[Rule, str], Any] = {
    (Rule.CROSSES, "unsaid"): gettext_lazy("No leg says which border it crosses. Say it on a leg, so that days can be judged."),
    (Rule.DOCUMENT, "none"): gettext_lazy("No travel document is verified."),
    (Rule.DOCUMENT, "ends"): gettext_lazy("The travel document ends on %(day)s, before the way is over. Ask for a new one."),
    (Rule.DOCUMENT, "valid"): gettext_lazy("The travel document is valid until %(day)s."),
    (Rule.LASTS, "short"): gettext_lazy(
        "The travel document must be valid until %(day)s, three months beyond the stay. Ask for a new one, or enter a waiver."
    ),
    (Rule.LASTS, "lasts"): gettext_lazy("It lasts three months beyond the stay: until %(day)s at least."),
    (Rule.ISSUED, "unknown"): gettext_lazy("Enter when the travel document was issued: one that is ten years old is not taken."),
    (Rule.ISSUED, "old"): gettext_lazy("The travel document is ten years old on %(day)s. Ask for a new one, or enter a waiver."),
    (Rule.ISSUED, "young"): gettext_lazy("It is younger than ten years until %(day)s."),
    (Rule.PAGES, "unknown"): gettext_lazy("Count the blank pages of the travel document: two are needed."),
    (Rule.PAGES, "enough"): gettext_lazy("It has the two blank pages that are needed."),
    (Rule.LODGE, "lodge"): gettext_lazy("No visa is granted. Where one is needed, lodge it from %(day)s and before %(due)s."),
    (Rule.ENTRIES, "enough"): gettext_lazy("The visa allows every entry of this way."),
    (Rule.DAYS, "used"): gettext_lazy("The 90 days in the Schengen area are used up then. The first possible day is %(day)s."),
    (Rule.DAYS, "over"): gettext_lazy("The 90 days in the Schengen area end on %(day)s, before this way leaves it."),
    (Rule.DAYS, "free"): gettext_lazy("The 90 days in the Schengen area last until %(day)s."),
    (Rule.EXIT, "none"): gettext_lazy("The person may leave only with a permission. Enter it and verify it."),
    (Rule.EXIT, "ended"): gettext_lazy("The permission to leave ends before %(day)s. Ask for a new one."),
    (Rule.EXIT, "given"): gettext_lazy("The permission to leave is verified."),
    (Rule.MINOR, "none"): gettext_lazy(
        "The person is under 18. Enter the consent of parents or guardian to travel, or what a court decided, and verify it."
    ),
    (Rule.MINOR, "ended"): gettext_lazy("The consent of parents or guardian ends before %(day)s. Ask for a new one."),
    (Rule.MINOR, "given"): gettext_lazy("The consent of parents or guardian is verified."),
    (Rule.DEBTS, "never"): gettext_lazy("Look whether debts stop the person at the border, from %(day)s on."),
    (Rule.DEBTS, "early"): gettext_lazy("Debts were looked at too long before the border. Look again from %(day)s on."),
    (Rule.DEBTS, "before_clearing"): gettext_lazy(
        "The border database was looked at before the debt was cleared on %(day)s. A ban lifts days later: look again."
    ),
    (Rule.DEBTS, "recent"): gettext_lazy("Debts: the border database was looked at on %(day)s."),
    (Rule.DEBTS, "skipped"): gettext_lazy("Debts: not looked at, for the reason given."),
    (Rule.WANTED, "never"): gettext_lazy("Look at the wanted list, from %(day)s on."),
    (Rule.WANTED, "early"): gettext_lazy("The wanted list was looked at too long before the border. Look again from %(day)s on."),
    (Rule.WANTED, "before_clearing"): gettext_lazy("The wanted list was looked at before %(day)s. Look again."),
    (Rule.WANTED, "recent"): gettext_lazy("Wanted list: looked at on %(day)s."),
    (Rule.WANTED, "skipped"): gettext_lazy("Wanted list: not looked at, for the reason given."),
}  # fmt: skip

# Where each is mended: words for the button, the address, and the kind of record or document.
DOCUMENTS, PASSAGE, BORDER = (
    gettext_lazy("Open documents"),
    gettext_lazy("Open the passage"),
    gettext_lazy("Record a border check"),
)
POSTS, STAYS = gettext_lazy("Open the applications"), gettext_lazy("Enter days in the Schengen area")
MENDED: dict[Rule, tuple[Any, str, str]] = {
    Rule.CROSSES: (PASSAGE, "passages:passage", ""),
    Rule.LODGE: (POSTS, "desk:record", "application"),
    Rule.ENTRIES: (POSTS, "desk:record", "application"),
    Rule.DAYS: (STAYS, "desk:record", "schengen-stay"),
    Rule.DEBTS: (BORDER, "desk:record", "border-check"),
    Rule.WANTED: (BORDER, "desk:record", "border-check"),
}


@dataclass(frozen=True)
class Told:
    """A finding in words. `due` is the end (UTC) of the day by which it is to be settled."""

    rule: Rule
    sentence: str
    holds: bool
    label: Any
    url: str
    due: datetime | None

    @property
    def late(self) -> bool:
        return self.due is not None and self.due < timezone.now()


def told(findings: Iterable[Finding], way: Passage) -> list[Told]:
    """The findings of one way in words, what is missing first and the most urgent of it at the top."""
    said = [_told(finding, way) for finding in findings]
    return sorted(said, key=lambda one: (one.holds, one.due or datetime.max.replace(tzinfo=UTC)))


def _told(finding: Finding, way: Passage) -> Told:
    label, route, arguments = mended(finding.rule, way)
    return Told(finding.rule, sentence(finding), finding.holds, label, reverse(route, args=arguments), end_of(finding.due))


def sentence(finding: Finding) -> str:
    """One finding as a sentence."""
    if (finding.rule, finding.code) == (Rule.PAGES, "few"):
        words = ngettext("It has %(n)d blank page. Two are needed.", "It has %(n)d blank pages. Two are needed.", finding.number)
        return words % {"n": finding.number}
    if (finding.rule, finding.code) == (Rule.ENTRIES, "few"):
        words = ngettext(
            "The visa allows %(n)d entry, and this way needs more.",
            "The visa allows %(n)d entries, and this way needs more.",
            finding.number,
        )
        return words % {"n": finding.number}
    return str(SENTENCES[finding.rule, finding.code]) % {"day": _day(finding.day), "due": _day(finding.due)}


def mended(rule: Rule, way: Passage) -> tuple[Any, str, tuple[Any, ...]]:
    """The button's words, and the route and arguments of the page on which something is put right."""
    label, route, kind = MENDED.get(rule, (DOCUMENTS, "desk:documents", ""))
    if route == "passages:passage":
        return label, route, (way.case_id, way.pk)
    return label, route, (way.case_id, kind) if kind else (way.case_id,)


def end_of(day: date | None) -> datetime | None:
    """The last moment (UTC) of a day."""
    return datetime.combine(day, time(23, 59), tzinfo=UTC) if day else None


def _day(day: date | None) -> str:
    return _("no date") if day is None else plain_day(day)

"""The columns that this floor judges: consent, document, dossier, visa, border checks, check-in plan, contacts, second person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from relocation.journey.conditions import Link
from relocation.journey.conditions.way import CHECKED_WITHIN
from relocation.journey.readiness import NOT_NEEDED, READY, SETS_OUT, Cell, Mark, Sight, at_best, column
from relocation.models import (
    TRAVEL_DOCUMENTS,
    AlarmContact,
    Application,
    ApplicationState,
    Approval,
    BorderCheck,
    Case,
    CheckInPlan,
    Consent,
    Document,
    OnCase,
    Paper,
)
from relocation.safety.policy import Compartment, Role

Row = TypeVar("Row", bound=OnCase)
Cells = Mapping[UUID, Cell]
DESK = (Role.LEAD, Role.WORKER, Role.COORDINATOR)
LASTS = timedelta(days=90)  # beyond the day of leaving, as carriers and borders ask of a passport


def _by_case(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _record(case: Case, label: str, kind: str) -> Link:
    return Link(label, "desk:record", (case.pk, kind))


def _blocked(reason: str, mend: Link, by: tuple[Role, ...], case: Case) -> Cell:
    return Cell(Mark.BLOCKED, reason, mend, by, case.stage_since)


@column("consent", pgettext_lazy("column", "Consent"), gettext_lazy("Consent missing or run out"))
def consent(sight: Sight) -> Cells:
    """The person agrees to be contacted, on the day of leaving too."""
    live = Consent.live(timezone.localdate(), purpose=Consent.Purpose.CONTACT)
    held = _by_case(Consent.objects.filter(live, case__in=sight.cases))
    return {case.pk: _agrees(case, held[case.pk], sight) for case in sight.cases}


def _agrees(case: Case, given: list[Consent], sight: Sight) -> Cell:
    if any(one.expires_on >= sight.wave.leaves_on for one in given):
        return READY
    words = _("Consent runs out before the day of leaving.") if given else _("No consent is in force.")
    return _blocked(words, _record(case, _("Record consent"), "consent"), DESK, case)


@column("document", pgettext_lazy("column", "Document"), gettext_lazy("No travel document that lasts"))
def document(sight: Sight) -> Cells:
    """A verified passport or travel document that lasts for three months beyond the day of leaving."""
    seen = sight.sees(Compartment.DOCUMENTS)
    held = _by_case(Document.objects.filter(case__in=seen, kind__in=TRAVEL_DOCUMENTS))
    return {case.pk: _lasting(case, held[case.pk], sight) for case in seen}


def _lasting(case: Case, papers: list[Document], sight: Sight) -> Cell:
    until, mend = sight.wave.leaves_on + LASTS, Link(_("Open documents"), "desk:documents", (case.pk,))
    lasting = [one for one in papers if one.expires_on and one.expires_on >= until]
    if any(one.verified_at for one in lasting):
        return READY
    if lasting:
        return Cell(Mark.BLOCKED, _("The travel document has not been verified yet."), mend, since=lasting[0].at)
    words = _("The travel document runs out too early.") if papers else _("There is no travel document.")
    return _blocked(words, mend, (Role.LEAD, Role.WORKER), case)


def _applications(sight: Sight, seen: list[Case]) -> dict[UUID, list[Application]]:
    over = (ApplicationState.REFUSED, ApplicationState.LAPSED, ApplicationState.DROPPED)
    found = Application.objects.filter(case__in=seen).exclude(state__in=over).select_related("post")
    return _by_case(found.order_by("at"))


@column("dossier", pgettext_lazy("column", "Dossier"), gettext_lazy("Dossier not with the post"))
def dossier(sight: Sight) -> Cells:
    """The post has the dossier; a visa that was given needs none any more."""
    seen = sight.sees(Compartment.POST)
    made = {
        paper.about: paper for paper in Paper.objects.filter(case__in=seen, kind=Paper.Kind.DOSSIER).only("about", "state", "at")
    }
    held = _applications(sight, seen)
    return {case.pk: _sent(case, held[case.pk], made) for case in seen}


def _sent(case: Case, applications: list[Application], made: Mapping[UUID | None, Paper]) -> Cell:
    if not applications:
        mend = _record(case, _("Choose a post"), "application")
        return _blocked(_("No post has been chosen."), mend, (Role.LEAD,), case)
    return at_best(_sent_to(case, one, made.get(one.pk)) for one in applications)


def _sent_to(case: Case, application: Application, paper: Paper | None) -> Cell:
    if application.released_at or application.state in (ApplicationState.LODGED, ApplicationState.GRANTED):
        return READY
    if paper is not None and paper.state == Paper.State.READY:
        mend = Link(_("Release it"), "desk:paper", (case.pk, paper.pk))
        return Cell(Mark.BLOCKED, _("The dossier is made and not released."), mend, since=paper.at)
    mend = Link(_("Open papers"), "desk:papers", (case.pk,))
    return Cell(Mark.BLOCKED, _("The dossier has not been made."), mend, since=application.at)


@column("visa", pgettext_lazy("column", "Visa"), gettext_lazy("No visa for the day of leaving"))
def visa(sight: Sight) -> Cells:
    """A visa that is valid on the day of leaving, or whose decision waits with the post."""
    seen = sight.sees(Compartment.POST)
    held = _applications(sight, seen)
    return {case.pk: _decided(case, held[case.pk], sight) for case in seen}


def _decided(case: Case, applications: list[Application], sight: Sight) -> Cell:
    if not applications:
        mend = _record(case, _("Choose a post"), "application")
        return _blocked(_("No application has been made."), mend, (Role.LEAD,), case)
    return at_best(_decision(case, one, sight) for one in applications)


def _decision(case: Case, application: Application, sight: Sight) -> Cell:
    mend = Link(_("Open the case"), "desk:case", (case.pk,))
    if application.state == ApplicationState.GRANTED:
        if application.valid_until and application.valid_until >= sight.wave.leaves_on:
            return READY
        return Cell(Mark.BLOCKED, _("The visa runs out before the day of leaving."), mend, since=application.at)
    if application.state == ApplicationState.LODGED:
        words = _("Post %(post)s has not decided yet.") % {"post": application.post}
        return Cell(
            Mark.WAITING,
            words,
            Link(_("Write to the post"), "desk:thread", (case.pk, application.pk)),
            since=application.released_at,
        )
    return Cell(Mark.BLOCKED, _("The application is not lodged yet."), mend, since=application.at)


@column("border", pgettext_lazy("column", "Border"), gettext_lazy("Border checks missing"))
def border(sight: Sight) -> Cells:
    """Debts and the wanted list were looked at within 14 days, and nothing stops the person."""
    seen = sight.sees(Compartment.TRAVEL)
    recent = BorderCheck.objects.filter(case__in=seen, at__gte=timezone.now() - CHECKED_WITHIN).order_by("at")
    held = _by_case(recent)
    return {case.pk: _checked(case, held[case.pk]) for case in seen}


def _checked(case: Case, checks: list[BorderCheck]) -> Cell:
    latest = {check.kind: check for check in checks}
    mend, by = _record(case, _("Record a border check"), "border-check"), (Role.LEAD, Role.COORDINATOR)
    if any(check.outcome == BorderCheck.Outcome.STOPPED for check in latest.values()):
        return _blocked(_("Something at the border must be settled first."), mend, by, case)
    if set(latest) == set(BorderCheck.Kind.values):
        return READY
    return _blocked(_("Debts or the wanted list were not looked at within 14 days."), mend, by, case)


@column("check_in", pgettext_lazy("column", "Check-ins"), gettext_lazy("No check-in plan for the way"))
def check_in(sight: Sight) -> Cells:
    """A plan of check-ins that still runs on the day of leaving."""
    lasts = Q(ends_at=None) | Q(ends_at__date__gte=sight.wave.leaves_on)
    held = _by_case(CheckInPlan.objects.filter(lasts, case__in=sight.cases).defer("codeword", "duress_word"))
    return {case.pk: READY if held[case.pk] else _no_plan(case) for case in sight.cases}


def _no_plan(case: Case) -> Cell:
    mend = _record(case, _("Make a check-in plan"), "check-in-plan")
    return _blocked(_("No check-in plan covers the day of leaving."), mend, (Role.LEAD,), case)


@column("contacts", pgettext_lazy("column", "Contacts"), gettext_lazy("Alarm contacts missing"))
def contacts(sight: Sight) -> Cells:
    """A lawyer and one more to call when something happens."""
    held = _by_case(AlarmContact.objects.filter(case__in=sight.cases).defer("name", "address"))
    return {case.pk: READY if _enough(held[case.pk]) else _too_few(case) for case in sight.cases}


def _enough(known: list[AlarmContact]) -> bool:
    return len(known) > 1 and any(one.kind == AlarmContact.Kind.LAWYER for one in known)


def _too_few(case: Case) -> Cell:
    mend = _record(case, _("Add an alarm contact"), "alarm-contact")
    return _blocked(_("A lawyer and one more to call are not both known."), mend, (Role.LEAD,), case)


@column("agreed", pgettext_lazy("column", "Agreed"), gettext_lazy("A second person’s word waits"))
def agreed(sight: Sight) -> Cells:
    """What a second person said to the step by which the wave sets out; before anybody asks, nothing waits."""
    step = SETS_OUT[sight.wave.purpose]
    asked = Approval.objects.filter(case__in=sight.cases, what=f"step.{step}", used_at=None, expires_at__gt=timezone.now())
    held = _by_case(asked.defer("reason", "facts").select_related("by").order_by("at"))
    return {case.pk: _word(case, held[case.pk], sight) for case in sight.cases}


def _word(case: Case, asked: list[Approval], sight: Sight) -> Cell:
    if not asked:
        return NOT_NEEDED
    last = asked[-1]
    if last.given:
        return READY
    if last.given is None and last.by_id != sight.by.pk:
        mend = Link(_("Look and answer"), "desk:answer", (last.pk,))
        return Cell(
            Mark.BLOCKED, _("%(name)s asks for a second person’s word.") % {"name": last.by}, mend, (Role.COORDINATOR,), last.at
        )
    words = _("A second person has not answered yet.") if last.given is None else _("The second person did not agree.")
    mend = Link(_("Open the question"), "desk:step", (case.pk, SETS_OUT[sight.wave.purpose]))
    return Cell(Mark.WAITING, words, mend, since=last.at)

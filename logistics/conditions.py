"""What only the roads can judge."""

from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from logistics import clock, clock_words, dispatch, receiving
from logistics.document_clock import Finding, Rule
from logistics.models import Passage, Seat
from relocation.journey.after import after
from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Link, Met, Unmet, looks_into, offer
from relocation.journey.facts import Departing
from relocation.models import TRAVEL_DOCUMENTS, Application, ApplicationState, Document, Paper, Stage
from relocation.safety import access
from relocation.safety.policy import Compartment

CARRIERS = ("", "carrier")


def _plan_link(attempt: Attempt, label: str) -> Link:
    return Link(label, "passages:case", (attempt.case.pk,))


def _live(attempt: Attempt, purpose: Passage.Purpose) -> Passage | None:
    live = Passage.objects.filter(case=attempt.case, purpose=purpose, state__in=dispatch.LIVE)
    return live.select_related("case").last()


def _seats(attempt: Attempt, purpose: Passage.Purpose) -> list[Seat]:
    """The seats of the newest live passage of this purpose, on legs that are not over; a way that is over leads nowhere."""
    live = _live(attempt, purpose)
    if live is None:
        return []
    ahead = live.seats.filter(given_up_at=None, leg__arrives_at__gt=timezone.now()).exclude(progress__in=dispatch.OVER)
    return list(ahead.select_related("leg", "passage"))


@offer("passage_planned")
@looks_into(Compartment.TRAVEL)
def passage_planned(attempt: Attempt) -> Met | Unmet:
    """A way out of danger, with legs, and on each an escort, or alone by choice."""
    seats = _seats(attempt, Passage.Purpose.EXTRACTION)
    if not seats:
        return Unmet(
            _("No passage with legs is planned."),
            _plan_link(attempt, _("Plan a passage")),
        )
    if cancelled := _cancelled(attempt, seats):
        return cancelled
    if any(seat.leg.escort_id is None and not seat.passage.alone_by_choice for seat in seats):
        return Unmet(
            _("A leg has no escort. Name one, or record that the person travels alone by choice."),
            _plan_link(attempt, _("Open the passage")),
        )
    words = ngettext("A passage of %(legs)d leg is planned.", "A passage of %(legs)d legs is planned.", len(seats))
    return Met(words % {"legs": len(seats)}, _way(seats))


def _cancelled(attempt: Attempt, seats: list[Seat]) -> Unmet | None:
    """A leg that does not go takes nobody."""
    gone = next((seat for seat in seats if seat.leg.cancelled_at), None)
    if gone is None:
        return None
    sentence = _("%(leg)s is cancelled. Go by a leg that stands ready, or take it out.") % {"leg": gone.leg}
    return Unmet(sentence, _plan_link(attempt, _("Open the passage")))


def _way(seats: list[Seat]) -> tuple[str, ...]:
    """Everything about a way that somebody who agrees to it has looked at."""
    return tuple(sorted("\n".join(map(str, _of_seat(seat))) for seat in seats))


def _of_seat(seat: Seat) -> tuple[object, ...]:
    leg = seat.leg
    return (
        seat.pk, seat.number, seat.ticketed_at, seat.passage.alone_by_choice, leg.pk, leg.mode, leg.carrier, leg.number,
        leg.escort_id, leg.from_place, leg.departs_at, leg.to_place, leg.arrives_at, leg.needs_manifest,
        leg.crossing, leg.cancelled_at,
    )  # fmt: skip


@offer("visa_or_none_needed")
@looks_into(Compartment.POST, Compartment.TRAVEL)
def visa_or_none_needed(attempt: Attempt) -> Met | Unmet:
    """A visa that has not run out, the one that the legs are judged by; or the reason why none is needed."""
    if _visa_free(attempt):
        return Met(_("No visa is needed, for the reason given."))
    if visa := _visa(attempt, _seats(attempt, Passage.Purpose.DEPARTURE)):
        said = {"first": visa.valid_from, "last": visa.valid_until}
        return Met(_("A visa is valid from %(first)s until %(last)s.") % said, (visa.pk, visa.valid_from, visa.valid_until))
    return Unmet(_("There is no visa that is still valid. Enter why none is needed, or wait for one."))


def _visa_free(attempt: Attempt) -> bool:
    return isinstance(attempt.facts, Departing) and bool(attempt.facts.visa_free.strip())


def _visa(attempt: Attempt, seats: list[Seat]) -> Application | None:
    """The granted visa that covers every leg; where none does, the one that lasts longest."""
    wanted = {"state": ApplicationState.GRANTED, "valid_from__isnull": False, "valid_until__gte": timezone.localdate()}
    granted = list(Application.objects.filter(case=attempt.case, **wanted).order_by("-valid_until"))
    covering = [visa for visa in granted if all(_covers(visa, seat) for seat in seats)]
    return next(iter(covering or granted), None)


def _covers(visa: Application, seat: Seat) -> bool:
    assert visa.valid_from and visa.valid_until
    day: date = seat.leg.arrives_local.date()
    return visa.valid_from <= day <= visa.valid_until


@offer("legs_ticketed")
@looks_into(Compartment.TRAVEL, Compartment.DOCUMENTS, Compartment.POST)
def legs_ticketed(attempt: Attempt) -> Met | Unmet:
    """Every leg has its ticket, within the validity of visa and travel document."""
    seats = _seats(attempt, Passage.Purpose.DEPARTURE)
    if not seats:
        return Unmet(
            _("No passage out of the country is planned."),
            _plan_link(attempt, _("Plan a passage")),
        )
    if cancelled := _cancelled(attempt, seats):
        return cancelled
    if without := [seat for seat in seats if seat.ticketed_at is None]:
        return Unmet(_("%(leg)s has no ticket.") % {"leg": without[0].leg}, _plan_link(attempt, _("Open the passage")))
    visa = None if _visa_free(attempt) else _visa(attempt, seats)
    if outside := [seat for seat in seats if not (visa is None or _covers(visa, seat)) or not _document_lasts(attempt, seat)]:
        return Unmet(
            _("%(leg)s lies outside the validity of the visa or the travel document.") % {"leg": outside[0].leg},
            _plan_link(attempt, _("Open the passage")),
        )
    return Met(_("Every leg is ticketed."), _way(seats))


def _document_lasts(attempt: Attempt, seat: Seat) -> bool:
    """Whether a verified travel document outlasts the leg."""
    day = seat.leg.arrives_local.date()
    good = Document.objects.filter(case=attempt.case, kind__in=TRAVEL_DOCUMENTS, verified_at__isnull=False, expires_on__gt=day)
    return good.exists()


@offer("documents_in_time")
@looks_into(Compartment.TRAVEL, Compartment.DOCUMENTS, Compartment.POST)
def documents_in_time(attempt: Attempt) -> Met | Unmet:
    """Document, visa, permissions and checks hold on the days on which the way crosses borders; a visa has its own condition."""
    way = _live(attempt, Passage.Purpose.DEPARTURE)
    findings = clock.read([way], visa_free=_visa_free(attempt)).get(way.pk, []) if way else []
    if way is None or not findings:
        return Met(_("No leg lies ahead whose days could be judged."))
    missing = [finding for finding in findings if not finding.holds and not _said_elsewhere(finding)]
    if not missing:
        return Met(_("The documents hold on the days of this way."), tuple(f"{f.rule} {f.code} {f.day}" for f in findings))
    label, route, arguments = clock_words.mended(missing[0].rule, way)
    sentence = " ".join(clock_words.sentence(finding) for finding in missing)
    due = min(finding.due for finding in missing if finding.due)
    return Unmet(sentence, Link(label, route, arguments), due=clock_words.end_of(due))


def _said_elsewhere(finding: Finding) -> bool:
    """What the conditions of visa, tickets and checks say already."""
    return finding.rule in (Rule.LODGE, Rule.DOCUMENT) or (finding.rule in (Rule.DEBTS, Rule.WANTED) and finding.code == "never")


@offer("manifest_issued")
@looks_into(Compartment.TRAVEL)
def manifest_issued(attempt: Attempt) -> Met | Unmet:
    """A manifest for each leg whose carrier needs one."""
    legs = {seat.leg_id for seat in _seats(attempt, Passage.Purpose.DEPARTURE) if seat.leg.needs_manifest}
    on_it = Q(case=attempt.case) | Q(subjects__case=attempt.case)
    made = Paper.objects.filter(
        on_it, kind=Paper.Kind.MANIFEST, reader__in=CARRIERS, state=Paper.State.READY, about__in=legs
    ).distinct()
    issued = list(made.order_by("pk"))
    if legs - {paper.about for paper in issued}:
        return Unmet(
            _("A carrier needs a manifest that has not been issued."),
            Link(_("Open papers"), "desk:papers", (attempt.case.pk,)),
        )
    rests_on = tuple(f"{paper.pk} {bytes(paper.sha256 or b'').hex()}" for paper in issued)
    return Met(_("Every manifest that a carrier needs is issued."), (*sorted(map(str, legs)), *rests_on))


@after("shelter", "abort", "arrive", "turn_back")
def finish_ways(attempt: Attempt, was: str) -> None:
    """The way that was being travelled is over; one that is planned for a later day is not.

    Whoever may not plan (a receiver) leaves it as it is: its legs end by themselves.
    """
    if not access.may(attempt.by, "travel.write", attempt.case.pk):
        return
    purpose = Passage.Purpose.DEPARTURE if was == Stage.TRAVELLING else Passage.Purpose.EXTRACTION
    for way in Passage.objects.filter(case=attempt.case, purpose=purpose, state__in=dispatch.LIVE):
        if was != Stage.ACCEPTED or dispatch.has_begun(way):
            dispatch.finish(way, by=attempt.by)
            if attempt.step.name != "arrive":
                receiving.let_go(way, by=attempt.by)

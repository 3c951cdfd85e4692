"""On the way: departure, arrival, words that prove who speaks, and the end of a case."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import channels
from relocation.journey.attempt import Attempt
from relocation.journey.codeword import CODEWORD, DURESS, is_agreed, plan_of
from relocation.journey.conditions import Link, Met, Unmet, looks_into
from relocation.journey.conditions.referral import record_link
from relocation.journey.facts import Closing, MadeSafe, OverChannel, WentHome
from relocation.journey.looking_after import SAFETY_DAYS, looked_after
from relocation.models import (
    BorderCheck,
    Channel,
    Consent,
    Stage,
    Standing,
)
from relocation.safety.policy import Compartment, Role

CHECKED_WITHIN = timedelta(days=14)
LOST_FOR = timedelta(days=180)


@looks_into(Compartment.TRAVEL)
def border_checked(attempt: Attempt) -> Met | Unmet:
    """Debts and the wanted list were looked at within 14 days, or skipped with a reason."""
    since = timezone.now() - CHECKED_WITHIN
    recent = BorderCheck.objects.filter(case=attempt.case, at__gte=since)
    latest = {check.kind: check for check in recent}
    passable = {k: c for k, c in latest.items() if c.outcome != BorderCheck.Outcome.STOPPED}
    if set(passable) == set(BorderCheck.Kind.values):
        rests_on = tuple(sorted(f"{c.pk} {c.outcome}" for c in passable.values()))
        return Met(_("Debts and the wanted list were looked at."), rests_on)
    return Unmet(
        _("Look at debts and the wanted list, or record why one is skipped. What was found must be settled first."),
        record_link(attempt, _("Record a border check"), "border-check"),
    )


def word_given(attempt: Attempt) -> Met | Unmet:
    """The codeword, or the duress word: on the screen both look the same."""
    if attempt.facts is None:
        return Unmet(_("The person must give the codeword."))
    if is_agreed(plan_of(attempt.case), attempt.facts.codeword, CODEWORD, DURESS):
        return Met(_("The codeword was given."))
    return Unmet(_("That is not the codeword that was agreed. Ask once more, over another channel."))


def under_duress(attempt: Attempt) -> bool:
    """Whether the word given was the duress word."""
    return is_agreed(plan_of(attempt.case), attempt.facts.codeword, DURESS)


def channel_named(attempt: Attempt) -> Channel | None:
    """The channel that the facts name, while it is one of the case's own, verified and safe."""
    facts = attempt.facts
    if not isinstance(facts, OverChannel) or facts.channel is None:
        return None
    return channels.verified(attempt.case).filter(pk=facts.channel).first()


@looks_into(Compartment.CONTACTS)
def channel_holds(attempt: Attempt) -> Met | Unmet:
    """What is said over a channel counts while that channel is verified; said over none, it waits with an alarm."""
    if channel := channel_named(attempt):
        return Met(_("The channel is verified."), (channel.pk, channel.verified_at))
    if isinstance(attempt.facts, OverChannel) and attempt.facts.channel is not None:
        return Unmet(_("This channel is not verified, or no longer safe."), _channels_link(attempt))
    if attempt.facts is None and channels.verified(attempt.case).exists():
        return Met(_("There is a verified channel to hear it over."))
    return Met(_("Not heard over a verified channel, it only waits: on hold, and the people on call are told."))


@looks_into(Compartment.CONTACTS)
def by_choice_or_by_force(attempt: Attempt) -> Met | Unmet:
    """A return is either said over a verified channel, or known to be forced."""
    if isinstance(attempt.facts, WentHome) and attempt.facts.forced:
        return Met(_("How the person returned is recorded."))
    if channel := channel_named(attempt):
        return Met(_("How the person returned is recorded."), (channel.pk, channel.verified_at))
    sentence = _("Say whether the return was forced, or hear it from the person over a verified channel.")
    return Unmet(sentence, _channels_link(attempt))


def _channels_link(attempt: Attempt) -> Link:
    return record_link(attempt, _("Open the ways to reach the person"), "channel")


def place_or_channel_recorded(attempt: Attempt) -> Met | Unmet:
    if isinstance(attempt.facts, MadeSafe) and attempt.facts.place_or_channel.strip():
        return Met(_("The new place or channel is recorded."))
    return Unmet(_("Record the new place or channel."), by=(Role.COORDINATOR,))


def new_consent(attempt: Attempt) -> Met | Unmet:
    """Whoever withdrew comes back by a consent given since, and recorded since."""
    since = attempt.case.standing_since
    live = Consent.live(timezone.localdate(), purpose="contact")
    anew = {"at__gte": since, "given_on__gte": timezone.localdate(since)}
    if given := Consent.objects.filter(live, case=attempt.case, **anew).first():
        return Met(_("The person has agreed anew."), (given.pk, given.expires_on))
    return Unmet(_("Record a consent that was given after the withdrawal."), record_link(attempt, _("Record consent"), "consent"))


def may_be_closed(attempt: Attempt) -> Met | Unmet:
    """Resettled and safe after 7, 30 and 90 days, or ended in another way that the case says."""
    case, facts = attempt.case, attempt.facts
    if case.standing in (Standing.WITHDRAWN, Standing.DECEASED):
        return Met(_("The case has ended: %(standing)s.") % {"standing": Standing(case.standing).label})
    if isinstance(facts, Closing) and facts.handed_to.strip():
        return Met(_("Another organisation goes on."))
    if case.standing == Standing.LOST_CONTACT and case.standing_since <= timezone.now() - LOST_FOR:
        return Met(_("Contact has been lost for 180 days."))
    if case.stage != Stage.RESETTLED:
        return Unmet(
            _("A case closes after resettlement, or when withdrawn, deceased, handed over, or lost for 180 days."),
            by=(Role.COORDINATOR,),
        )
    missing = [day for day in SAFETY_DAYS if not looked_after(case, day)]
    if not missing:
        return Met(_("The person was safe on day 7, 30 and 90, or three attempts were made over two channels."))
    return Unmet(
        _("The safety check of day %(day)s is missing: reach the person, or try three times over two channels.")
        % {"day": missing[0]},
        record_link(attempt, _("Record a safety check"), "safety-check"),
        since=case.stage_since,
        due=case.stage_since + timedelta(days=missing[0]),
    )

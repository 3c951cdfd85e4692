"""Before a case is accepted, and before anybody is brought out."""

from datetime import timedelta
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Link, Met, Unmet
from relocation.models import (
    AlarmContact,
    CheckInPlan,
    Consent,
    Corroboration,
    DuplicateCheck,
    Pursuer,
    Referrer,
    RiskAssessment,
    Vouch,
)
from relocation.models.names import fold
from relocation.safety import access, vault
from relocation.safety.policy import Role

RISK_GOOD_FOR = timedelta(days=14)
# Words of a name that no family owns; a family name itself may be as short as Li or Tsoi.
PARTICLES = frozenset(
    [
        "al",
        "ben",
        "bin",
        "bint",
        "da",
        "de",
        "del",
        "den",
        "der",
        "di",
        "du",
        "el",
        "ibn",
        "kizi",
        "kyzy",
        "la",
        "le",
        "ogly",
        "oglu",
        "van",
        "von",
    ]
)


def record_link(attempt: Attempt, label: str, kind: str) -> Link:
    """The page on which a record of this kind is written."""
    return Link(label, "desk:record", (attempt.case.pk, kind))


def consent_to_contact(attempt: Attempt) -> Met | Unmet:
    """Nobody is contacted who did not agree to it."""
    given = Consent.objects.filter(Consent.live(timezone.localdate(), purpose="contact"), case=attempt.case).first()
    if given:
        return Met(_("The person agreed to be contacted."), (given.pk, given.expires_on))
    return Unmet(
        _("There is no consent to be contacted in force."),
        record_link(attempt, _("Record consent"), "consent"),
        since=attempt.case.stage_since,
    )


def duplicates_seen(attempt: Attempt) -> Met | Unmet:
    """Two leads on one person endanger them."""
    if seen := DuplicateCheck.objects.filter(case=attempt.case).last():
        return Met(_("Duplicates were looked at."), (seen.pk,))
    return Unmet(
        _("Nobody has looked whether the person is already known."),
        record_link(attempt, _("Look at duplicates"), "duplicates"),
        since=attempt.case.created_at,
    )


def no_conflict_of_kin(attempt: Attempt) -> Met | Unmet:
    """Neither referrer, lead nor verifier is a known pursuer or of their name, unless the person vouches for them."""
    vouched = set(Vouch.objects.filter(case=attempt.case).values_list("whom", flat=True))
    pursuers = list(Pursuer.objects.filter(case=attempt.case))
    if any(_is_kin(attempt, whom, pursuer) for pursuer in pursuers for whom in set(Vouch.For.values) - vouched):
        return Unmet(
            _(
                "Somebody on the case bears the name of a pursuer. "
                "Ask the person whether they vouch for them, or reassign the case."
            ),
            record_link(attempt, _("Record what the person says"), "vouch"),
            since=attempt.case.stage_since,
        )
    return Met(_("Nobody on the case is known to be kin of a pursuer."), (len(pursuers), *sorted(vouched)))


def _is_kin(attempt: Attempt, whom: str, pursuer: Pursuer) -> bool:
    """Whether the referrer, the lead or a verifier bears this pursuer's name. Answers yes or no; no name leaves the vault."""
    if whom == Vouch.For.REFERRER:
        referrers = Referrer.objects.filter(case=attempt.case)
        return any(vault.ask(_same_family, (pursuer, "name"), (referrer, "who")) for referrer in referrers)
    holders = access.holders(attempt.case.pk, Role(whom)).select_related("user")
    return any(vault.ask(partial(_same_family, grant.user.name), (pursuer, "name")) for grant in holders)


def _same_family(hunted: str, name: str) -> bool:
    """Whether two names share a family name, in whichever script, grammatical gender or order they were written."""
    return bool({_stem(word) for word in hunted.split()} & {_stem(word) for word in name.split()} - {""})


def _stem(word: str) -> str:
    folded = fold(word)
    if len(folded) < 2 or folded in PARTICLES:
        return ""
    return folded.removesuffix("a") if len(folded) > 3 else folded


def corroborated(attempt: Attempt) -> Met | Unmet:
    """Somebody who is not the lead found support for the account."""
    leads = set(access.holders(attempt.case.pk, Role.LEAD).values_list("user_id", flat=True))
    support = Corroboration.objects.filter(case=attempt.case, outcome=Corroboration.Outcome.SUPPORTS).exclude(by__in=leads)
    decides = access.may(attempt.by, attempt.step.capability, attempt.case.pk)
    if first := (support.exclude(by=attempt.by) if decides else support).first():
        return Met(_("A verifier who is not the lead supports the account."), (first.pk,))
    if support.exists():
        return Unmet(
            _("Whoever corroborated the account does not decide about it. Another coordinator accepts the case."),
            by=(Role.COORDINATOR,),
        )
    return Unmet(
        _("No verifier other than the lead has supported the account."),
        record_link(attempt, _("Record corroboration"), "corroboration"),
        (Role.VERIFIER,),
        attempt.case.stage_since,
    )


def risk_assessed(attempt: Attempt) -> Met | Unmet:
    """A risk assessment is good for 14 days."""
    since = timezone.localdate() - RISK_GOOD_FOR
    if last := RiskAssessment.objects.filter(case=attempt.case, on__gte=since).last():
        return Met(_("Risk was assessed on %(day)s.") % {"day": last.on}, (last.pk,))
    return Unmet(
        _("Risk has not been assessed in the last 14 days."),
        record_link(attempt, _("Assess risk"), "risk"),
        (Role.LEAD, Role.VERIFIER),
        attempt.case.stage_since,
    )


def check_in_plan(attempt: Attempt) -> Met | Unmet:
    """Somebody waits to hear from the person, and a word tells when something is wrong."""
    plan = CheckInPlan.objects.filter(case=attempt.case).last()
    if plan and plan.codeword and plan.duress_word:
        return Met(_("A check-in plan with codeword and duress word is in place."), (plan.pk, plan.every_hours))
    return Unmet(
        _("There is no check-in plan with a codeword and a duress word."),
        record_link(attempt, _("Plan check-ins"), "check-in-plan"),
        since=attempt.case.stage_since,
    )


def alarm_contacts(attempt: Attempt) -> Met | Unmet:
    """A lawyer, and somebody the person trusts."""
    kinds = set(AlarmContact.objects.filter(case=attempt.case).values_list("kind", flat=True))
    if AlarmContact.Kind.LAWYER in kinds and len(kinds) > 1:
        return Met(_("A lawyer and another alarm contact are named."), tuple(sorted(kinds)))
    return Unmet(
        _("Name a lawyer and one more person to call when something happens."),
        record_link(attempt, _("Name alarm contacts"), "alarm-contact"),
        since=attempt.case.stage_since,
    )

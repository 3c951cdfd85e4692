"""Before a case is accepted, and before anybody is brought out."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import kin
from relocation.journey.attempt import Attempt
from relocation.journey.codeword import plan_of
from relocation.journey.conditions import Link, Met, Unmet
from relocation.models import (
    AlarmContact,
    CaseGrant,
    Consent,
    Corroboration,
    DuplicateCheck,
    Pursuer,
    Referrer,
    RiskAssessment,
    Vouch,
)
from relocation.models.pursuit import CONFLICTS
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role

RISK_GOOD_FOR = timedelta(days=14)


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
    """Neither referrer, lead nor verifier is a known pursuer, of their name or number, unless the person vouches for that one.

    Judges whoever is on the case now, for whoever asks: yes or no, and no name leaves the vault.
    """
    nobody = _("Nobody on the case is known to be kin of a pursuer.")
    with acting_as(CONFLICTS):
        pursuers = list(Pursuer.of(attempt.case.pk))
    if not pursuers:
        return Met(nobody)
    present = _leads_and_verifiers(attempt)
    with acting_as(CONFLICTS):
        vouches, referrers = (list(model.objects.filter(case=attempt.case)) for model in (Vouch, Referrer))
    if not any(kin.is_near(pursuer, present) or kin.referred_by(pursuer) for pursuer in pursuers):
        ids = {*present, *(row.pk for row in (*pursuers, *referrers, *vouches))}
        return Met(nobody, tuple(sorted(map(str, ids))))
    return Unmet(
        _("Somebody on the case bears the name of a pursuer. Ask the person whether they vouch for them, or reassign the case."),
        record_link(attempt, _("Record what the person says"), "vouch"),
    )


def _leads_and_verifiers(attempt: Attempt) -> dict[UUID, str]:
    """Who leads or verifies the case now, by account."""
    grants = CaseGrant.objects.filter(content_object_id=attempt.case.pk, permission__codename__in=[Role.LEAD, Role.VERIFIER])
    return {grant.user_id: grant.user.name for grant in grants.select_related("user")}


def corroborated(attempt: Attempt) -> Met | Unmet:
    """A verifier who never led the case found support for the account, and is not the one who decides about it."""
    support = Corroboration.objects.filter(case=attempt.case, outcome=Corroboration.Outcome.SUPPORTS)
    support = support.filter(by__in=_ever(attempt, Role.VERIFIER)).exclude(by__in=_ever(attempt, Role.LEAD))
    decides = access.may(attempt.by, attempt.step.capability, attempt.case.pk)
    if first := (support.exclude(by=attempt.by) if decides else support).first():
        return Met(_("A verifier who is not the lead supports the account."), (first.pk,))
    if support.exists():
        return Unmet(
            _("Whoever corroborated the account does not decide about it. Another coordinator accepts the case."),
            Link(_("See who is on the case"), "desk:people", (attempt.case.pk,)),
            (Role.COORDINATOR,),
        )
    return Unmet(
        _("No verifier other than the lead has supported the account."),
        record_link(attempt, _("Record corroboration"), "corroboration"),
        (Role.VERIFIER,),
    )


def _ever(attempt: Attempt, role: Role) -> Any:
    """The accounts that hold this role on the case, or held it once."""
    return CaseGrant.ever.filter(content_object_id=attempt.case.pk, permission__codename=role).values("user_id")


def risk_assessed(attempt: Attempt) -> Met | Unmet:
    """A risk assessment is good for 14 days."""
    since = timezone.localdate() - RISK_GOOD_FOR
    if last := RiskAssessment.objects.filter(case=attempt.case, on__gte=since).last():
        return Met(_("Risk was assessed on %(day)s.") % {"day": last.on}, (last.pk,))
    return Unmet(
        _("Risk has not been assessed in the last 14 days."),
        record_link(attempt, _("Assess risk"), "risk"),
        (Role.LEAD, Role.VERIFIER),
    )


def check_in_plan(attempt: Attempt) -> Met | Unmet:
    """Somebody waits to hear from the person, and a word tells when something is wrong."""
    plan = plan_of(attempt.case)
    runs = plan is not None and (plan.ends_at is None or plan.ends_at > timezone.now())
    if plan and runs and plan.codeword and plan.duress_word:
        rests_on = (plan.pk, plan.every_hours, plan.grace_minutes, plan.starts_at, plan.ends_at)
        return Met(_("A check-in plan with codeword and duress word is in place."), rests_on)
    return Unmet(
        _("There is no check-in plan that runs, with a codeword and a duress word."),
        record_link(attempt, _("Plan check-ins"), "check-in-plan"),
    )


def alarm_contacts(attempt: Attempt) -> Met | Unmet:
    """A lawyer, and somebody the person trusts."""
    named = dict(AlarmContact.objects.filter(case=attempt.case).values_list("pk", "kind"))
    if AlarmContact.Kind.LAWYER in named.values() and len(set(named.values())) > 1:
        return Met(_("A lawyer and another alarm contact are named."), tuple(sorted(map(str, named))))
    return Unmet(
        _("Name a lawyer and one more person to call when something happens."),
        record_link(attempt, _("Name alarm contacts"), "alarm-contact"),
    )

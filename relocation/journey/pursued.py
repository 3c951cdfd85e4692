"""What is written on a case, compared with who hunts the person: everybody on it, and every number and interpreter."""

from django.utils.translation import gettext as _

from relocation.journey import kin, pursuit, recording
from relocation.journey.kin import NotAdmitted, asked, same_family
from relocation.journey.recording import NotRecorded
from relocation.models import Account, AlarmContact, CaseGrant, Channel, Consent, Pursuer
from relocation.models.phones import same_number
from relocation.models.pursuit import CONFLICTS
from relocation.safety.actor import acting_as


@recording.when_written(Pursuer)
def look_at_the_case(pursuer: Pursuer, by: Account) -> None:
    """Leave the lead a task where somebody on the case, who referred or interpreted, or a number, may be the pursuer's."""
    grants = CaseGrant.objects.filter(content_object_id=pursuer.case_id).select_related("user")
    people = {grant.user_id: grant.user.name for grant in grants}
    if kin.is_near(pursuer, people) or kin.referred_by(pursuer) or _interpreted(pursuer) or _rings(pursuer):
        pursuit.ask_to_look(pursuer.case_id)


def _interpreted(pursuer: Pursuer) -> bool:
    consents = Consent.objects.filter(case=pursuer.case_id, interpreter__isnull=False)
    return any(asked(same_family, (pursuer, "name"), (consent, "interpreter")) for consent in consents)


def _rings(pursuer: Pursuer) -> bool:
    if pursuer.phone is None:
        return False
    rows = (*Channel.objects.filter(case=pursuer.case_id), *AlarmContact.objects.filter(case=pursuer.case_id))
    return any(asked(same_number, (pursuer, "phone"), (row, "address")) for row in rows)


@recording.when_written(Channel)
@recording.when_written(AlarmContact)
def must_not_ring_a_pursuer(row: Channel | AlarmContact, by: Account) -> None:
    """Nobody rings a pursuer. Raises `NotRecorded`; nothing is kept then."""
    with acting_as(CONFLICTS):
        ringing = Pursuer.of(row.case_id).filter(phone__isnull=False)
        rung = any(asked(same_number, (pursuer, "phone"), (row, "address")) for pursuer in ringing)
    if rung:
        sentence = _("This number is noted as one of somebody who looks for the person. Ask them for another way to reach them.")
        raise NotRecorded(row.case_id, f"record.{row._meta.model_name}", by.pk, sentence)


@recording.when_written(Consent)
def interpreter_must_suit(consent: Consent, by: Account) -> None:
    """What was said through a pursuer's kin is no consent. Raises `NotAdmitted`; nothing is kept then."""
    if consent.interpreter is None:
        return
    with acting_as(CONFLICTS):
        pursuers = list(Pursuer.of(consent.case_id))
        near = any(asked(same_family, (pursuer, "name"), (consent, "interpreter")) for pursuer in pursuers)
    if near:
        sentence = _("This interpreter does not suit this person. Let somebody else interpret, and ask the person again.")
        raise NotAdmitted(consent.case_id, "consent.interpreter", by.pk, sentence)

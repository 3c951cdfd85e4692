"""Triage of many referrals at once: each gets a lead, through the same door as one, and a place in a wave if one is named."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from relocation.journey import waves
from relocation.journey.referring import name_lead, tell_lead
from relocation.journey.waves import Joined
from relocation.models import Account, Case, CaseGrant, Part, Stage, Wave
from relocation.safety import access, ledger
from relocation.safety.policy import Role
from relocation.safety.refusal import Refusal


@dataclass
class Dealt:
    """Who leads whom from now on, whom none of the leads could take, and who joined the wave."""

    led: list[tuple[Case, Account]] = field(default_factory=list)
    refused: list[Case] = field(default_factory=list)
    joined: Joined = field(default_factory=Joined)


def without_lead(by: Account) -> QuerySet[Case]:
    """Referrals that `by` coordinates and nobody leads, whoever has waited longest first."""
    leads = CaseGrant.objects.filter(content_object=OuterRef("pk"), permission__codename=Role.LEAD)
    referred = access.permitted(by, "case.assign").filter(stage=Stage.REFERRED)
    return referred.exclude(Exists(leads)).order_by("created_at", "code")


def leads(by: Account) -> list[Account]:
    """Who may be named: everybody at the desk of the organisation but `by`, since nobody lets themselves in."""
    desk = Account.objects.filter(organisation=by.organisation_id, part=Part.DESK, is_active=True)
    return list(desk.exclude(pk=by.pk).order_by("name"))


def loads(by: Account) -> Counter[UUID]:
    """How many of the cases that `by` coordinates each account leads."""
    coordinated = access.grants(by, "case.assign").values("content_object_id")
    held = CaseGrant.objects.filter(permission__codename=Role.LEAD, content_object__in=coordinated)
    return Counter(held.values_list("user_id", flat=True))


def deal(case_ids: Iterable[UUID], among: Sequence[Account], *, by: Account, reason: str, wave: Wave | None = None) -> Dealt:
    """Name a lead for each of these referrals, always whoever leads fewest; then put those who have one into `wave`.

    Whoever may not lead somebody, since the person bars them or a pursuer bears their name, is passed over for that person.
    Cases that have a lead meanwhile are left alone. Raises `Denied` and `NotInWave` for a wave that `by` may not fill.
    """
    dealt, loaded, wanted = Dealt(), loads(by), set(case_ids)
    with transaction.atomic():
        _lock(wanted, by)
        for case in without_lead(by).filter(pk__in=wanted):
            fewest_first = sorted(among, key=lambda lead: loaded[lead.pk])
            lead = next((lead for lead in fewest_first if _takes(lead, case, by, reason)), None)
            if lead is None:
                dealt.refused.append(case)
                continue
            loaded[lead.pk] += 1
            dealt.led.append((case, lead))
        for lead in {lead.pk: lead for _case, lead in dealt.led}.values():
            tell_lead(lead, by=by)
        if wave and dealt.led:
            dealt.joined = waves.add(wave, [case.pk for case, _lead in dealt.led], by=by)
    return dealt


def _lock(case_ids: Collection[UUID], by: Account) -> None:
    """Of two who deal the same referrals at once, the second finds the leads whom the first has named."""
    found = Case.objects.visible_to(by).filter(pk__in=case_ids).order_by("pk")
    found.select_for_update(no_key=True).in_bulk()


def _takes(lead: Account, case: Case, by: Account, reason: str) -> bool:
    """Whether the case has this lead now; a refusal is an entry of the ledger, as it is when one is named alone."""
    try:
        with transaction.atomic():
            name_lead(case.pk, lead, by=by, reason=reason)
    except Refusal as refusal:
        ledger.keep(refusal)
        return False
    return True

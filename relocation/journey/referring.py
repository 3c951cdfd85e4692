"""How a case is born: one transaction writes every compartment once, and whoever enters it becomes its coordinator."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from relocation.journey import chains
from relocation.models import (
    Account,
    Case,
    Channel,
    Claim,
    Consent,
    DuplicateCheck,
    Identity,
    Organisation,
    Referrer,
    Whereabouts,
)
from relocation.models.dates import tells_a_minor
from relocation.models.outbox import put
from relocation.safety import access, keys, ledger, vault
from relocation.safety.policy import Role

CONSENT_FOR = timedelta(days=365)
BIRDS = (
    "Avocet Bittern Bunting Curlew Dipper Dunlin Dunnock Egret Fieldfare Gadwall Garganey Godwit Goldcrest Grebe Harrier "
    "Heron Hobby Jackdaw Kestrel Kinglet Kittiwake Knot Lapwing Linnet Magpie Martin Merlin Nightjar Nuthatch Oriole "
    "Osprey Ouzel Petrel Pipit Plover Pochard Ptarmigan Redshank Redstart Robin Sanderling Sandpiper Serin Shoveler Siskin "
    "Skylark Snipe Starling Stilt Stonechat Swift Teal Tern Thrush Turnstone Twite Wagtail Warbler Wheatear Whimbrel "
    "Whinchat Wigeon Wren Wryneck"
)
ALIASES = BIRDS.split()


class AlreadyKnown(Exception):
    """This referral has been imported before, by somebody of this organisation."""


@dataclass(frozen=True)
class NewCase:
    """What a referral tells; all but the consent may be missing. `material` makes the same referral recognisable.

    `like_nobody`: it was compared with everybody whom the importer may know, and resembles none of them.
    """

    consent_given_on: date
    alias: str = ""
    surname: str = ""
    given_names: str = ""
    patronymic: str = ""
    birth: str = ""
    phone: str = ""
    place: str = ""
    languages: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    household_size: int = 1
    is_minor: bool = False
    danger: str = ""
    referred_by: str = ""
    like_nobody: bool = False
    material: bytes = field(default=b"", repr=False)


def refer(new: NewCase, *, by: Account) -> Case:
    """Open a case at `referred`. Raises `AlreadyKnown` for a referral imported before, ValueError without organisation."""
    if by.organisation is None:
        raise ValueError("Only somebody of an organisation opens a case.")
    case = Case(
        organisation=by.organisation,
        created_by=by,
        alias=new.alias or new_alias(),
        languages=list(new.languages),
        needs=list(new.needs),
        household_size=new.household_size,
        is_minor=new.is_minor or tells_a_minor(new.birth),
        origin=_origin(by.organisation, new.material),
    )
    keys.new_key(case.pk)
    try:
        with transaction.atomic():
            access.admit(by, Role.COORDINATOR, case.pk, by=by, reason="referral")
            case.save(force_insert=True)
            _write_compartments(case, new, by)
            ledger.record("case.referred", case.pk, by=by, stage=case.stage, standing=case.standing)
            if new.referred_by:
                chains.quarantine(case.pk, case.organisation_id)
            return Case.objects.visible_to(by).get(pk=case.pk)
    except Exception as error:  # whatever it was, no key is left behind of a case that was not born
        vault.shred(case.pk)
        if isinstance(error, IntegrityError) and "origin" in str(error):
            raise AlreadyKnown from None
        raise


def _origin(organisation: Organisation, material: bytes) -> bytes | None:
    return keys.keyed_digest(organisation.pk, "referral", material) if material else None


def known_origins(materials: Iterable[bytes], organisation: Organisation, *, by: Account) -> set[bytes]:
    """Which of these referrals are already cases that `by` may open."""
    return set(known_cases(materials, organisation, by=by))


def known_cases(materials: Iterable[bytes], organisation: Organisation, *, by: Account) -> dict[bytes, Case]:
    """The cases that `by` may open and that came from these referrals."""
    digests = {_origin(organisation, m): m for m in materials}
    found = Case.objects.visible_to(by).filter(origin__in=[d for d in digests if d])
    return {digests[bytes(case.origin)]: case for case in found if case.origin}


def new_alias() -> str:
    """A neutral word; two cases may share one, since the code tells them apart."""
    return secrets.choice(ALIASES)


def _write_compartments(case: Case, new: NewCase, by: Account) -> None:
    rows = [
        Identity(
            case=case,
            by=by,
            surname=new.surname,
            given_names=new.given_names,
            patronymic=new.patronymic,
            birth=new.birth,
        ),
        Claim(case=case, by=by, danger=new.danger),
        Consent(
            case=case,
            by=by,
            purpose="contact",
            given_on=new.consent_given_on,
            expires_on=new.consent_given_on + CONSENT_FOR,
        ),
    ]
    rows += [Channel(case=case, by=by, address=new.phone)] if new.phone else []
    rows += [Whereabouts(case=case, by=by, place=new.place)] if new.place else []
    rows += [Referrer(case=case, by=by, who=new.referred_by)] if new.referred_by else []
    rows += [DuplicateCheck(case=case, by=by)] if new.like_nobody else []
    for row in rows:
        row.save(force_insert=True)


def assign(case_id: UUID, lead: Account, *, by: Account, reason: str) -> None:
    """A coordinator names the lead, who is told; whoever led before is let go."""
    with transaction.atomic():
        name_lead(case_id, lead, by=by, reason=reason)
        tell_lead(lead, by=by, case=case_id)


def tell_lead(lead: Account, *, by: Account, case: UUID | None = None) -> None:
    """Tell somebody that they lead a case, or several: a mail names none, so one is enough for many."""
    moment = timezone.now().timestamp()
    put("tell_assigned", by=by, key=f"{case or 'many'}:{lead.pk}:{moment}", account=lead.pk, case=case)


def name_lead(case_id: UUID, lead: Account, *, by: Account, reason: str) -> None:
    """Name the lead without telling them. Raises `Denied`, and what the judges of a grant raise."""
    with transaction.atomic():
        Case.objects.visible_to(by).select_for_update(no_key=True).filter(pk=case_id).first()
        access.require(by, "case.assign", case_id)
        for grant in access.holders(case_id, Role.LEAD).exclude(user=lead).select_related("user"):
            access.dismiss(grant.user, Role.LEAD, case_id, by=by)
        if not access.holders(case_id, Role.LEAD).filter(user=lead).exists():
            access.admit(lead, Role.LEAD, case_id, by=by, reason=reason)
        ledger.record("case.assigned", case_id, by=by, about=lead.pk, detail=timezone.now().date().isoformat())

"""Who answers for access: circles of cases by code, as custodians and coordinators may see them, and what they do with them.

The database answers (`harbour_circles`): a custodian sees no alias, no reason, no row of a case.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey.silence import silent, unsaid_grants
from relocation.models import Account, CaseGrant, DutyShift, Office
from relocation.models.outbox import put
from relocation.safety import access, ledger
from relocation.safety.policy import FOR_ONE, Role
from relocation.safety.questions import answer, answers, rows
from relocation.safety.refusal import Denied, Refusal


class NotGiven(Refusal):
    """Access stays as it is, and why."""

    kind = "not_given"


@dataclass(frozen=True)
class Held:
    """One live grant: whose, as what, on which case (its code), since and until when (UTC), and when somebody looked at it."""

    case_id: UUID
    code: str
    pk: UUID
    account: Account
    role: Role
    since: datetime
    until: datetime
    giver: Account
    scoped: bool
    looked_at: datetime | None

    @property
    def seen_at(self) -> datetime:
        """When somebody last decided about it: it was given, or kept."""
        return self.looked_at or self.since

    @property
    def renews(self) -> bool:
        """Whether it is given for a term of its own, not for one stay, leg or dossier."""
        return self.role not in FOR_ONE


@dataclass(frozen=True)
class Circle:
    """Everybody who may open one case; perhaps nobody."""

    case_id: UUID
    code: str
    held: list[Held]


def is_custodian(account: Account) -> bool:
    """Whether this account gives access, and reads nothing."""
    return account.is_active and Office.CUSTODIAN in account.offices


def find(code: str, *, by: Account) -> Circle | None:
    """The circle of the case with exactly this code; None where there is none that `by` answers for."""
    wanted = code.strip().upper()
    found = rows("SELECT case_id, code FROM harbour_circles(%s) LIMIT 1", wanted)
    return Circle(found[0][0], found[0][1], circles(by, wanted)) if found else None


def circles(by: Account, code: str | None = None) -> list[Held]:
    """Every live grant that `by` answers for, by account; what a silent alarm brought is not told to whoever caused it."""
    found = rows("SELECT * FROM harbour_circles(%s) WHERE number IS NOT NULL", code)
    people = Account.objects.in_bulk({row[3] for row in found} | {row[7] for row in found})
    unsaid = _unsaid(by)
    held = [_held(row, people) for row in found if row[2] not in unsaid]
    return sorted(held, key=lambda one: (str(one.account), one.code, one.role))


def _held(row: Sequence[Any], people: Mapping[UUID, Account]) -> Held:
    case_id, code, number, account, role, since, until, giver, scoped, looked_at = row
    return Held(case_id, code, number, people[account], Role(role), since, until, people[giver], scoped, looked_at)


def _unsaid(by: Account) -> set[UUID]:
    cases = [alarm.case for alarm in silent(by).select_related("case")]
    return {grant.pk for case in cases for grant in CaseGrant.objects.filter(unsaid_grants(case, by), content_object_id=case.pk)}


def without_coordinator() -> list[str]:
    """Codes of the acting custodian's cases for which nobody answers beyond a shift."""
    return answers("SELECT code FROM harbour_without_coordinator()")


def unwarned() -> list[tuple[str, datetime]]:
    """Codes of the acting custodian's cases of which something goes (UTC) and nobody who could keep it longer was warned."""
    return [(code, goes_at) for code, goes_at in rows("SELECT code, goes_at FROM harbour_unwarned()")]


def let_in(circle: Circle, account: Account, role: Role, *, by: Account, reason: str) -> CaseGrant:
    """Let in anybody but oneself; a new lead takes the place of the one before. Raises `Denied`, `NotGiven`, `NotAdmitted`."""
    with transaction.atomic():
        if not is_custodian(by) or role in FOR_ONE or account.pk == by.pk:
            raise Denied(circle.case_id, f"admit.{role}", by.pk)
        held_now = _held_still(circle, by)
        if any(held.account == account and held.role == role for held in held_now):
            raise NotGiven(circle.case_id, f"admit.{role}", by.pk, _("They already are that here."))
        if role == Role.LEAD:
            _let_go([held.pk for held in held_now if held.role == Role.LEAD])
        grant = _admit(account, role, circle.case_id, by, reason)
        if role == Role.LEAD:
            _assigned(grant, account, by)
        return grant


def _held_still(circle: Circle, by: Account) -> list[Held]:
    """The circle as it is once nobody else changes it: two who name a lead at once would else name two."""
    hold_still([circle.case_id])
    return circles(by, circle.code)


def hold_still(cases: Collection[UUID]) -> None:
    """Lock cases that the acting custodian answers for, until the transaction ends."""
    answer("SELECT harbour_hold_still(%s)", [*cases])


def _assigned(grant: CaseGrant, lead: Account, by: Account) -> None:
    """A case is led by somebody else: the history says so, and they are told that something waits."""
    ledger.record("case.assigned", grant.content_object_id, by=by, about=lead.pk, detail=timezone.localdate().isoformat())
    put("tell_assigned", by=by, key=f"let in:{grant.pk}", account=lead.pk)


def _admit(account: Account, role: Role, case_id: UUID, by: Account, reason: str) -> CaseGrant:
    try:
        with transaction.atomic():
            return access.admit(account, role, case_id, by=by, reason=reason)
    except IntegrityError as error:
        if "one_live_grant" not in str(error):
            raise
        raise NotGiven(case_id, f"admit.{role}", by.pk, _("They already are that here.")) from None


def renew(held: Held, *, by: Account) -> CaseGrant:
    """Let somebody stay for the role's whole term from now on, never oneself. Raises `Denied`, `NotAdmitted`."""
    with transaction.atomic():
        if not held.renews or not _let_go([held.pk]):
            raise Denied(held.case_id, f"renew.{held.role}", by.pk)
        return access.admit(held.account, held.role, held.case_id, by=by, reason="renewed")


def end(those: Iterable[Held], *, by: Account) -> int:
    """End grants now; returns how many. Raises `Denied`, and `NotGiven` where nobody would answer for a case any more."""
    those = list(those)
    with transaction.atomic():
        if alone := left_alone(those, circles(by)):
            sentence = _("Nobody else coordinates %(codes)s. Let another coordinator in there first.")
            raise NotGiven(by.pk, "dismiss.coordinator", by.pk, sentence % {"codes": ", ".join(alone)})
        ended = _let_go([held.pk for held in those])
        if not is_custodian(by) or ended < len(those):
            raise Denied(by.pk, "dismiss", by.pk)
        return ended


def keep(those: Iterable[Held], *, by: Account) -> int:
    """Note that somebody looked at these and left them as they are; one's own are passed over. Returns how many."""
    with transaction.atomic():
        return int(answer("SELECT harbour_keep(%s)", [held.pk for held in those]))


def left_alone(gone: Iterable[Held], every: Iterable[Held]) -> list[str]:
    """Codes of cases that would have no coordinator beyond a shift once these grants are gone."""
    going, called = {held.pk for held in gone}, _called()
    lasting = [h for h in every if h.role == Role.COORDINATOR and (h.account.pk, h.until) not in called and h.account.is_active]
    kept = {held.case_id for held in lasting if held.pk not in going}
    return sorted({held.code for held in lasting if held.pk in going and held.case_id not in kept})


def _called() -> set[tuple[UUID, datetime]]:
    """Who was called to a case for a shift, and until when."""
    return set(DutyShift.objects.annotate(who=F("account_id")).values_list("who", "ends_at"))


def _let_go(numbers: list[UUID]) -> int:
    return int(answer("SELECT count(*) FROM harbour_let_go(%s)", numbers))

"""Somebody leaves: what they hold is handed over in one go, their account is closed, and their sessions are dead."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import custody, kin
from relocation.journey.custody import Held
from relocation.models import Account, Part
from relocation.models.outbox import put
from relocation.safety import access, ledger
from relocation.safety.policy import FOR_ONE, Role
from relocation.safety.questions import answer
from relocation.safety.refusal import Denied, Refusal

# Nobody verifies what they lead.
NOT_BOTH = {Role.LEAD: Role.VERIFIER, Role.VERIFIER: Role.LEAD}


class NotHandedOver(Refusal):
    """Nobody has left, nothing has changed, and why."""

    kind = "not_handed_over"


@dataclass(frozen=True)
class Line:
    """One grant of the leaver: who takes it, or nobody; and what is in the way."""

    held: Held
    heir: Account | None
    obstacle: str = ""


@dataclass(frozen=True)
class Plan:
    """All of it, as it is previewed and then done. `obstacle` is in the way of the whole."""

    leaver: Account
    lines: list[Line]
    obstacle: str = ""

    @property
    def obstacles(self) -> list[str]:
        return [said for said in (self.obstacle, *(line.obstacle for line in self.lines)) if said]

    @property
    def digest(self) -> str:
        """What was previewed, so that nothing else is done."""
        told = [f"{line.held.pk}:{line.heir.pk if line.heir else ''}" for line in self.lines]
        return hashlib.sha256("|".join([str(self.leaver.pk), *sorted(told)]).encode()).hexdigest()


def plan(leaver: Account, heir: Account, *, by: Account, new_lead: Account | None = None) -> Plan:
    """Who takes what; `new_lead` takes what the leaver leads. Hosts, escorts and officers are found anew by each case's lead."""
    every = custody.circles(by)
    leads = new_lead or heir
    held = [one for one in every if one.account == leaver]
    heirs = {role: leads if role == Role.LEAD else heir for role in Role}
    lines = [_line(one, heirs, every) for one in held]
    return Plan(leaver, lines, _in_the_way(leaver, [heir, *([new_lead] if new_lead else [])], by))


def _line(held: Held, heirs: Mapping[Role, Account], every: list[Held]) -> Line:
    heir = heirs[held.role]
    if held.role in FOR_ONE or any(h.account == heir and h.role == held.role and h.case_id == held.case_id for h in every):
        return Line(held, None)
    if other := _checks_themselves(held, heirs, every):
        return Line(held, heir, other)
    home = {heir.organisation.pk: heir.organisation.name} if heir.organisation else {}
    with_kin = held.role not in kin.JUDGED_LATER
    if kin.may_come(held.case_id, {heir.pk: heir.name}, home, kin=with_kin):
        return Line(held, heir)
    sentence = _("%(name)s cannot take over %(code)s. Let somebody else in there first, and end what is handed over there.")
    return Line(held, heir, sentence % {"name": heir, "code": held.code})


def _checks_themselves(held: Held, heirs: Mapping[Role, Account], every: list[Held]) -> str:
    """Why the heir cannot take this: they would verify a case that they lead. Empty where they would not."""
    heir, other = heirs[held.role], NOT_BOTH.get(held.role)
    if other is None:
        return ""
    there = [h for h in every if h.case_id == held.case_id and h.role == other]
    if any(h.account == heir or (h.account == held.account and heirs[other] == heir) for h in there):
        sentence = _(
            "%(name)s would both lead %(code)s and verify it. Let somebody else in there first, and end what is handed over."
        )
        return sentence % {"name": heir, "code": held.code}
    return ""


def _in_the_way(leaver: Account, heirs: list[Account], by: Account) -> str:
    if by.pk in (leaver.pk, *(heir.pk for heir in heirs)):
        return _("Neither your own access nor access for yourself is handed over here. Ask another custodian.")
    if leaver in heirs:
        return _("Choose somebody other than the one who leaves.")
    for heir in heirs:
        if not heir.is_active or heir.part != Part.DESK or heir.organisation_id != by.organisation_id:
            return _("%(name)s does not work at a desk of your organisation. Choose somebody who does.") % {"name": heir}
    return ""


def hand_over(agreed: Plan, heir: Account, *, by: Account, reason: str, new_lead: Account | None = None) -> Plan:
    """Do what was previewed, all of it or nothing. Raises `Denied`, `NotHandedOver`."""
    with transaction.atomic():
        leaver = _leaver(agreed.leaver, by)
        custody.hold_still({line.held.case_id for line in agreed.lines})
        now = plan(leaver, heir, by=by, new_lead=new_lead)
        if now.obstacles:
            raise NotHandedOver(leaver.pk, "leave", by.pk, " ".join(now.obstacles))
        if now.digest != agreed.digest:
            sentence = _("What is handed over has changed since you looked. Look at it again.")
            raise NotHandedOver(leaver.pk, "leave", by.pk, sentence)
        for line in now.lines:
            _give(line, by, reason)
        _close(leaver, by, reason)
        _tell({line.heir for line in now.lines if line.heir}, leaver, by)
        return now


def _leaver(leaver: Account, by: Account) -> Account:
    """The account as it is now, locked. Raises `Denied` for whoever is not the custodian of its organisation."""
    found = Account.objects.select_for_update().filter(pk=leaver.pk, organisation=by.organisation_id, is_active=True).first()
    if found is None or not custody.is_custodian(by) or found.part == Part.SYSTEM:
        raise Denied(leaver.pk, "leave", by.pk)
    return found


def _give(line: Line, by: Account, reason: str) -> None:
    if line.heir is not None:
        access.admit(line.heir, line.held.role, line.held.case_id, by=by, reason=reason)
    if line.heir is not None and line.held.role == Role.LEAD:
        ledger.record("case.assigned", line.held.case_id, by=by, about=line.heir.pk, detail=timezone.localdate().isoformat())


def _close(leaver: Account, by: Account, reason: str) -> None:
    """End all that is left, also on cases of other organisations; a closed account has no session."""
    answer("SELECT count(*) FROM harbour_let_all_go(%s)", leaver.pk)
    Account.objects.filter(pk=leaver.pk).update(is_active=False)
    ledger.record("account.closed", leaver.pk, by=by, about=leaver.pk)


def _tell(heirs: set[Account], leaver: Account, by: Account) -> None:
    for heir in heirs:
        put("tell_assigned", by=by, key=f"left:{leaver.pk}:{heir.pk}", account=heir.pk)

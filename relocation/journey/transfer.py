"""Handing a case over to another organisation: offered to one coordinator there, taken back or answered, good for 14 days.

By accepting, the receiver becomes the coordinator and everybody of the old organisation is out, in one transaction. Nobody but
the database could do that (`harbour_accept`): the receiver sees none of those grants.
"""

from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import kin
from relocation.models import Account, Case, CaseGrant, Consent, Part, Transfer
from relocation.models.outbox import put
from relocation.safety import access, ledger, vault
from relocation.safety.questions import answer, answers
from relocation.safety.refusal import Denied, Refusal

GOOD_FOR = timedelta(days=14)


class NotTransferred(Refusal):
    """The case stays where it is, and why."""

    kind = "not_transferred"


def receivers(case: Case) -> QuerySet[Account]:
    """People at the desks of organisations that the person agreed to be handed over to."""
    organisations = Consent.for_organisations(case.pk, Consent.Purpose.HANDOVER).values("organisation")
    found = Account.objects.filter(organisation__in=organisations, part=Part.DESK, is_active=True)
    return found.exclude(organisation=case.organisation_id).select_related("organisation").order_by("organisation__name", "name")


def offer(case: Case, to: Account, *, by: Account, words: str) -> Transfer:
    """Offer the case to somebody's organisation. Raises `Denied`, and `NotTransferred` saying what is missing."""
    with transaction.atomic():
        case = _locked(case.pk, by)
        consent = _must_be_possible(case, to, by)
        _clear_past(case.pk, by)
        offered = Transfer(
            case=case, by=by, to=to, organisation=consent.organisation, consent=consent, covers=consent.data, code=case.code,
            words=words, expires_at=timezone.now() + GOOD_FOR,
        )  # fmt: skip
        offered.save(force_insert=True)
        ledger.record("transfer.offered", case.pk, by=by, about=to.pk)
        put("tell_assigned", by=by, key=f"transfer:{offered.pk}", account=to.pk)
        return offered


def _locked(case_id: UUID, by: Account) -> Case:
    case = Case.objects.visible_to(by).select_for_update(of=("self",), no_key=True).filter(pk=case_id).first()
    if case is None or not access.may(by, "case.assign", case_id) or case.organisation_id != by.organisation_id:
        raise Denied(case_id, "transfer", by.pk)
    return case


def _clear_past(case_id: UUID, by: Account) -> None:
    """Offers that nobody answered in time are taken back; the ledger says so of each."""
    past = Transfer.objects.filter(case=case_id, state=Transfer.State.OFFERED, expires_at__lte=timezone.now())
    for pk in list(past.values_list("pk", flat=True)):
        past.filter(pk=pk).update(state=Transfer.State.REVOKED, answered_by=by, answered_at=timezone.now())
        ledger.record("transfer.revoked", case_id, by=by, about=pk, detail="ran out")


def _must_be_possible(case: Case, to: Account, by: Account) -> Consent:
    """The consent that covers it. Raises `NotTransferred`."""
    consent = Consent.for_organisations(case.pk, Consent.Purpose.HANDOVER).filter(organisation=to.organisation_id).first()
    obstacle = ""
    if consent is None:
        obstacle = _("The person has not agreed to be handed over to this organisation. Record their consent first.")
    elif not to.is_active or to.part != Part.DESK or to.organisation_id == case.organisation_id:
        obstacle = _("Choose a coordinator of the other organisation.")
    elif not kin.may_come(case.pk, {to.pk: to.name}, _home(to)):
        obstacle = kin.not_welcome(to)
    elif any(offered.is_open for offered in Transfer.objects.filter(case=case)):
        obstacle = _("The case is offered to somebody already. Take that offer back first.")
    if consent is None or obstacle:
        raise NotTransferred(case.pk, "offer", by.pk, obstacle)
    return consent


def _home(account: Account) -> dict[UUID, str]:
    return {account.organisation.pk: account.organisation.name} if account.organisation else {}


def accept(transfer_id: UUID, *, by: Account) -> Transfer:
    """Take the case over. Raises `Denied` for everybody else, `NotTransferred` where it cannot be accepted any more."""
    with transaction.atomic():
        offered = to_me(transfer_id, by=by)
        if obstacle := in_the_way(offered):
            raise NotTransferred(offered.case_id, "accept", by.pk, obstacle)
        if not kin.may_come(offered.case_id, {by.pk: by.name}, _home(by)):
            raise NotTransferred(offered.case_id, "accept", by.pk, _over())
        _accepted(offered, by)
        put("tell_assigned", by=by, key=f"transfer:{offered.pk}:accepted", account=offered.by_id)
        return offered


def _accepted(offered: Transfer, by: Account) -> None:
    """The reason of the new grant is sealed before the database writes it."""
    grant = CaseGrant(pk=uuid4(), content_object_id=offered.case_id, reason="handed over")
    why = CaseGrant._meta.get_field("reason").pre_save(grant, add=True)
    answer("SELECT harbour_accept(%s, %s, %s)", offered.pk, grant.pk, why.raw)


def in_the_way(offered: Transfer) -> str:
    """Why the receiver, who acts, cannot accept; empty where they can."""
    said = answers("SELECT harbour_acceptable(%s)", offered.pk)
    return "" if said == [""] else _no_consent() if said == ["consent"] else _over()


def _over() -> str:
    return _("This offer is over. Ask whoever made it, if you still expect the case.")


def _no_consent() -> str:
    return _("The person’s consent to this is not in force any more. Whoever offered the case has to ask them again.")


def decline(transfer_id: UUID, *, by: Account, reason: str) -> Transfer:
    """Say no, and why. Raises `Denied`, and `NotTransferred` where the offer is over."""
    with transaction.atomic():
        offered = to_me(transfer_id, by=by)
        if not offered.is_open:
            raise NotTransferred(offered.case_id, "decline", by.pk, _over())
        return _answered(offered, Transfer.State.DECLINED, by, reason, tell=offered.by_id)


def take_back(transfer_id: UUID, *, by: Account) -> Transfer:
    """Take an offer back before it is accepted; any coordinator of the case may. Raises `Denied`, `NotTransferred`."""
    with transaction.atomic():
        offered = Transfer.objects.filter(pk=transfer_id).first()
        if offered is None:
            raise Denied(transfer_id, "transfer", by.pk)
        _locked(offered.case_id, by)
        offered = Transfer.objects.select_for_update(of=("self",)).filter(pk=transfer_id, state=Transfer.State.OFFERED).first()
        if offered is None:
            raise NotTransferred(transfer_id, "take_back", by.pk, _("This offer has been answered already."))
        return _answered(offered, Transfer.State.REVOKED, by, "", tell=offered.to_id)


def _answered(offered: Transfer, state: Transfer.State, by: Account, reason: str, *, tell: UUID) -> Transfer:
    offered.state, offered.answered_by, offered.answered_at, offered.answer = state, by, timezone.now(), reason
    offered.save(update_fields=["state", "answered_by", "answered_at", "answer"])
    ledger.record(f"transfer.{state}", offered.case_id, by=by, about=offered.pk, reason=reason)
    put("tell_assigned", by=by, key=f"transfer:{offered.pk}:{state}", account=tell)
    return offered


def to_me(transfer_id: UUID, *, by: Account) -> Transfer:
    """An offer made to this account, locked while it is open. Raises `Denied` for everybody else's."""
    mine = Transfer.objects.filter(pk=transfer_id, to=by)
    if not by.is_active or not mine.exists():
        raise Denied(transfer_id, "transfer", by.pk)
    locked = mine.select_for_update(of=("self",)).select_related("by", "organisation").first()
    return locked or mine.select_related("by", "organisation").get()


def offered_to(account: Account) -> QuerySet[Transfer]:
    """Offers that this account may answer now."""
    open_ones = Transfer.objects.filter(to=account, state=Transfer.State.OFFERED, expires_at__gt=timezone.now())
    return open_ones.select_related("by", "by__organisation").order_by("at")


def words_of(offered: Transfer, *, by: Account) -> str:
    """What the receiver must know, for the receiver alone, before the case is open to them. Raises `Denied`."""
    return vault.read_kept(offered, "words", by=by)["words"].decode()

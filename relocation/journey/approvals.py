"""The second person: asked for, given or declined, and void once anything that was approved has changed."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import on_call
from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Judgement, Met, Unmet
from relocation.journey.facts import in_words, kept, told_again
from relocation.models import Account, Approval, Case
from relocation.models.outbox import put
from relocation.safety import access, ledger, vault
from relocation.safety.policy import Compartment, Role
from relocation.safety.refusal import Denied

GOOD_FOR = timedelta(hours=72)
LOOK_FOR = timedelta(minutes=30)
LOCATION = "reveal.location"
# Who may ask about what is not a step.
MAY_ASK = {LOCATION: f"{Compartment.LOCATION}.reveal_together", "release.dossier": "paper.issue"}


def ask(attempt: Attempt, judged: Iterable[Judgement], *, reason: str, session: str = "") -> Approval:
    """Ask for a second person's word on a step whose own conditions are met; the people on call are let in to give it."""
    rests_on, told = attempt.rests_on(judged), "\n".join(filter(None, [reason, in_words(attempt.facts)]))
    return _open(
        attempt.case,
        attempt.step.capability,
        rests_on,
        by=attempt.by,
        reason=told or str(attempt.step.label),
        session=session,
        facts=kept(attempt.facts),
    )


def ask_about(
    case: Case, what: str, rests_on: bytes, *, by: Account, reason: str, about: UUID | None = None, session: str = ""
) -> Approval:
    """Ask for a second person's word on something that is not a step: a look at the location, the release of a dossier."""
    access.require(by, MAY_ASK[what], case.pk)
    return _open(case, what, rests_on, by=by, reason=reason, about=about, session=session)


def _open(
    case: Case,
    what: str,
    rests_on: bytes,
    *,
    by: Account,
    reason: str,
    about: UUID | None = None,
    session: str = "",
    facts: str = "",
) -> Approval:
    with transaction.atomic():
        Case._base_manager.select_for_update().get(pk=case.pk)
        Approval.objects.filter(case=case, what=what, by=by, given=None).delete()  # asked anew: only one stands
        approval = Approval(
            case=case, by=by, what=what, about=about, rests_on=rests_on, reason=reason, facts=facts, session=_digest(session),
            expires_at=timezone.now() + GOOD_FOR,
        )  # fmt: skip
        approval.save(force_insert=True)
        on_call.let_in(case, by=by, reason=f"asked for a second person: {what}")
        ledger.record("approval.asked", case.pk, by=by, about=approval.pk, detail=what, reason=reason)
        put("tell_approvers", by=by, key=str(approval.pk), approval=approval.pk, case=case.pk)
        return approval


def answer(approval_id: UUID, *, given: bool, by: Account, session: str = "", reason: str = "") -> Approval:
    """Give or decline. Raises `Denied` for whoever asked, for the asker's device session, and for whoever is no coordinator."""
    with transaction.atomic():
        approval = Approval.objects.select_for_update().filter(pk=approval_id).first()
        if approval is None:
            raise Denied(approval_id, "approve", by.pk)
        if approval.by_id == by.pk:
            raise Denied(approval.case_id, "approve.own", by.pk)
        access.require(by, "approve", approval.case_id)
        if session and bytes(approval.session) == _digest(session):
            raise Denied(approval.case_id, "approve.same_session", by.pk)
        if approval.given is not None or approval.expires_at <= timezone.now():
            raise Denied(approval.case_id, "approve.over", by.pk)
        approval.decided_by, approval.decided_at, approval.given = by, timezone.now(), given
        approval.save(update_fields=["decided_by", "decided_at", "given"])
        what = "approval.given" if given else "approval.declined"
        ledger.record(what, approval.case_id, by=by, about=approval.pk, detail=approval.what, reason=reason)
        put("tell_asker", by=by, key=str(approval.pk), approval=approval.pk, case=approval.case_id)
        return approval


def use(attempt: Attempt, judged: Iterable[Judgement]) -> Unmet | None:
    """Use up a given approval of exactly this attempt; otherwise say what is missing."""
    return use_about(attempt.case, f"step.{attempt.step.name}", attempt.rests_on(judged), asker=attempt.by)


def use_about(case: Case, what: str, rests_on: bytes, *, asker: Account) -> Unmet | None:
    """As `use`, for what is not a step."""
    standing = state(case, what, rests_on, asker=asker)
    if isinstance(standing, Unmet):
        return standing
    Approval.objects.filter(pk=standing.rests_on[0]).update(used_at=timezone.now())
    return None


def state(case: Case, what: str, rests_on: bytes, *, asker: Account) -> Met | Unmet:
    """Whether somebody agreed to exactly this, or is being waited for."""
    last, by = asked(case, what, asker=asker), (Role.COORDINATOR,)
    if last is None:
        return Unmet(_("A second person must agree: another coordinator, on the case or on call."), by=by)
    if last.given is None:
        return Unmet(_("Waiting for a second person. You cannot agree with yourself."), by=by, since=last.at)
    if not last.given:
        return Unmet(_("%(name)s did not agree.") % {"name": last.decided_by}, by=by, since=last.decided_at)
    if bytes(last.rests_on) != rests_on:
        return Unmet(_("What was agreed to has changed since. Ask again."), by=by, since=last.decided_at)
    return Met(_("%(name)s agreed.") % {"name": last.decided_by}, (last.pk,))


def asked(case: Case, what: str, *, asker: Account) -> Approval | None:
    """The newest question of `asker` that is neither used up nor over, answered or not."""
    standing = Approval.objects.filter(case=case, what=what, by=asker, used_at=None, expires_at__gt=timezone.now())
    return standing.select_related("decided_by").order_by("at").last()


def facts_of(approval: Approval, kind: type, secrets: Mapping[str, Any], *, by: Account) -> Any:
    """The facts as they were when `approval` was asked for; `secrets` gives once more what was not kept. Raises `Denied`."""
    text = vault.read(approval, "facts", by=by, purpose="take the step as agreed")["facts"]
    return told_again(kind, text, secrets)


def reason_of(approval: Approval, *, by: Account) -> str:
    """Why somebody asks, for whoever answers or asked. Raises `Denied`."""
    return vault.read(approval, "reason", by=by, purpose="why a second person is asked")["reason"]


def agreed_to_look(case_id: UUID, *, by: Account) -> bool:
    """Whether a second person agreed in the last 30 minutes that `by` looks at the location."""
    since = timezone.now() - LOOK_FOR
    return Approval.objects.filter(case_id=case_id, what=LOCATION, by=by, given=True, decided_at__gte=since).exists()


def waiting_for(account: Account) -> QuerySet[Approval]:
    """Open questions that this account may answer."""
    cases = access.permitted(account, "approve")
    open_ones = Approval.objects.filter(given=None, expires_at__gt=timezone.now(), case__in=cases)
    return open_ones.exclude(by=account).select_related("case", "by").order_by("at")


def _digest(session: str) -> bytes:
    return hashlib.sha256(session.encode()).digest()

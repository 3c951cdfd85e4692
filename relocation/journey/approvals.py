"""The second person: asked for, given or declined, and void once anything that was approved has changed."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
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
from relocation.models import Account, Approval, Case, Whereabouts
from relocation.models.offers import Offers
from relocation.models.outbox import put
from relocation.safety import access, keys, ledger, vault
from relocation.safety.policy import Compartment, Role
from relocation.safety.refusal import Denied, Refusal

GOOD_FOR = timedelta(hours=72)
LOOK_FOR = timedelta(minutes=30)
LOCATION = "reveal.location"

# Who may ask about what is not a step.
MAY_ASK = {LOCATION: f"{Compartment.LOCATION}.reveal_together", "release.dossier": "paper.issue"}
MAY_ASK |= dict.fromkeys(("erase.demand", "erase.over", "keep.longer"), "case.assign")
MAY_ASK["expense.book"] = f"{Compartment.MONEY}.write"

Settles = Callable[[Approval, Account], None]
SETTLED: Offers[Settles] = Offers("the approvals")


def settles(what: str) -> Callable[[Settles], Settles]:
    """An upper room offers to carry out at once, in the same transaction, what was answered: nobody goes on from there."""
    return SETTLED.under(what)


class NotAnswered(Refusal):
    """A colleague may not ask or answer here and now, and why. Nothing has changed."""

    kind = "not_answered"


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
        facts=json.dumps({"reason": reason, "facts": kept(attempt.facts)}),
    )


def ask_about(
    case: Case, what: str, rests_on: bytes, *, by: Account, reason: str, about: UUID | None = None, session: str = ""
) -> Approval:
    """Ask for a second person's word on something that is not a step: the release of a dossier, a look at the location."""
    access.require(by, MAY_ASK[what], case.pk)
    return _open(case, what, rests_on, by=by, reason=reason, about=about, session=session)


def ask_to_look(case: Case, *, by: Account, reason: str, session: str = "") -> Approval:
    """Ask whether `by` may look at where the person is now. Raises `Denied`, and `NotAnswered` where no place is recorded."""
    if (newest := _newest_place(case.pk)) is None:
        raise NotAnswered(case.pk, "ask.location", by.pk, _("No place has been recorded yet."))
    return ask_about(case, LOCATION, newest.bytes, by=by, reason=reason, session=session)


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
        Case._base_manager.select_for_update(no_key=True).get(pk=case.pk)
        _must_name_device(session, case.pk, "ask", by)
        # Asked anew: only one stands.
        Approval.objects.filter(case=case, what=what, about=about, by=by, given=None).delete()
        approval = Approval(
            case=case, by=by, what=what, about=about, rests_on=_kept(case.pk, rests_on), reason=reason, facts=facts,
            session=_digest(session), expires_at=timezone.now() + GOOD_FOR,
        )  # fmt: skip
        approval.save(force_insert=True)
        on_call.let_in(case, by=by, reason=f"asked for a second person: {what}")
        ledger.record("approval.asked", case.pk, by=by, about=approval.pk, detail=what, reason=reason)
        put("tell_approvers", by=by, key=str(approval.pk), approval=approval.pk, case=case.pk)
        return approval


def answer(approval_id: UUID, *, given: bool, by: Account, session: str = "", reason: str = "") -> Approval:
    """Give or decline. Raises `Denied` for whoever is no coordinator; `NotAnswered` for the asker, their device, or too late."""
    with transaction.atomic():
        _lock_case_of(approval_id)
        approval = open_question(approval_id, by=by)
        _must_name_device(session, approval.case_id, "approve", by)
        if bytes(approval.session) == _digest(session):
            sentence = _("This was asked on the same device. Answer it on a device of your own.")
            raise NotAnswered(approval.case_id, "approve.same_device", by.pk, sentence)
        approval.decided_by, approval.decided_at, approval.given = by, timezone.now(), given
        approval.save(update_fields=["decided_by", "decided_at", "given"])
        what = "approval.given" if given else "approval.declined"
        ledger.record(what, approval.case_id, by=by, about=approval.pk, detail=approval.what, reason=reason)
        if settle := SETTLED.get(approval.what):
            settle(approval, by)
        put("tell_asker", by=by, key=str(approval.pk), approval=approval.pk, case=approval.case_id)
        return approval


def _lock_case_of(approval_id: UUID) -> None:
    """Whoever is let go in the same moment answers before that, or not at all. The case first, as those who ask lock it."""
    asked = Approval.objects.filter(pk=approval_id).values("case_id")
    Case._base_manager.select_for_update(no_key=True).filter(pk__in=asked).first()


def open_question(approval_id: UUID, *, by: Account) -> Approval:
    """A question that `by` may answer now, locked for the transaction. Raises `Denied`, and `NotAnswered` saying why not."""
    approval = Approval.objects.select_for_update(of=("self",)).filter(pk=approval_id).select_related("case", "by").first()
    if approval is None:
        raise Denied(approval_id, "approve", by.pk)
    if approval.by_id == by.pk:
        sentence = _("You asked this yourself: somebody else must answer.")
        raise NotAnswered(approval.case_id, "approve.own", by.pk, sentence)
    access.require(by, "approve", approval.case_id)
    if approval.given is not None:
        raise NotAnswered(approval.case_id, "approve.over", by.pk, _("This question has been answered already."))
    if approval.expires_at <= timezone.now():
        sentence = _("This question is too old to be answered. Whoever needs it asks again.")
        raise NotAnswered(approval.case_id, "approve.over", by.pk, sentence)
    return approval


def use(attempt: Attempt, judged: Iterable[Judgement]) -> Unmet | None:
    """Use up a given approval of exactly this attempt; otherwise say what is missing."""
    return use_about(attempt.case, f"step.{attempt.step.name}", attempt.rests_on(judged), asker=attempt.by)


def use_about(case: Case, what: str, rests_on: bytes, *, asker: Account, about: UUID | None = None) -> Unmet | None:
    """As `use`, for what is not a step."""
    standing = state(case, what, rests_on, asker=asker, about=about)
    if isinstance(standing, Unmet):
        return standing
    Approval.objects.filter(pk=standing.rests_on[0]).update(used_at=timezone.now())
    return None


def state(case: Case, what: str, rests_on: bytes, *, asker: Account, about: UUID | None = None) -> Met | Unmet:
    """Whether somebody agreed to exactly this, or is being waited for."""
    last = asked(case, what, asker=asker, about=about)
    return _standing(last, last is not None and bytes(last.rests_on) == _kept(case.pk, rests_on))


def seen(attempt: Attempt, judged: Iterable[Judgement]) -> Met | Unmet:
    """As `state`, for a page that nobody typed a reason on yet: judged with the one that was agreed to, which stays sealed."""
    last = asked(attempt.case, attempt.step.capability, asker=attempt.by)
    if last is None:
        return _standing(None, same=False)
    return _standing(last, vault.ask(partial(_covers, bytes(last.rests_on), attempt, list(judged)), (last, "facts")))


def word(attempt: Attempt) -> Met | Unmet:
    """As `seen`, where the facts are not told yet: whether somebody was asked, and what they said."""
    return _standing(asked(attempt.case, attempt.step.capability, asker=attempt.by), same=True)


def _covers(rests_on: bytes, attempt: Attempt, judged: list[Judgement], as_asked: str) -> bool:
    as_agreed = replace(attempt, reason=json.loads(as_asked)["reason"])
    return rests_on == _kept(attempt.case.pk, as_agreed.rests_on(judged))


def _standing(last: Approval | None, same: bool) -> Met | Unmet:
    by = (Role.COORDINATOR,)
    if last is None:
        return Unmet(_("A second person must agree: another coordinator, on the case or on call."), by=by)
    if last.given is None:
        return Unmet(_("Waiting for a second person. You cannot agree with yourself."), by=by, since=last.at)
    if not last.given:
        return Unmet(_("%(name)s did not agree.") % {"name": last.decided_by}, by=by, since=last.decided_at)
    if not same:
        return Unmet(_("What was agreed to has changed since. Ask again."), by=by, since=last.decided_at)
    return Met(_("%(name)s agreed.") % {"name": last.decided_by}, (last.pk,))


def asked(case: Case, what: str, *, asker: Account, about: UUID | None = None) -> Approval | None:
    """The newest question of `asker`, about this very row where it is about one, that is neither used up nor over."""
    now = timezone.now()
    standing = Approval.objects.filter(case=case, what=what, about=about, by=asker, used_at=None, expires_at__gt=now)
    return standing.select_related("decided_by").order_by("at").last()


def facts_of(approval: Approval, kind: type, secrets: Mapping[str, Any], *, by: Account) -> Any:
    """The facts as they were when `approval` was asked for; `secrets` gives once more what was not kept. Raises `Denied`."""
    return told_again(kind, _as_asked(approval, by)["facts"], secrets)


def grounds_of(approval: Approval, *, by: Account) -> str:
    """The reason as it was typed when `approval` was asked for; the step is taken with it. Raises `Denied`."""
    return _as_asked(approval, by)["reason"]


def _as_asked(approval: Approval, by: Account) -> dict[str, str]:
    text = vault.read(approval, "facts", by=by, purpose="take the step as agreed")["facts"]
    told: dict[str, str] = json.loads(text)
    return told


def reason_of(approval: Approval, *, by: Account) -> str:
    """Why somebody asks, for whoever answers or asked. Raises `Denied`."""
    return vault.read(approval, "reason", by=by, purpose="why a second person is asked")["reason"]


def agreed_to_look(case_id: UUID, *, by: Account) -> bool:
    """Whether a second person agreed in the last 30 minutes that `by` looks at the newest place."""
    return look_given(case_id, by=by) is not None


def look_given(case_id: UUID, *, by: Account) -> Approval | None:
    """What was agreed to in the last 30 minutes; void once another place was recorded."""
    newest = _newest_place(case_id)
    if newest is None:
        return None
    since, rests_on = timezone.now() - LOOK_FOR, _kept(case_id, newest.bytes)
    given = Approval.objects.filter(case_id=case_id, what=LOCATION, by=by, given=True, decided_at__gte=since)
    return given.filter(rests_on=rests_on).select_related("decided_by").order_by("at").last()


def _newest_place(case_id: UUID) -> UUID | None:
    return Whereabouts.objects.filter(case_id=case_id).order_by("at").values_list("pk", flat=True).last()


def waiting_for(account: Account) -> QuerySet[Approval]:
    """Open questions that this account may answer."""
    cases = access.permitted(account, "approve")
    open_ones = Approval.objects.filter(given=None, expires_at__gt=timezone.now(), case__in=cases)
    return open_ones.exclude(by=account).select_related("case", "by").order_by("at")


def _must_name_device(session: str, case_id: UUID, what: str, by: Account) -> None:
    if not session:
        sentence = _("This browser is not known yet. Sign out, sign in again, and try once more.")
        raise NotAnswered(case_id, f"{what}.no_device", by.pk, sentence)


def _kept(case_id: UUID, rests_on: bytes) -> bytes:
    """As it is stored: under the case's key, so that nobody guesses from a dump what was approved."""
    return keys.keyed_digest(case_id, "approval", rests_on)


def _digest(session: str) -> bytes:
    return hashlib.sha256(session.encode()).digest()

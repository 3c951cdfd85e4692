"""After a duress word: whoever typed it is shown what they would be shown after the codeword, until the alarm is settled."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from relocation.models import Account, Alarm, Case, LedgerEntry, Standing
from relocation.safety.policy import Role

# Ways to be compromised that everybody hears of.
SAID_ALOUD = ("step.compromise", "step.set_free")
# An alarm is raised, and heard of again by whoever comes on call later.
HEARD_AGAIN = "alarm.heard_again"
RAISED = ("alarm.raised", HEARD_AGAIN)
MENDS = "step.make_safe"


def silent(account: Account) -> QuerySet[Alarm]:
    """Alarms of duress words that were given to this account, and that nobody has settled yet."""
    return Alarm.objects.filter(kind=Alarm.Kind.DURESS, by=account, closed_at=None)


def in_silence(case: Case, by: Account) -> bool:
    """Whether `by` was given a duress word on this case, and the people on call have not settled the alarm yet."""
    return silent(by).filter(case=case).exists()


def shown_standing(case: Case, by: Account) -> Standing:
    """The standing as `by` may see it."""
    standing = Standing(case.standing)
    if standing is not Standing.COMPROMISED or not in_silence(case, by):
        return standing
    return _after_the_codeword(case.pk)


def shown_standings(account: Account) -> dict[UUID, Standing]:
    """The standings of those cases that `account` may not see as they are."""
    cases = silent(account).filter(case__standing=Standing.COMPROMISED).values_list("case_id", flat=True).distinct().order_by()
    return {case_id: _after_the_codeword(case_id) for case_id in cases}


def _after_the_codeword(case_id: UUID) -> Standing:
    """What the case would be: found again it is active; otherwise it is what it was before it fell silent."""
    fell = ""
    told = LedgerEntry.objects.filter(case_id=case_id).exclude(standing="").order_by("-seq")
    for what, standing in told.values_list("what", "standing").iterator():
        if standing != Standing.COMPROMISED:
            return Standing.ACTIVE if fell == "step.find_again" else Standing(standing)
        fell = what
        if fell in SAID_ALOUD:
            break
    return Standing.COMPROMISED


def unsaid(case: Case, by: Account) -> Q:
    """Entries of the ledger that would tell `by` of the silent alarm: the alarm, whom it let in, and what they do about it."""
    hidden = Q(pk__in=[])
    for raised in _entries(case, by):
        since, quietly = Q(seq__gt=raised.seq), _given(raised, by)
        aloud = _given_aloud(raised, by)
        hidden |= Q(pk=raised.pk) | Q(what="grant.given", actor_id=by.pk, txid=raised.txid, seq__gt=raised.seq)
        hidden |= Q(what="grant.ended", actor_id=by.pk, about__in=quietly.values("about"), txid__in=aloud.values("txid"))
        hidden |= since & Q(actor_id__in=_unseen(raised, by))
        hidden |= since & _mends() & ~Q(actor_id=by.pk)
    return hidden


def _mends() -> Q:
    """What coordinators do to make a case safe again."""
    return Q(what__endswith=MENDS) | Q(detail=MENDS)


def unsaid_grants(case: Case, by: Account) -> Q:
    """Grants on the case that were born of the silent alarm."""
    hidden = Q(pk__in=[])
    for raised in _entries(case, by):
        hidden |= Q(granted_by=by, user__in=_unseen(raised, by), permission__codename=Role.COORDINATOR)
    return hidden


def is_unseen(account: Account, case: Case, by: Account) -> bool:
    """Whether somebody was let in by a silent alarm alone, so that `by` sees nothing of them."""
    return any(_unseen(raised, by).filter(about=account.pk).exists() for raised in _entries(case, by))


def _given(raised: LedgerEntry, by: Account) -> QuerySet[LedgerEntry]:
    """Whom the alarm let in, in its own transaction."""
    given = LedgerEntry.objects.filter(case_id=raised.case_id, what="grant.given", detail=Role.COORDINATOR, actor_id=by.pk)
    return given.filter(txid=raised.txid, seq__gt=raised.seq)


def _given_aloud(raised: LedgerEntry, by: Account) -> QuerySet[LedgerEntry]:
    """Whom `by` has let in since for another reason, which everybody may see."""
    later = LedgerEntry.objects.filter(case_id=raised.case_id, what="grant.given", actor_id=by.pk, seq__gt=raised.seq)
    quiet = LedgerEntry.objects.filter(case_id=raised.case_id, what__in=RAISED, about=raised.about)
    return later.exclude(txid__in=quiet.values("txid"))


def _unseen(raised: LedgerEntry, by: Account) -> QuerySet[LedgerEntry, Any]:
    aloud = _given_aloud(raised, by).values("about")
    return _given(raised, by).exclude(about__in=aloud).values_list("about", flat=True)


def _entries(case: Case, by: Account) -> Iterator[LedgerEntry]:
    alarms = list(silent(by).filter(case=case).values_list("pk", flat=True))
    if alarms:
        yield from LedgerEntry.objects.filter(case_id=case.pk, what__in=RAISED, about__in=alarms).defer("reason")

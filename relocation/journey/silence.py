"""After a duress word: whoever typed it is shown what they would be shown after the codeword, until the alarm is settled."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q, QuerySet

from relocation.models import Account, Alarm, Case, LedgerEntry, Standing
from relocation.safety.policy import Role

# Ways to be compromised that everybody hears of.
SAID_ALOUD = ("step.compromise", "step.set_free")


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
    """Entries of the ledger that would tell `by` of the silent alarm: the alarm itself, and whom it let in."""
    hidden = Q(pk__in=[])
    for raised in _entries(case, by):
        hidden |= Q(pk=raised.pk) | Q(what="grant.given", actor_id=by.pk, txid=raised.txid, seq__gt=raised.seq)
    return hidden


def unsaid_grants(case: Case, by: Account) -> Q:
    """Grants on the case that were born of the silent alarm."""
    hidden = Q(pk__in=[])
    for raised in _entries(case, by):
        given = LedgerEntry.objects.filter(what="grant.given", actor_id=by.pk, txid=raised.txid, seq__gt=raised.seq)
        let_in = given.filter(case_id=case.pk, detail=Role.COORDINATOR).values("about")
        hidden |= Q(granted_by=by, user__in=let_in, permission__codename=Role.COORDINATOR)
    return hidden


def _entries(case: Case, by: Account) -> Iterator[LedgerEntry]:
    alarms = list(silent(by).filter(case=case).values_list("pk", flat=True))
    if alarms:
        yield from LedgerEntry.objects.filter(case_id=case.pk, what="alarm.raised", about__in=alarms).defer("reason")

"""After a duress word: the pages of the case look as they would after the codeword, to whoever typed it."""

from relocation.models import Account, Alarm, Case, Standing


def in_silence(case: Case, by: Account) -> bool:
    """Whether `by` was given a duress word on this case, and the people on call have not settled the alarm yet."""
    return Alarm.objects.filter(case=case, kind=Alarm.Kind.DURESS, by=by, closed_at=None).exists()


def shut(case: Case, by: Account) -> Standing | None:
    """Why the way is not open, as `by` may see it; None where it is."""
    standing = Standing(case.standing)
    if standing is Standing.COMPROMISED and in_silence(case, by):
        return None
    return None if standing is Standing.ACTIVE else standing

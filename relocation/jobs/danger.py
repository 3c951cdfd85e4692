"""Telling those who watch that something happened which must not wait: two others, never whoever caused it."""

from django.conf import settings
from django.db.models import Q

from relocation.jobs.telling import NobodyHeard, can_mail, tell
from relocation.journey import on_call
from relocation.models import Account, Office, Outbox
from relocation.models.outbox import job, put
from relocation.safety.questions import answers

WANTED = 2  # people


@job("tell_danger")
def tell_danger(row: Outbox) -> None:
    """A mail to each of them, and the operator's alarm command. Raises `NobodyHeard` where they cannot be reached at all."""
    told = [account for account in watching(row) if account.email and can_mail()]
    if not told and not settings.HARBOUR_ALARM_COMMAND:
        raise NobodyHeard
    for account in told:
        put("mail_on_call", by=row.originator, key=f"{row.pk}:{account.pk}", account=account.pk)
    put("ring_on_call", by=row.originator, key=f"danger:{row.pk}")


@job("tell_case")
def tell_case(row: Outbox) -> None:
    """Everybody at a desk who works on the case, but for whoever caused it."""
    named = Account.objects.filter(pk__in=_named("desk_of", row.ids["case"]), is_active=True)
    tell(named.exclude(pk=row.ids["about"]))


def watching(row: Outbox) -> list[Account]:
    """Who is on call; where these are fewer than two, also the case's coordinators and the access custodians."""
    found = [shift.account for shift in on_call.shifts()]
    if len([account for account in found if str(account.pk) != row.ids.get("about")]) < WANTED:
        others = Q(pk__in=_named("coordinators", row.ids.get("case"))) | Q(offices__contains=[Office.CUSTODIAN])
        found += Account.objects.filter(others, is_active=True).order_by("pk")
    return list(dict.fromkeys(account for account in found if str(account.pk) != row.ids.get("about")))


def _named(question: str, case_id: str | None) -> list[str]:
    return answers(f"SELECT harbour_{question}(%s)", case_id)

"""The door of referral chains: everybody who came through somebody is compromised or marked, and so is whoever still comes."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from relocation.journey import burned
from relocation.journey.kin import is_called
from relocation.models import Account, BurnedChain, Referrer
from relocation.models.pursuit import CONFLICTS
from relocation.safety import ledger, vault
from relocation.safety.actor import acting_as
from relocation.safety.questions import answer, answers, one_at_a_time
from relocation.safety.refusal import Denied

NotSafe = burned.NotSafe
PRESSED = 17  # the lock of those who press at once


def answers_for(by: Account) -> bool:
    """Whether the acting account is on call, or coordinates, in an organisation."""
    return bool(by.organisation_id and answer("SELECT harbour_answers_for(%s)", by.organisation_id))


def standing() -> list[BurnedChain]:
    """The chains that are burned now, as far as the acting account may know."""
    return list(BurnedChain.objects.filter(undone_at=None).select_related("by", "asked_by"))


def burn_chain(who: str, *, by: Account, reason: str) -> BurnedChain:
    """Whoever is called `who`, in whichever script, is no longer safe. Raises `Denied`; ValueError without name or reason.

    Names are compared in the vault, as the sweep of conflicts; nobody learns more than how many cases it touches. Whoever says
    the same again finds it done.
    """
    if not (who.strip() and reason.strip()):
        raise ValueError("Say who, and why.")
    with transaction.atomic():
        if by.organisation is None or not answers_for(by):
            raise Denied(by.pk, "chain.burn", by.pk)
        one_at_a_time(by.organisation.pk, PRESSED)
        if found := _same(who):
            return found
        row = BurnedChain(organisation=by.organisation, by=by, who=who.strip(), reason=reason)
        row.save(force_insert=True)
        ledger.record("chain.burned", row.organisation_id, by=by, about=row.pk, reason=reason)
        _sweep(row, _through(row))
        return row


def quarantine(case_id: UUID, organisation_id: UUID) -> bool:
    """Whether a case that is being born came through a burned chain: then nobody goes on with it before two people agree."""
    if not answer("SELECT harbour_any_chain(%s)", organisation_id):
        return False
    with acting_as(CONFLICTS):
        chains = list(BurnedChain.objects.filter(organisation=organisation_id, undone_at=None))
        came = [row for row in chains if _came_through(row, [case_id])]
    for row in came:
        _sweep(row, [case_id])
    return bool(came)


def safe_again(row: BurnedChain, *, by: Account, reason: str, device: str) -> bool:
    """Say that a chain is safe after all, or agree to it as the second person within 72 hours, on a device of one's own.

    The cases stay as they are: each is made safe by whoever answers for it. Raises `Denied`, `NotSafe`, ValueError.
    """
    if not reason.strip():
        raise ValueError("Say why.")
    with transaction.atomic():
        return burned.say_safe("harbour_unburn_chain", row.pk, row.organisation_id, "chain", by=by, reason=reason, device=device)


def counted(row: BurnedChain) -> int:
    """How many cases it touches, of one's own and of others'."""
    return int(answer("SELECT harbour_chain_counted(%s)", row.pk))


def _same(who: str) -> BurnedChain | None:
    """A chain that is burned already under exactly this name."""
    wanted = who.strip()
    return next((row for row in standing() if vault.ask(lambda told: told == wanted, (row, "who"))), None)


def _through(row: BurnedChain) -> list[UUID]:
    """The cases that came through it."""
    with acting_as(CONFLICTS):
        cases = answers("SELECT harbour_chain_cases(%s)", row.pk)
        return _came_through(row, cases)


def _came_through(row: BurnedChain, cases: Collection[UUID]) -> list[UUID]:
    found = []
    for referrer in Referrer.objects.filter(case__in=cases):
        try:
            if vault.ask(is_called, (referrer, "who"), (row, "who")):
                found.append(referrer.case_id)
        except vault.Gone:  # erased meanwhile
            continue
    return list(dict.fromkeys(found))


def _sweep(row: BurnedChain, cases: Iterable[UUID]) -> None:
    """Through the door of the journey, as the account that is named for it."""
    by, reason = burned.sweep(), _("Whoever referred the person is no longer safe.")
    with acting_as(by.pk):
        for case_id in answers("SELECT harbour_enter_chain(%s, %s)", row.pk, list(cases)):
            burned.touch(case_id, row.pk, by=by, reason=reason)
        burned.leave(row.pk, by=by)

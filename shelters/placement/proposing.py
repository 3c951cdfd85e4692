"""The doors of a proposal: ask for it, have it made, stop it, accept what it says. Nothing is held before somebody accepts."""

from collections.abc import Iterable
from datetime import date
from datetime import time as clock
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F
from django.utils.translation import gettext as _

from relocation.models import Account, Case, Outbox, Wave
from relocation.models.outbox import done, job, put
from relocation.safety import access, ledger
from relocation.safety.refusal import Denied, Refusal
from shelters.models import Offered, Proposal, Seeker
from shelters.placement.fitness import Fit, fit
from shelters.placement.holding import hold_together
from shelters.placement.openings import openings

SEES = "location.reveal_together"  # who may know the codes of the houses where somebody could stay
MOST = 300  # people of one proposal
ORDERED, READY = Proposal.State.ORDERED, Proposal.State.READY

Households = dict[UUID, list[Case]]


class TooMany(Refusal):
    """Too many people at once, or nobody."""

    kind = "too_many"


class NotYours(Refusal):
    """Somebody else leads one of them."""

    kind = "not_yours"


def ask(
    token: UUID,
    case_ids: Iterable[UUID],
    nights: tuple[date, date],
    arrives: tuple[clock, clock],
    *,
    by: Account,
    wave: Wave | None = None,
) -> Proposal:
    """Have places proposed for these people; the same token asks once. Raises `Denied`, `TooMany`."""
    wanted = set(case_ids)
    with transaction.atomic():
        cases = list(access.permitted(by, SEES).filter(pk__in=wanted).order_by("alias"))
        if missing := wanted - {case.pk for case in cases}:
            raise Denied(min(missing), "proposal", by.pk)
        if not 0 < len(cases) <= MOST:
            raise TooMany(by.pk, "proposal", by.pk, _("Choose somebody, and no more than 300 people at once."))
        made = Proposal(pk=token, by=by, wave=wave, nights=DateRange(*nights))
        made.arrives_from, made.arrives_until = arrives
        if (before := Proposal.objects.filter(pk=token).first()) is not None:
            return before
        made.save(force_insert=True)
        for case in cases:
            Seeker(case=case, by=by, proposal=made, together=case.household_id or case.pk).save(force_insert=True)
        put("propose", by=by, key=str(made.pk), proposal=made.pk)
        return made


def halt(proposal_id: UUID, *, by: Account) -> None:
    """Stop looking for better; the best found so far is kept. Raises `Denied` for whoever did not ask."""
    with transaction.atomic():
        if not Proposal.objects.filter(pk=proposal_id, by=by).update(halted=True):
            raise Denied(by.pk, "proposal", by.pk)


@job("propose", whole=False, slow=True)
def propose(row: Outbox) -> None:
    """Make a proposal. Broken off, it begins anew: nothing is written before all of it is known."""
    from shelters.placement.solving import solved  # only workers load what it counts with

    by = row.originator
    with transaction.atomic():
        made = Proposal.objects.filter(pk=row.ids["proposal"], by=by, state=ORDERED).first()
        households = _households(made, by) if made else {}
        fits = _fits(households, made, by) if made else []
    if made is None:
        return
    homes, gap = solved(list(households.values()), fits, made)
    with transaction.atomic():
        locked = Proposal.objects.select_for_update().filter(pk=made.pk, state=ORDERED).first()
        if locked:
            _write(locked, households, fits, homes, by)
            Proposal.objects.filter(pk=made.pk).update(state=READY, part=F("parts"), gap=gap)
        done(row)


def _households(made: Proposal, by: Account) -> Households:
    """Who travels together, as far as `by` may still see them; the others are left out."""
    seekers = list(Seeker.objects.filter(proposal=made))
    cases = access.permitted(by, SEES).in_bulk([seeker.case_id for seeker in seekers])
    found: Households = {}
    for seeker in sorted(seekers, key=lambda one: str(one.together)):
        if seeker.case_id in cases:
            found.setdefault(seeker.together, []).append(cases[seeker.case_id])
    return found


def _fits(households: Households, made: Proposal, by: Account) -> list[list[Fit]]:
    nights = (made.nights.lower, made.nights.upper)
    offered = openings(*nights)
    return [[fit(people, opening, nights, by) for opening in offered] for people in households.values()]


def _write(made: Proposal, households: Households, fits: list[list[Fit]], homes: list[int | None], by: Account) -> None:
    for (together, people), row, home in zip(households.items(), fits, homes, strict=True):
        why = "" if home is not None else Offered.Why.FULL if any(one.score for one in row) else Offered.Why.UNFIT
        house = None if home is None else row[home].house
        for case in people:
            offer = Offered(case=case, by=by, proposal=made, together=together, people=len(people), house=house, why=why)
            offer.save(force_insert=True)


def accept(proposal_id: UUID, together: UUID, *, by: Account) -> bool:
    """Hold what is proposed for one household, whole, through the door of the houses; whether anything was held by this.

    Accepted again it changes nothing. Raises `Denied`, `NotYours`, and what the door raises: then nobody of them is held.
    """
    with transaction.atomic():
        offers, made = _locked(proposal_id, together, by)
        if all(offer.stay_id for offer in offers):
            return False
        house = offers[0].house
        if house is None:
            raise Denied(offers[0].case_id, "proposal.accept", by.pk)
        people, nights = [offer.case for offer in offers], (made.nights.lower, made.nights.upper)
        stays = hold_together(people, house, nights, (made.arrives_from, made.arrives_until), by=by)
        for offer, stay in zip(offers, stays, strict=True):
            Offered.objects.filter(pk=offer.pk).update(stay=stay, refused="")
        return True


def accept_all(proposal_id: UUID, *, by: Account) -> tuple[int, int]:
    """Accept every household that `by` may place, each by itself: how many were held, and how many had become impossible."""
    with transaction.atomic():
        mine = Offered.objects.filter(proposal=proposal_id, stay=None, case__in=access.permitted(by, "place"))
        # in the order of houses, so that two who accept at once wait for each other in one order
        keys = dict.fromkeys(mine.exclude(house=None).order_by("house", "together").values_list("together", flat=True))
    held = refused = 0
    for together in keys:
        try:
            held += accept(proposal_id, together, by=by)
        except Denied:
            raise
        except Refusal as refusal:
            ledger.keep(refusal)
            note_refused(proposal_id, together, refusal, by=by)
            refused += 1
    return held, refused


def note_refused(proposal_id: UUID, together: UUID, refusal: Refusal, *, by: Account) -> None:
    """What became impossible is said beside it from now on."""
    with transaction.atomic():
        mine = Offered.objects.filter(proposal=proposal_id, together=together, stay=None)
        mine.filter(case__in=access.permitted(by, "place")).update(refused=refusal.kind[:20])


def _locked(proposal_id: UUID, together: UUID, by: Account) -> tuple[list[Offered], Proposal]:
    """All offers of one household, each of which `by` may accept. Raises `Denied`, `NotYours`."""
    seen = Offered.objects.filter(proposal=proposal_id, together=together, case__in=access.permitted(by, SEES))
    shown = list(seen)
    if not shown:
        raise Denied(by.pk, "proposal.accept", by.pk)
    mine = seen.filter(case__in=access.permitted(by, "place"))
    offers = list(mine.select_for_update(of=("self",)).select_related("case", "house", "proposal").order_by("pk"))
    if len(offers) < shown[0].people:
        sentence = _("Whoever leads the case accepts it: for people who travel together, one person who leads all of them.")
        raise NotYours(shown[0].case_id, "proposal.accept", by.pk, sentence)
    return offers, offers[0].proposal
